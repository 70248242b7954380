/**
 * Knows every unsettled job and who has it. Pure: calls come in, effects go out; it has no sockets and no clock.
 *
 * Invariants: a job is waiting, or in the hands of exactly one scheduler that is there. A job waits only while no scheduler that
 * runs its kind has room, or while that has yet to answer offers of many bytes, or has a choice only among more urgent ones.
 * Whatever is said of an attempt that is not the present one, by anybody but its holder, changes nothing. A job that was queued
 * gets exactly one final feedback, unless its producer is given up before. No more than `maxJobs` jobs and `maxBytes` of them
 * are kept.
 */
import type { LedgerEffect } from './ledger-effects.js';
import type { JobPayload } from '../protocol/payload.js';
import type { Feedback, JobReport } from '../protocol/messages.js';
import { type RosterEntry, SchedulerRoster, type SchedulerTerms, takes } from './scheduler-roster.js';
import { byUrgency, type Waiting, WaitingLines } from './waiting-lines.js';

/** @internal */
export interface LedgerBounds {
  /** Most jobs that are kept, waiting or in somebody's hands. */
  readonly maxJobs: number;
  /** Most bytes that the payloads of these may take. */
  readonly maxBytes: number;
  /** With so many schedulers lost that had started it, a job fails: it may be what ends them. */
  readonly maxLosses: number;
  /** A scheduler that has not answered offers of so many bytes gets no more until it has. */
  readonly maxOffered: number;
}

/** About what an offer takes beyond the payload. */
const OFFER_BYTES = 256;

/** A job to be kept. @internal */
export interface JobRequest {
  /** The session that hears of it; undefined for a producer of the simple protocol. */
  readonly producer: string | undefined;
  /** The producer's own name for it; of two unsettled jobs of one producer with one name the second is the first. */
  readonly ref: string;
  readonly kind: string;
  readonly payload: JobPayload;
  readonly bytes: number;
}

interface Job extends Waiting, JobRequest {
  readonly id: string;
  /** Number of the present attempt, or of the last one made; raised by every offer. */
  attempt: number;
  losses: number;
  holder: RosterEntry<Job> | undefined;
  isAccepted: boolean;
  /** Whether its holder has said that it began with it. */
  isStarted: boolean;
  /** Whether nobody hears of it any more. It ends where it is, and waits for nobody. */
  isAbandoned: boolean;
}

/** What the ledger has counted. @internal */
export interface LedgerCounts {
  readonly schedulers: number;
  /** Jobs kept, those in somebody's hands among them. */
  readonly jobs: number;
  readonly waiting: number;
  readonly bytes: number;
  /** Reports of attempts that were not the present one. */
  readonly stale: number;
  /** Jobs that there was no room for. */
  readonly rejected: number;
}

/** @internal */
export class JobLedger {
  readonly #bounds: LedgerBounds;
  readonly #idPrefix: string;
  readonly #jobs = new Map<string, Job>();
  readonly #byRef = new Map<string, Job>();
  readonly #waiting = new WaitingLines<Job>();
  readonly #roster: SchedulerRoster<Job>;
  #effects: LedgerEffect[] = [];
  #lastSeq = 0;
  #bytes = 0;
  #stale = 0;
  #rejected = 0;

  /** @param idPrefix - begins every id; another one for every ledger, so that ids of one are unknown to the next. */
  constructor(bounds: LedgerBounds, idPrefix: string) {
    this.#bounds = bounds;
    this.#roster = new SchedulerRoster(bounds.maxOffered);
    this.#idPrefix = idPrefix;
  }

  get counts(): LedgerCounts {
    return {
      schedulers: this.#roster.size,
      jobs: this.#jobs.size,
      waiting: this.#waiting.size,
      bytes: this.#bytes,
      stale: this.#stale,
      rejected: this.#rejected,
    };
  }

  /** A scheduler is there, and is offered what waits for one like it. */
  join(scheduler: string, terms: SchedulerTerms): LedgerEffect[] {
    this.#fill(this.#roster.add(scheduler, terms));
    return this.#taken();
  }

