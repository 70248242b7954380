/** The steps of the pipeline. Each takes all that it needs as arguments, so that its text stands for it. */
import { setTimeout as sleep } from 'node:timers/promises';

/** The mean of a month's days; slow, as if there was much to compute. */
export async function meanOfMonth(_month: string, days: Float64Array): Promise<number> {
  await sleep(10);
  return days.reduce((sum, day) => sum + day, 0) / days.length;
}

export function meanOfYear(_year: string, months: readonly number[]): number {
  return months.reduce((sum, month) => sum + month, 0) / months.length;
}

export function report(years: readonly number[]): string {
  return years.map((mean) => mean.toFixed(3)).join(' ');
}
