/**
 * The rates of a queue's starts as the model sees them: a bucket of tokens for the queue, and one for each key, written down as plainly as
 * can be. Times are whole.
 */
import type { ScenarioQueue, ScenarioRate, ScenarioTask } from './scenario-shape.js';

class Bucket {
  readonly #burst: number;
  readonly #spacing: number;
  #tokens: number;
  /** The next token is regained so long after this. */
  #since = Number.NEGATIVE_INFINITY;

  constructor({ limit, interval, burst = 1 }: ScenarioRate) {
    this.#burst = burst;
    this.#spacing = interval / limit;
    this.#tokens = burst;
  }

  /** What is left at that time, with what is regained just then. */
  tokensAt(now: number): number {
    const regained = Math.max(0, Math.floor((now - this.#since) / this.#spacing));
    return Math.min(this.#burst, this.#tokens + regained);
  }

  take(now: number): void {
    const tokens = this.tokensAt(now);
    if (tokens === this.#burst) this.#since = now;
    else this.#since += (tokens - this.#tokens) * this.#spacing;
    this.#tokens = Math.max(0, tokens - 1);
  }
}

/** The rates of one queue. @internal */
export class ModelRates {
  readonly #whole: Bucket | undefined;
  readonly #byKey: ScenarioRate | undefined;
  readonly #keys = new Map<string, Bucket>();

  constructor({ rate, rateByKey }: ScenarioQueue) {
    this.#whole = rate === undefined ? undefined : new Bucket(rate);
    this.#byKey = rateByKey;
  }

  /** Whether no rate keeps the task from starting at that time. */
  allow(task: ScenarioTask, now: number): boolean {
    return this.#of(task).every((bucket) => bucket.tokensAt(now) > 0);
  }

  started(task: ScenarioTask, now: number): void {
    for (const bucket of this.#of(task)) bucket.take(now);
  }

  /** Whether the starts of the task count to a rate. */
  concern(task: ScenarioTask): boolean {
    return this.#of(task).length > 0;
  }

  #of({ rateKey }: ScenarioTask): readonly Bucket[] {
    const buckets = this.#whole === undefined ? [] : [this.#whole];
    if (rateKey === undefined || this.#byKey === undefined) return buckets;
    let bucket = this.#keys.get(rateKey);
    if (bucket === undefined) {
      bucket = new Bucket(this.#byKey);
      this.#keys.set(rateKey, bucket);
    }
    return [...buckets, bucket];
  }
}
