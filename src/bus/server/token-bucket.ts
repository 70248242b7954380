/**
 * A rate limit: `perSecond` events or bytes in the long run, `burst` at once. Pure: the caller passes the time. The number of tokens
 * can become negative: a debt, which the caller waits off.
 */

/** @internal */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #asOf: number;

  constructor(perSecond: number, burst: number, now: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#asOf = now;
  }

  /** Takes `amount` tokens. Returns how many milliseconds to wait before the next ones; 0 for none. */
  take(now: number, amount = 1): number {
    const earned = ((now - this.#asOf) / 1000) * this.#perSecond;
    this.#tokens = Math.min(this.#burst, this.#tokens + earned) - amount;
    this.#asOf = now;
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens / this.#perSecond) * 1000);
  }
}
