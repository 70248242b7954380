/** Runs a rehearsal: attempts that take their time on a clock of their own and do nothing. */
import { type HeapItem, IndexedHeap } from '../../core/order/indexed-heap.js';
import type { Attempt, Environment, Executor } from '../../core/ports.js';

/** How an attempt goes. @internal */
export interface Course {
  readonly ms: number;
  /** Partial results of which so many come, evenly spread. */
  readonly results: number;
}

interface Report extends HeapItem {
  readonly at: number;
  readonly place: number;
  readonly make: () => void;
}

/** An executor and the environment that it runs in. @internal */
export class PlannedExecutor implements Executor {
  readonly name = 'planned';
  readonly environment: Environment;
  readonly #courseOf: (id: string) => Course;
  readonly #spans: (id: string, startMs: number, endMs: number) => void;
  readonly #due = new IndexedHeap<Report>((a, b) => (a.at === b.at ? a.place < b.place : a.at < b.at));
  #nowMs = 0;
  #count = 0;

  /** `spans` is called at each start. */
  constructor(courseOf: (id: string) => Course, spans: (id: string, startMs: number, endMs: number) => void) {
    this.#courseOf = courseOf;
    this.#spans = spans;
    this.environment = { clock: { now: () => this.#nowMs, after: () => () => undefined }, random: () => 0 };
  }

  run(attempt: Attempt): void {
    const { ms, results } = this.#courseOf(attempt.id);
    this.#spans(attempt.id, this.#nowMs, this.#nowMs + ms);
    for (let index = 1; index <= results; index += 1) {
      this.#report((ms * index) / results, () => void attempt.partial(undefined));
    }
    this.#report(ms, () => attempt.done(undefined));
  }

  /** Makes the next report; returns false if there is none. */
  next(): boolean {
    const report = this.#due.peek();
    if (report === undefined) return false;
    this.#due.remove(report);
    this.#nowMs = report.at;
    report.make();
    return true;
  }

  abort(attempt: Attempt, reason: unknown): void {
    attempt.failed(reason);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #report(delayMs: number, make: () => void): void {
    this.#count += 1;
    this.#due.push({ at: this.#nowMs + delayMs, place: this.#count, make, heapIndex: -1 });
  }
}
