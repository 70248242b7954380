/**
 * The deadlines of jobs that a scheduler has accepted, as effects. Invariant: a job has one exactly while it is accepted and either has
 * not started or has a `timeoutMs`.
 */
import type { Job } from './job-store.js';
import type { LedgerEffect } from './ledger-effects.js';

/** How long after its `timeoutMs` the bus ends an attempt that its scheduler should have ended. @internal */
export const OVERDUE_MS = 1000;

/** @internal */
export class JobDeadlines {
  readonly #startMs: number;
  readonly #emit: (effect: LedgerEffect) => void;

  /** @param startMs - how long a job waits at a scheduler before it can go to another that is idle. */
  constructor(startMs: number, emit: (effect: LedgerEffect) => void) {
    this.#startMs = startMs;
    this.#emit = emit;
  }

  /** The job waits at its scheduler. */
  waits(job: Job): void {
    this.#set(job, this.#startMs);
  }

  /** An attempt runs: it has its `timeoutMs` from now on, if it has one. */
  runs(job: Job): void {
    const { timeoutMs } = job.payload;
    if (timeoutMs === undefined) this.clear(job);
    else this.#set(job, timeoutMs + OVERDUE_MS);
  }

  clear(job: Job): void {
    if (!job.hasDeadline) return;
    job.hasDeadline = false;
    this.#emit({ effect: 'clear-deadline', job: job.id });
  }

  #set(job: Job, afterMs: number): void {
    job.hasDeadline = true;
    this.#emit({ effect: 'set-deadline', job: job.id, afterMs });
  }
}
