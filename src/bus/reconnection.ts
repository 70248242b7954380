/**
 * When to try again: each pause up to twice as long as the one before, half of it by chance, so that many who lost the same bus do not
 * come back all at once.
 */

/**
 * How a client comes back to its bus.
 *
 * @public
 */
export interface ReconnectOptions {
  /** The longest first pause, in milliseconds; 500. */
  readonly baseMs?: number;
  /** The longest of all pauses, in milliseconds; 30,000. */
  readonly maxMs?: number;
  /** How often to try before giving up; without end when not given. A connection begins the count anew. */
  readonly attempts?: number;
}

/** How long to pause before attempt number `attempt`, from 1. @internal */
export function pauseMs(attempt: number, { baseMs = 500, maxMs = 30_000 }: ReconnectOptions, random: number): number {
  const longest = Math.min(maxMs, baseMs * 2 ** Math.min(attempt - 1, 30));
  return longest / 2 + (longest / 2) * random;
}
