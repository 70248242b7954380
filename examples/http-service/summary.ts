/** The computing of the service: plain functions on temperatures in °C. */

export interface Summary {
  readonly count: number;
  readonly mean: number;
  readonly lowest: number;
  readonly highest: number;
}

/** @throws RangeError when there are no readings. */
export function summarise(readings: readonly number[]): Summary {
  if (readings.length === 0) throw new RangeError('no readings to summarise');
  const sum = readings.reduce((total, reading) => total + reading, 0);
  return {
    count: readings.length,
    mean: sum / readings.length,
    lowest: Math.min(...readings),
    highest: Math.max(...readings),
  };
}

/** One summary of all that the given ones cover. */
export function combine(summaries: readonly Summary[]): Summary {
  const count = summaries.reduce((total, summary) => total + summary.count, 0);
  return {
    count,
    mean: summaries.reduce((total, summary) => total + summary.mean * summary.count, 0) / count,
    lowest: Math.min(...summaries.map(({ lowest }) => lowest)),
    highest: Math.max(...summaries.map(({ highest }) => highest)),
  };
}
