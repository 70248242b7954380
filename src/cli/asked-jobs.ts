/**
 * The jobs that a command asks a bus for. Bound: no more than `most` have not ended at a time; what there is no room for is asked for
 * as soon as one of them has.
 */
import type { BusJob, JobOutcome } from '../bus/index.js';

/** What asks, and what is told of each end. @internal */
export interface AskedJobsParts {
  readonly most: number;
  /** Asks for the next one. */
  readonly request: () => BusJob;
  readonly ended: (ref: string, outcome: JobOutcome) => void;
}

/** @internal */
export class AskedJobs {
  readonly #parts: AskedJobsParts;
  readonly #running = new Set<Promise<void>>();
  /** How many are wanted that there was no room for. */
  #owed = 0;
  #isStopped = false;
  #failures = 0;

  constructor(parts: AskedJobsParts) {
    this.#parts = parts;
  }

  /** How many have ended otherwise than done. */
  get failures(): number {
    return this.#failures;
  }

  /** One more is wanted. */
  ask(): void {
    if (this.#isStopped) return;
    if (this.#running.size >= this.#parts.most) {
      this.#owed += 1;
      return;
    }
    const job = this.#parts.request();
    const ended = job.outcome().then((outcome) => {
      if (outcome.status !== 'done') this.#failures += 1;
      this.#parts.ended(job.ref, outcome);
      this.#running.delete(ended);
      if (this.#owed === 0) return;
      this.#owed -= 1;
      this.ask();
    });
    this.#running.add(ended);
  }

  /** No more are wanted, nor those that there was no room for. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Resolves when all that are wanted have ended. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
