export function Selection() {
  return null;
}
