/** The wording of values in messages: short, for any value, and without ever throwing. */

/** One short line about any thrown value. @internal */
export function describe(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  try {
    return String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

/** A longer value is cut to this many characters. */
const MOST_SHOWN = 100;

/** A value given in place of a valid one: as `describe`, but with strings in quotes, so that '5' does not read as 5. @internal */
export function shown(value: unknown): string {
  const text = describe(value);
  const kept = text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
  return typeof value === 'string' ? JSON.stringify(kept) : kept;
}