  /** A scheduler is gone: what it had goes to others. Unknown ones are nothing new. */
  leave(scheduler: string): LedgerEffect[] {
    const entry = this.#roster.remove(scheduler);
    for (const job of [...(entry?.jobs ?? [])].sort(byUrgency)) {
      // What only waited there has not ended it, however often that happens.
      if (job.isStarted) job.losses += 1;
      job.holder = undefined;
      if (job.isStarted && job.losses >= this.#bounds.maxLosses) this.#giveUp(job);
      else this.#requeue(job, 'scheduler-lost');
    }
    return this.#taken();
  }

  /** A scheduler takes so many jobs from now on. What it already has it keeps. */
  setCapacity(scheduler: string, slots: number, backlog: number): LedgerEffect[] {
    const entry = this.#roster.get(scheduler);
    if (entry === undefined) return [];
    entry.slots = slots;
    entry.backlog = backlog;
    this.#fill(entry);
    return this.#taken();
  }

  /** Takes a job, or rejects it when there is no room. */
  request(request: JobRequest): LedgerEffect[] {
    const { producer, ref, bytes, payload } = request;
    const known = this.#byRef.get(refKey(request));
    if (known !== undefined) {
      this.#tell(known, { event: 'queued', ref, job: known.id });
      return this.#taken();
    }
    if (this.#jobs.size >= this.#bounds.maxJobs || this.#bytes + bytes > this.#bounds.maxBytes) {
      this.#rejected += 1;
      const feedback = { event: 'rejected', ref, reason: 'full' } as const;
      return producer === undefined ? [] : [{ effect: 'feedback', producer, feedback }];
    }
    this.#lastSeq += 1;
    const job: Job = {
      ...request,
      id: `${this.#idPrefix}-${this.#lastSeq}`,
      seq: this.#lastSeq,
      priority: payload.priority,
      heapIndex: -1,
      attempt: 0,
      losses: 0,
      holder: undefined,
      isAccepted: false,
      isStarted: false,
      isAbandoned: false,
    };
    this.#jobs.set(job.id, job);
    this.#bytes += bytes;
    if (ref !== '') this.#byRef.set(refKey(job), job);
    this.#tell(job, { event: 'queued', ref, job: job.id });
    this.#place(job);
    return this.#taken();
  }

  /** Forgets every job and every scheduler, with no effect: nobody hears of them again. */
  clear(): void {
    this.#jobs.clear();
    this.#byRef.clear();
    this.#waiting.clear();
    this.#roster.clear();
    this.#bytes = 0;
  }

  /** The producer's own names of its jobs that have not settled. O(jobs). */
  openOf(producer: string): string[] {
    return [...this.#jobs.values()].filter((job) => job.producer === producer).map(({ ref }) => ref);
  }

  /** A producer will not come back: what of its jobs waits, or comes to wait, is forgotten; what is in somebody's hands ends there. O(jobs). */
  abandon(producer: string): LedgerEffect[] {
    for (const job of this.#jobs.values()) {
      if (job.producer !== producer) continue;
      job.isAbandoned = true;
      if (job.holder !== undefined) continue;
      this.#waiting.remove(job);
      this.#forget(job);
    }
    return this.#taken();
  }

  /** A producer no longer wants its job. Nothing happens when it has settled, or is another's. */
  cancel(producer: string, id: string): LedgerEffect[] {
    const job = this.#jobs.get(id);
    if (job === undefined || job.producer !== producer) return [];
    const { holder } = job;
    if (holder === undefined) this.#waiting.remove(job);
    else this.#withdraw(holder.id, job.id, job.attempt);
    this.#settle(job, { event: 'cancelled', ref: job.ref, job: id });
    return this.#taken();
  }

  /** What a scheduler says of an attempt. */
  report(scheduler: string, report: JobReport): LedgerEffect[] {
    const job = this.#jobs.get(report.job);
    const holder = job?.holder;
    if (job === undefined || holder?.id !== scheduler || job.attempt !== report.attempt) {
      this.#stale += 1;
      // Whoever still works on it may stop; what has ended needs no answer.
      if (!isEnd(report)) this.#withdraw(scheduler, report.job, report.attempt);
      return this.#taken();
    }
    // An offer can be declined before it is accepted and handed back after; all else has its one time.
    if (report.cmd !== 'decline' && (report.cmd === 'accept') === job.isAccepted) {
      const fault = job.isAccepted ? `job ${job.id} is accepted already` : `job ${job.id} is not accepted yet`;
      this.#effects.push({ effect: 'refuse', scheduler, fault });
      return this.#taken();
    }
    this.#take(job, holder, report);
    return this.#taken();
  }

  #take(job: Job, holder: RosterEntry<Job>, report: JobReport): void {
    const about = { ref: job.ref, job: job.id, attempt: job.attempt };
    switch (report.cmd) {
      case 'accept':
        answered(job, holder);
        job.isAccepted = true;
        this.#tell(job, { event: 'accepted', ...about, scheduler: holder.id });
        this.#fill(holder);
        return;
      case 'decline':
        // Takes nothing until it says that it does: or it would be offered the same job for ever.
        answered(job, holder);
        holder.slots = 0;
        holder.backlog = 0;
        holder.jobs.delete(job);
        job.holder = undefined;
        this.#requeue(job, 'handed-back');
        return;
      case 'started':
        job.isStarted = true;
        this.#tell(job, { event: 'started', ...about });
        // What waits there may be all less urgent now than what waits here.
        this.#fill(holder);
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
        if (report.final) this.#settle(job, { event: 'evicted', ...about, final: true });
        else this.#tell(job, { event: 'evicted', ...about, final: false });
        return;
      default:
        report satisfies never;
    }
  }

  #requeue(job: Job, reason: 'scheduler-lost' | 'handed-back'): void {
    if (job.isAccepted) {
      const { ref, id, attempt } = job;
      this.#tell(job, { event: 'requeued', ref, job: id, attempt, reason });
    }
    job.isAccepted = false;
    job.isStarted = false;
    this.#place(job);
  }

