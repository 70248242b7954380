/** How numbers and times are written. Times of frames are tenths of a millisecond plus 1. */

const WHOLE = new Intl.NumberFormat('en');

export const count = (value: number): string => WHOLE.format(value);

/** `1 task`, `2 tasks`. */
export const many = (value: number, one: string, more = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : more}`;

/** Milliseconds since the recording began. */
export const msOf = (time: number): number => (time - 1) / 10;

/** A length of time, in at most two units: `0.3 ms`, `420 ms`, `4.20 s`, `3 min 5 s`, `2 h 4 min`. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return '–';
  if (ms < 10) return `${Math.max(0, ms).toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 9995) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return joined(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 48 * 60) return joined(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  return joined(Math.floor(minutes / 1440), 'd', Math.floor((minutes % 1440) / 60), 'h');
}

const joined = (large: number, unit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${smallUnit}`;

/** The time since the recording began, as on a clock: `0:04.217`, `1:02:03.500`. */
export function clock(time: number): string {
  const ms = Math.max(0, Math.round(msOf(time)));
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const tail = `${pad(seconds % 60, 2)}.${pad(ms % 1000, 3)}`;
  return minutes < 60 ? `${minutes}:${tail}` : `${Math.floor(minutes / 60)}:${pad(minutes % 60, 2)}:${tail}`;
}

const pad = (value: number, digits: number): string => String(value).padStart(digits, '0');

/** A rate: `12.5 a second`, `3.0 a minute`. */
export function rate(perSecond: number): string {
  if (perSecond === 0) return 'none';
  if (perSecond >= 100) return `${count(Math.round(perSecond))} a second`;
  if (perSecond >= 1) return `${perSecond.toFixed(1)} a second`;
  return `${(perSecond * 60).toFixed(1)} a minute`;
}

export const percent = (part: number, whole: number): string =>
  whole === 0 ? '0 %' : `${((part / whole) * 100).toFixed(part > 0 && part < whole ? 1 : 0)} %`;

/** A message as a sentence: it begins with a capital letter and ends with a full stop. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  return `${trimmed.charAt(0).toUpperCase()}${trimmed.slice(1)}${/[.!?:]$/.test(trimmed) ? '' : '.'}`;
}
