/** What a progress line says of a scheduler, kept up to date by its events. It costs the scheduler one listener. */
import type { Scheduler } from '../runtime/scheduler.js';
import type { ProgressView } from './progress-line.js';

/** The most names of running tasks that a line is made of. */
const MOST_NAMES = 8;

/** With more tasks left, an estimate for every drawing would cost too much. */
const MOST_ESTIMATED = 2_000;

/** Whether something runs that an event of this state tells of. */
const isRunning = (state: string): boolean => state === 'running' || state === 'partial';

/** Counts what has settled since it was made, and knows what runs. @internal */
export class ProgressTally {
  readonly #scheduler: Scheduler;
  readonly ended = { done: 0, failed: 0, cancelled: 0 };
  readonly #running = new Set<string>();
  readonly stop: () => void;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
    this.stop = scheduler.on('task', ({ id, previous, state }) => {
      // Ids that the scheduler gave say nothing.
      if (isRunning(previous)) this.#running.delete(id);
      if (isRunning(state) && !id.startsWith('#')) this.#running.add(id);
      if (state === 'done' || state === 'failed' || state === 'cancelled') this.ended[state] += 1;
    });
  }

  /** By what was learned of durations. */
  #leftS(tasks: number): number | undefined {
    if (tasks > MOST_ESTIMATED) return undefined;
    const likelyMs = this.#scheduler.estimate().leftMs?.likely;
    return likelyMs === undefined ? undefined : likelyMs / 1_000;
  }

  view(elapsedS: number): ProgressView {
    const { done, failed, cancelled } = this.ended;
    const settled = done + failed + cancelled;
    let running = 0;
    let waiting = 0;
    for (const queue of this.#scheduler.queues.values()) {
      running += queue.running;
      waiting += queue.size;
    }
    const names = [...this.#running].slice(0, MOST_NAMES);
    const total = settled + running + waiting;
    return { settled, total, failed, cancelled, running, names, elapsedS, leftS: this.#leftS(total - settled) };
  }
}
