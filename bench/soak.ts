/** A scheduler that never rests: tasks arrive in a steady flow, with a bounded number of them unsettled at a time. */
import { type Handle, type Queue, Scheduler } from 'pullgraph';
import type { Task } from './contestants/contestant.js';
import { bytesInUse, settleHeap } from './measure.js';
import { CONCURRENCY } from './row.js';

/**
 * The size of a flow. Memory is measured after `firstTasks`, and then at every tenth of `tasks`.
 *
 * @internal
 */
export interface SoakPlan {
  readonly tasks: number;
  readonly firstTasks: number;
  /** The most tasks that are submitted and have not run yet. */
  readonly maxInFlight: number;
  /** The flow ends early once this much time has passed. */
  readonly limitMs: number;
}

/**
 * The outcome of a flow. `bytes` are those in use after a collection with no task left: the first after `firstTasks`, the
 * last at the end.
 *
 * @internal
 */
export interface SoakResult {
  readonly tasksDone: number;
  readonly microsecondsPerTask: number;
  readonly bytes: readonly number[];
}

/**
 * Sends a flow of tasks through one scheduler. Each task needs the one eight before it, so there is always a past that a leak
 * could retain.
 *
 * @internal
 */
export async function soak({ tasks, firstTasks, maxInFlight, limitMs }: SoakPlan): Promise<SoakResult> {
  const scheduler = new Scheduler();
  const flow = new Flow(scheduler.queue('bench', { concurrency: CONCURRENCY }), maxInFlight);
  scheduler.start();
  const begin = performance.now();
  const tenths = Array.from({ length: 10 }, (_, tenth) => Math.round((tasks * (tenth + 1)) / 10));
  const bytes: number[] = [];
  for (const stop of [firstTasks, ...tenths]) {
    while (flow.submitted < stop && performance.now() - begin < limitMs) await flow.fill(stop);
    await scheduler.wait();
    await settleHeap();
    bytes.push(bytesInUse());
    if (flow.submitted < stop) break;
  }
  const { submitted, run } = flow;
  const microsecondsPerTask = ((performance.now() - begin) * 1_000) / submitted;
  await scheduler.close();
  if (run !== submitted) throw new Error(`${run} of ${submitted} tasks ran`);
  return { tasksDone: run, microsecondsPerTask, bytes };
}

/** Submits as many tasks as there is room for, and signals when there is room again. */
class Flow {
  submitted = 0;
  run = 0;
  readonly #queue: Queue;
  readonly #maxInFlight: number;
  readonly #recent: (Handle<number> | undefined)[] = new Array<undefined>(CONCURRENCY).fill(undefined);
  #roomAgain: () => void = () => {};

  constructor(queue: Queue, maxInFlight: number) {
    this.#queue = queue;
    this.#maxInFlight = maxInFlight;
  }

  /** Submits up to `stop` tasks in all; resolves once at most half of `maxInFlight` are in flight. */
  async fill(stop: number): Promise<void> {
    const room = new Promise<void>((resolve) => {
      this.#roomAgain = resolve;
    });
    while (this.submitted < stop && this.submitted - this.run < this.#maxInFlight) this.#submit(this.submitted);
    await room;
  }

  #submit(index: number): void {
    const fn: Task = async () => {
      this.run += 1;
      if (this.submitted - this.run <= this.#maxInFlight / 2) this.#roomAgain();
      return index;
    };
    const lane = index % CONCURRENCY;
    const before = this.#recent[lane];
    this.#recent[lane] = before === undefined ? this.#queue.submit(fn) : this.#queue.submit(fn, before);
    this.submitted += 1;
  }
}
