/**
 * An executor in simulated time. It calls no functions: an attempt is a start and a list of delivery times. Deliveries with equal times
 * happen one by one, in the order in which the attempts started; within an attempt, partial results in order, then the end.
 */
import type { Attempt, Executor } from '../core/ports.js';

/** The delivery times of an attempt, in units after its start. @internal */
export interface Plan {
  /** Ascending; at most `end`. */
  readonly partials: readonly number[];
  readonly end: number;
}

/** A partial result or the end of an attempt. @internal */
export interface Delivery {
  readonly at: number;
  readonly id: string;
  /** Index of the partial result; undefined for the end. */
  readonly partial: number | undefined;
}

interface Running {
  readonly attempt: Attempt;
  readonly plan: Plan;
  readonly startedAt: number;
  delivered: number;
}

/** @internal */
export class SimulatedExecutor implements Executor {
  readonly name = 'simulated';
  /** The current time; set by the simulator. */
  now = 0;
  readonly #running = new Map<Attempt, Running>();
  readonly #planOf: (id: string) => Plan;
  readonly #started: (id: string) => void;

  constructor(planOf: (id: string) => Plan, started: (id: string) => void) {
    this.#planOf = planOf;
    this.#started = started;
  }

  run(attempt: Attempt): void {
    this.#running.set(attempt, { attempt, plan: this.#planOf(attempt.id), startedAt: this.now, delivered: 0 });
    this.#started(attempt.id);
  }

  abort(attempt: Attempt, reason: unknown): void {
    if (this.#running.delete(attempt)) attempt.failed(reason);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Time of the next delivery; undefined if no attempt is running. O(running attempts). */
  nextAt(): number | undefined {
    let next: number | undefined;
    for (const running of this.#running.values()) {
      const at = dueAt(running);
      if (next === undefined || at < next) next = at;
    }
    return next;
  }

  /** Announces and makes one delivery that is due now. Returns false if none is due. */
  deliver(announce: (delivery: Delivery) => void): boolean {
    for (const running of this.#running.values()) {
      if (dueAt(running) > this.now) continue;
      const { attempt, plan } = running;
      const index = running.delivered;
      if (index < plan.partials.length) {
        running.delivered += 1;
        announce({ at: this.now, id: attempt.id, partial: index });
        attempt.partial(index);
      } else {
        this.#running.delete(attempt);
        announce({ at: this.now, id: attempt.id, partial: undefined });
        attempt.done(undefined);
      }
      return true;
    }
    return false;
  }
}

function dueAt({ plan, startedAt, delivered }: Running): number {
  return startedAt + (plan.partials[delivered] ?? plan.end);
}
