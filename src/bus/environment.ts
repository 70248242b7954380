/** Time and chance for bus and clients: what a test puts in their place is all that they know of either. */

/**
 * Time and chance.
 *
 * @public
 */
export interface BusEnvironment {
  readonly clock: {
    /** Milliseconds since some moment; never goes back. */
    now(): number;
    /** Calls `callback` once, `delayMs` from now or somewhat later. Returns what prevents it. */
    after(delayMs: number, callback: () => void): () => void;
  };
  /** A number from 0 to less than 1, any as likely as any other. */
  random(): number;
}