  #giveUp(job: Job): void {
    const { ref, id, attempt, losses } = job;
    const error = { name: 'Error', message: `${losses} schedulers were lost that had started it` };
    this.#settle(job, { event: 'failed', ref, job: id, attempt, reason: 'scheduler-lost', error });
  }

  /** Gives the job to a scheduler that takes it, or lets it wait for one. */
  #place(job: Job): void {
    const entry = this.#roster.bestFor(job.kind, job.priority);
    if (entry !== undefined) this.#give(job, entry);
    else if (job.isAbandoned) this.#forget(job);
    else this.#waiting.add(job);
  }

  /** Gives the scheduler what waits, most urgent first, for as long as it takes it. */
  #fill(entry: RosterEntry<Job>): void {
    for (;;) {
      const job = this.#waiting.firstOf(entry.kinds);
      if (job === undefined || !takes(entry, job.priority)) return;
      this.#waiting.remove(job);
      this.#give(job, entry);
    }
  }

  #give(job: Job, entry: RosterEntry<Job>): void {
    const { id, payload } = job;
    if (entry.isSimple) {
      entry.handed += 1;
      this.#forget(job);
      this.#effects.push({ effect: 'hand-over', scheduler: entry.id, payload });
      return;
    }
    job.attempt += 1;
    job.holder = entry;
    entry.jobs.add(job);
    entry.offered += job.bytes + OFFER_BYTES;
    this.#effects.push({ effect: 'offer', scheduler: entry.id, job: id, attempt: job.attempt, payload });
  }

  /** The job is over: its producer hears so, and its scheduler has room for another. */
  #settle(job: Job, last: Feedback): void {
    const { holder } = job;
    this.#forget(job);
    this.#tell(job, last);
    if (holder === undefined) return;
    answered(job, holder);
    holder.jobs.delete(job);
    this.#fill(holder);
  }

  #forget(job: Job): void {
    this.#jobs.delete(job.id);
    this.#bytes -= job.bytes;
    if (job.ref !== '') this.#byRef.delete(refKey(job));
  }

  #withdraw(scheduler: string, job: string, attempt: number): void {
    this.#effects.push({ effect: 'withdraw', scheduler, job, attempt });
  }

  #tell({ producer }: Job, feedback: Feedback): void {
    if (producer !== undefined) this.#effects.push({ effect: 'feedback', producer, feedback });
  }

  #taken(): LedgerEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}

/** The offer has come through, or is no longer of any use. */
function answered(job: Job, holder: RosterEntry<Job>): void {
  if (!job.isAccepted) holder.offered -= job.bytes + OFFER_BYTES;
}

/** Whether the sender is through with the attempt. */
function isEnd(report: JobReport): boolean {
  switch (report.cmd) {
    case 'accept':
    case 'started':
    case 'partial':
      return false;
    case 'decline':
    case 'done':
    case 'failed':
      return true;
    case 'evicted':
      return report.final;
    default:
      return report satisfies never;
  }
}

function refKey({ producer = '', ref }: JobRequest): string {
  return ref === '' ? '' : `${producer} ${ref}`;
}
