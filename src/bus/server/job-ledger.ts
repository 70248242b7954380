/**
 * Takes requests of producers and reports of schedulers, and decides what follows. Pure: calls go in, effects come out; no
 * sockets, no clock.
 *
 * Invariants: every unsettled job either waits or is held by exactly one connected scheduler. Only the holder can change a job,
 * and only with a report of the current attempt. A queued job gets exactly one final feedback, unless its producer is abandoned
 * first.
 */
import { type Feedback, isEnd, type JobReport } from '../protocol/messages.js';
import { JobAssignment } from './job-assignment.js';
import { JobDeadlines } from './job-deadlines.js';
import { type Job, type JobRequest, JobStore, type StoreBounds } from './job-store.js';
import type { LedgerEffect } from './ledger-effects.js';
import type { RosterEntry, SchedulerTerms } from './scheduler-roster.js';

/** @internal */
export interface LedgerBounds extends StoreBounds {
  /** How long an accepted job waits at a scheduler before it can go to another that is idle. */
  readonly startMs: number;
  /** After this many losses a job fails, because it may be what crashes its schedulers. */
  readonly maxLosses: number;
  /** A scheduler with this many bytes of unanswered offers gets no more until it answers. */
  readonly maxOffered: number;
}

/** Counters of the ledger. @internal */
export interface LedgerCounts {
  readonly schedulers: number;
  /** Unsettled jobs, waiting or assigned. */
  readonly jobs: number;
  readonly waiting: number;
  readonly bytes: number;
  /** Reports of attempts that were no longer current. */
  readonly stale: number;
  /** Jobs rejected for lack of room. */
  readonly rejected: number;
}

/** @internal */
export class JobLedger {
  readonly #maxLosses: number;
  readonly #deadlines: JobDeadlines;
  readonly #store: JobStore;
  readonly #assignment: JobAssignment;
  #effects: LedgerEffect[] = [];
  #stale = 0;
  #rejected = 0;

  /** @param idPrefix - begins every id; unique to each ledger, so that ids of one mean nothing to another. */
  constructor(bounds: LedgerBounds, idPrefix: string) {
    const { maxLosses, maxOffered, startMs } = bounds;
    this.#maxLosses = maxLosses;
    this.#store = new JobStore(bounds, idPrefix);
    const emit = (effect: LedgerEffect): void => void this.#effects.push(effect);
    this.#deadlines = new JobDeadlines(startMs, emit);
    const handedOver = (job: Job, scheduler: string): void => {
      this.#tell(job, { event: 'handed-over', ref: job.ref, job: job.id, scheduler });
    };
    this.#assignment = new JobAssignment({ store: this.#store, maxOffered, emit, handedOver });
  }

  get counts(): LedgerCounts {
    return {
      schedulers: this.#assignment.schedulers,
      jobs: this.#store.size,
      waiting: this.#assignment.waiting,
      bytes: this.#store.bytes,
      stale: this.#stale,
      rejected: this.#rejected,
    };
  }

  /** A scheduler joins, and is offered waiting jobs. */
  join(scheduler: string, terms: SchedulerTerms): LedgerEffect[] {
    this.#assignment.join(scheduler, terms);
    return this.#takeEffects();
  }

