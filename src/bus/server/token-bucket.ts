/**
 * How often something may happen: at `perSecond` in the long run, `burst` at once. Pure: the caller brings the time. What has
 * happened beyond that is a debt, to be waited for.
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

  /** It has happened once more. Returns for how many milliseconds it should not happen again; 0 when it may. */
  take(now: number): number {
    const earned = ((now - this.#asOf) / 1000) * this.#perSecond;
    this.#tokens = Math.min(this.#burst, this.#tokens + earned) - 1;
    this.#asOf = now;
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens / this.#perSecond) * 1000);
  }
}
