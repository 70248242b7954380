export function StatechartView() {
  return null;
}
