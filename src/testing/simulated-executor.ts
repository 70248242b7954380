/**
 * An executor in simulated time: it calls no function, an attempt is only its start and the times at which it delivers.
 * Deliveries of one time come one by one, in the order in which the attempts began; of one attempt its partial results
 * in order, then its end.
 */
import type { Attempt, Executor } from '../core/ports.js';

/** When an attempt delivers, in units of time after its start. @internal */
export interface Plan {
  /** Never falling; at most `end`. */
  readonly partials: readonly number[];
  readonly end: number;
}

/** One thing that an attempt delivers. @internal */
export interface Delivery {
  readonly at: number;
  readonly id: string;
  /** Index of the partial result, or undefined for the end. */
  readonly partial: number | undefined;
}

interface Running {
  readonly attempt: Attempt;
  readonly plan: Plan;
  readonly startedAt: number;
  delivered: number;
}

/** Attempts in simulated time. @internal */
export class SimulatedExecutor implements Executor {
  readonly name = 'simulated';
  /** The present time; set by whoever drives the simulation. */
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

  /** When the next delivery is due, or undefined when nothing runs. O(attempts running). */
  nextAt(): number | undefined {
    let next: number | undefined;
    for (const running of this.#running.values()) {
      const at = dueAt(running);
      if (next === undefined || at < next) next = at;
    }
    return next;
  }

  /** Makes one delivery that is due now, after `announce` has been told of it. Returns false when none is due. */
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
