/**
 * The jobs that a command requests from a bus. Bound: at most `most` are unsettled at a time; the next one is requested when one
 * of them settles.
 */
import type { BusJob, JobOutcome } from '../bus/index.js';

/** @internal */
export interface AskedJobsParts {
  readonly most: number;
  /** Requests the next job. */
  readonly request: () => BusJob;
  /** Called with each outcome. */
  readonly ended: (ref: string, outcome: JobOutcome) => void;
}

/** @internal */
export class AskedJobs {
  readonly #parts: AskedJobsParts;
  readonly #running = new Set<Promise<void>>();
  /** How many jobs have been asked for and not yet requested. */
  #owed = 0;
  #isStopped = false;
  #failures = 0;

  constructor(parts: AskedJobsParts) {
    this.#parts = parts;
  }

  /** How many jobs ended in any way other than `done` or `handed-over`. */
  get failures(): number {
    return this.#failures;
  }

  /** Requests one more job, as soon as there is room. */
  ask(): void {
    if (this.#isStopped) return;
    if (this.#running.size >= this.#parts.most) {
      this.#owed += 1;
      return;
    }
    const job = this.#parts.request();
    const ended = job.outcome().then((outcome) => {
      if (outcome.status !== 'done' && outcome.status !== 'handed-over') this.#failures += 1;
      this.#parts.ended(job.ref, outcome);
      this.#running.delete(ended);
      if (this.#owed === 0) return;
      this.#owed -= 1;
      this.ask();
    });
    this.#running.add(ended);
  }

  /** Requests no more jobs. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Resolves when every job has settled. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
