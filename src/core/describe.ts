/** Values as they read in messages: short, on any value, and never a reason to throw. */

/** One short line on any thrown value; never throws itself. @internal */
export function describe(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  try {
    return String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

/** Beyond so many characters a value in a message is cut. */
const MOST_SHOWN = 100;

/** A value that was given instead of another, for messages: as `describe`, but strings in quotes, so that '5' is not taken for 5. @internal */
export function shown(value: unknown): string {
  const text = describe(value);
  const kept = text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
  return typeof value === 'string' ? JSON.stringify(kept) : kept;
}
