/**
 * Which scheduler has which job, and which jobs wait for one. Knows nothing of producers.
 *
 * Invariant: a job waits only if every scheduler of its kind is full, has more than `maxOffered` unanswered bytes, or already
 * holds more urgent jobs.
 */
import type { Job, JobStore } from './job-store.js';
import type { LedgerEffect } from './ledger-effects.js';
import { type RosterEntry, SchedulerRoster, type SchedulerTerms, takes } from './scheduler-roster.js';
import { byUrgency, WaitingLines } from './waiting-lines.js';

/** Approximate size of an offer without its payload. */
const OFFER_BYTES = 256;

/** @internal */
export interface AssignmentParts {
  readonly store: JobStore;
  /** A scheduler with this many bytes of unanswered offers gets no more until it answers. */
  readonly maxOffered: number;
  /** Receives each offer and hand-over. */
  readonly emit: (effect: LedgerEffect) => void;
  /** Called when a scheduler of the simple protocol has got a job, which is the last that is heard of it. */
  readonly handedOver: (job: Job, scheduler: string) => void;
}

/** @internal */
export class JobAssignment {
  readonly #store: JobStore;
  readonly #emit: (effect: LedgerEffect) => void;
  readonly #handedOver: (job: Job, scheduler: string) => void;
  readonly #waiting = new WaitingLines<Job>();
  readonly #roster: SchedulerRoster<Job>;

  constructor({ store, maxOffered, emit, handedOver }: AssignmentParts) {
    this.#store = store;
    this.#emit = emit;
    this.#handedOver = handedOver;
    this.#roster = new SchedulerRoster(maxOffered);
  }

  get schedulers(): number {
    return this.#roster.size;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** How many connected schedulers run jobs of that kind. */
  ableFor(kind: string): number {
    return this.#roster.countOf(kind);
  }

  /** Adds a scheduler, and offers it waiting jobs. */
  join(scheduler: string, terms: SchedulerTerms): void {
    this.fill(this.#roster.add(scheduler, terms));
  }

  /** Removes a scheduler. Returns the jobs that it held, most urgent first; none for an unknown scheduler. */
  leave(scheduler: string): Job[] {
    const entry = this.#roster.remove(scheduler);
    const jobs = [...(entry?.jobs ?? [])].sort(byUrgency);
    for (const job of jobs) job.holder = undefined;
    return jobs;
  }

  /** Sets the capacity of a scheduler from now on. It keeps the jobs that it has. */
  setCapacity(scheduler: string, slots: number, backlog: number): void {
    const entry = this.#roster.get(scheduler);
    if (entry === undefined) return;
    entry.slots = slots;
    entry.backlog = backlog;
    this.fill(entry);
  }

  /** Offers the job to a scheduler with room, or else queues it. An abandoned job is dropped instead of queued. */
  place(job: Job): void {
    const entry = this.#roster.bestFor(job.kind, job.priority);
    if (entry !== undefined) this.#give(job, entry);
    else if (job.isAbandoned) this.#store.remove(job);
    else this.#waiting.add(job);
  }

  /** A scheduler other than its holder that would start the job at once. */
  idleBeside({ kind, holder }: Job): RosterEntry<Job> | undefined {
    return this.#roster.idleFor(kind, holder);
  }

  /**
   * Takes an accepted job that has not started from its holder and offers it to another. A holder that should have started it, having
   * slots for more than it has started, comes after others until it starts a job.
   */
  move(job: Job, from: RosterEntry<Job>, to: RosterEntry<Job>): void {
    const started = [...from.jobs].filter(({ isStarted }) => isStarted).length;
    if (started < from.slots) from.isSlow = true;
    from.jobs.delete(job);
    this.#give(job, to);
    this.fill(from);
  }

  /** Removes a waiting job from its line. */
  unqueue(job: Job): void {
    this.#waiting.remove(job);
  }

  /** The holder has accepted the job. */
  accept(job: Job, holder: RosterEntry<Job>): void {
    answered(job, holder);
    job.isAccepted = true;
  }

  /** The holder gives the job back. It gets no more until it reports a new capacity, or it would get the same job forever. */
  handBack(job: Job, holder: RosterEntry<Job>): void {
    answered(job, holder);
    holder.slots = 0;
    holder.backlog = 0;
    holder.jobs.delete(job);
    job.holder = undefined;
  }

  /** The job has settled: its holder, if any, has room for another. */
  release(job: Job): void {
    const { holder } = job;
    if (holder === undefined) return;
    answered(job, holder);
    holder.jobs.delete(job);
    this.fill(holder);
  }

  /** Gives simple schedulers the jobs that they alone can run now. */
  fillSimple(): void {
    for (const entry of this.#roster.simple()) this.fill(entry);
  }

  /** Offers waiting jobs to the scheduler, most urgent first, for as long as it takes them. */
  fill(entry: RosterEntry<Job>): void {
    for (;;) {
      const job = this.#waiting.firstOf(this.#roster.kindsFor(entry));
      if (job === undefined || !takes(entry, job.priority)) return;
      this.#waiting.remove(job);
      this.#give(job, entry);
    }
  }

  clear(): void {
    this.#waiting.clear();
    this.#roster.clear();
  }

  #give(job: Job, entry: RosterEntry<Job>): void {
    const { id, payload } = job;
    if (entry.isSimple) {
      entry.handed += 1;
      this.#store.remove(job);
      this.#emit({ effect: 'hand-over', scheduler: entry.id, payload });
      this.#handedOver(job, entry.id);
      return;
    }
    job.attempt += 1;
    job.holder = entry;
    entry.jobs.add(job);
    entry.offered += job.bytes + OFFER_BYTES;
    this.#emit({ effect: 'offer', scheduler: entry.id, job: id, attempt: job.attempt, payload });
  }
}

/** The offer has been answered, or no longer matters. */
function answered(job: Job, holder: RosterEntry<Job>): void {
  if (!job.isAccepted) holder.offered -= job.bytes + OFFER_BYTES;
}
