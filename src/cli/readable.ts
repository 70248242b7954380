/** Sizes and ages for a reader at a terminal, one unit each. */

const SIZE_UNITS = ['B', 'kB', 'MB', 'GB'];

/** Seconds in each unit of an age, the largest first. */
const AGE_UNITS: readonly (readonly [seconds: number, unit: string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
];

/** Bytes in units of 1,000, with three digits: `17 B`, `2.1 MB`. @internal */
export function readableSize(bytes: number): string {
  const power = Math.min(SIZE_UNITS.length - 1, Math.max(0, Math.floor((String(bytes).length - 1) / 3)));
  return `${Number((bytes / 1_000 ** power).toPrecision(3))} ${SIZE_UNITS[power]}`;
}

/** Seconds in the largest unit that they fill, without the rest: `12 s`, `3 h`; what lies in the future is `0 s` old. @internal */
export function readableAge(seconds: number): string {
  const [length, unit] = AGE_UNITS.find(([least]) => seconds >= least) ?? [1, 's'];
  return `${Math.max(0, Math.floor(seconds / length))} ${unit}`;
}