  /** A scheduler leaves; its jobs go to others. An unknown scheduler changes nothing. */
  leave(scheduler: string): LedgerEffect[] {
    for (const job of this.#assignment.leave(scheduler)) {
      // Only jobs that had started count as a loss: a job that waited there cannot have crashed the scheduler.
      if (job.isStarted) job.losses += 1;
      if (job.isStarted && job.losses >= this.#maxLosses) this.#giveUp(job);
      else this.#requeue(job, 'scheduler-lost');
    }
    this.#assignment.fillSimple();
    return this.#takeEffects();
  }

  /** Sets the capacity of a scheduler from now on. It keeps the jobs that it has. */
  setCapacity(scheduler: string, slots: number, backlog: number): LedgerEffect[] {
    this.#assignment.setCapacity(scheduler, slots, backlog);
    return this.#takeEffects();
  }

  /** Takes a job, or rejects it for lack of room. */
  request(request: JobRequest): LedgerEffect[] {
    const { producer, ref, isHeard } = request;
    const known = this.#store.repeated(request);
    if (known !== undefined) {
      this.#tellQueued(known);
      return this.#takeEffects();
    }
    if (!this.#store.hasRoomFor(request)) {
      this.#rejected += 1;
      const feedback = { event: 'rejected', ref, reason: 'full' } as const;
      return isHeard ? [{ effect: 'feedback', producer, feedback }] : [];
    }
    const job = this.#store.add(request);
    this.#tellQueued(job);
    this.#assignment.place(job);
    return this.#takeEffects();
  }

  /** Forgets every job and every scheduler, without effects. */
  clear(): void {
    this.#store.clear();
    this.#assignment.clear();
  }

  /** How many connected schedulers run jobs of that kind. */
  ableFor(kind: string): number {
    return this.#assignment.ableFor(kind);
  }

  /** Whether the producer has unsettled jobs. */
  hasJobsOf(producer: string): boolean {
    return this.#store.hasAnyOf(producer);
  }

  /** The producer's own names of its unsettled jobs. */
  openOf(producer: string): string[] {
    return this.#store.of(producer).map(({ ref }) => ref);
  }

  /** A producer will not come back. Its waiting jobs are dropped; schedulers finish the jobs that they hold. */
  abandon(producer: string): LedgerEffect[] {
    for (const job of this.#store.of(producer)) {
      job.isAbandoned = true;
      if (job.holder !== undefined) continue;
      this.#assignment.unqueue(job);
      this.#store.remove(job);
    }
    return this.#takeEffects();
  }

  /** Cancels a job of the producer. A settled job, or another producer's, is left alone. */
  cancel(producer: string, id: string): LedgerEffect[] {
    const job = this.#store.get(id);
    if (job === undefined || job.producer !== producer) return [];
    const { holder } = job;
    if (holder === undefined) this.#assignment.unqueue(job);
    else this.#withdraw(holder.id, job.id, job.attempt);
    this.#settle(job, { event: 'cancelled', ref: job.ref, job: id });
    return this.#takeEffects();
  }

  /** Takes a scheduler's report of an attempt. */
  report(scheduler: string, report: JobReport): LedgerEffect[] {
    const job = this.#store.get(report.job);
    const holder = job?.holder;
    if (job === undefined || holder?.id !== scheduler || job.attempt !== report.attempt) {
      this.#stale += 1;
      // A scheduler that still works on the attempt should stop; one that has finished needs no answer.
      if (!isEnd(report)) this.#withdraw(scheduler, report.job, report.attempt);
      return this.#takeEffects();
    }
    // `decline` is valid before acceptance (refused) and after (handed back); `accept` only before, every other report only after.
    if (report.cmd !== 'decline' && (report.cmd === 'accept') === job.isAccepted) {
      const fault = job.isAccepted ? `job ${job.id} is already accepted` : `job ${job.id} is not accepted yet`;
      this.#effects.push({ effect: 'refuse', scheduler, fault });
      return this.#takeEffects();
    }
    this.#apply(job, holder, report);
    return this.#takeEffects();
  }

  /**
   * The deadline of the job has passed. An attempt that has run longer than its `timeoutMs` fails, whatever its scheduler says; a job
   * that has not started goes to another scheduler, if that would start it at once.
   */
  overdue(id: string): LedgerEffect[] {
    const job = this.#store.get(id);
    const holder = job?.holder;
    if (job === undefined || holder === undefined) return [];
    const { ref, attempt, isStarted, payload } = job;
    job.hasDeadline = false;
    if (isStarted) {
      this.#withdraw(holder.id, id, attempt);
      const message = `the attempt did not end within ${payload.timeoutMs ?? 0} ms, nor did its scheduler end it`;
      const error = { name: 'TaskTimedOut', message };
      this.#settle(job, { event: 'failed', ref, job: id, attempt, reason: 'timed-out', error });
      return this.#takeEffects();
    }
    const idle = this.#assignment.idleBeside(job);
    if (idle === undefined) {
      this.#deadlines.waits(job);
    } else {
      this.#withdraw(holder.id, id, attempt);
      this.#tell(job, { event: 'requeued', ref, job: id, attempt, reason: 'not-started' });
      job.isAccepted = false;
      this.#assignment.move(job, holder, idle);
    }
    return this.#takeEffects();
  }

  #apply(job: Job, holder: RosterEntry<Job>, report: JobReport): void {
    const about = { ref: job.ref, job: job.id, attempt: job.attempt };
    switch (report.cmd) {
      case 'accept':
        this.#assignment.accept(job, holder);
        this.#tell(job, { event: 'accepted', ...about, scheduler: holder.id });
        this.#deadlines.waits(job);
        this.#assignment.fill(holder);
        return;
      case 'decline':
        this.#assignment.handBack(job, holder);
        this.#requeue(job, 'handed-back');
        return;
      case 'started':
        job.isStarted = true;
        holder.isSlow = false;
        this.#deadlines.runs(job);
        this.#tell(job, { event: 'started', ...about });
        // The holder's remaining backlog may now be less urgent than the jobs waiting here.
        this.#assignment.fill(holder);
        return;
      case 'partial':
        this.#tell(job, { event: 'partial', ...about, index: report.index, value: report.value });
        return;
      case 'done':
        this.#settle(job, { event: 'done', ...about, partials: report.partials, value: report.value });
        return;
      case 'failed':
        this.#settle(job, { event: 'failed', ...about, reason: report.reason, error: report.error });
        return;
      case 'evicted':
        if (report.final) {
          this.#settle(job, { event: 'evicted', ...about, final: true });
        } else {
          // It waits there to start again.
          job.isStarted = false;
          this.#deadlines.waits(job);
          this.#tell(job, { event: 'evicted', ...about, final: false });
          this.#assignment.fill(holder);
        }
        return;
    }
  }

  #requeue(job: Job, reason: 'scheduler-lost' | 'handed-back'): void {
    if (job.isAccepted) {
      const { ref, id, attempt } = job;
      this.#tell(job, { event: 'requeued', ref, job: id, attempt, reason });
    }
    this.#deadlines.clear(job);
    job.isAccepted = false;
    job.isStarted = false;
    this.#assignment.place(job);
  }

  #giveUp(job: Job): void {
    const { ref, id, attempt, losses } = job;
    const error = { name: 'Error', message: `${losses} schedulers were lost after starting the job` };
    this.#settle(job, { event: 'failed', ref, job: id, attempt, reason: 'scheduler-lost', error });
  }

  /** Ends the job: the producer gets its final feedback, and the holder has room for another. */
  #settle(job: Job, last: Feedback): void {
    this.#store.remove(job);
    this.#deadlines.clear(job);
    this.#tell(job, last);
    this.#assignment.release(job);
  }

  #withdraw(scheduler: string, job: string, attempt: number): void {
    this.#effects.push({ effect: 'withdraw', scheduler, job, attempt });
  }

  #tellQueued(job: Job): void {
    const { ref, id, kind } = job;
    this.#tell(job, { event: 'queued', ref, job: id, schedulers: this.#assignment.ableFor(kind) });
  }

  #tell({ producer, isHeard }: Job, feedback: Feedback): void {
    if (isHeard) this.#effects.push({ effect: 'feedback', producer, feedback });
  }

  #takeEffects(): LedgerEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
