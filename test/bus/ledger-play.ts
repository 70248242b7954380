/**
 * Plays a job ledger and holds each of its effects against what was told before: who holds what, what has ended, who has room.
 * It knows nothing of how the ledger decides.
 */
import { expect } from 'vitest';
import { JobLedger, type LedgerBounds } from '../../src/bus/server/job-ledger.js';
import type { JobRequest } from '../../src/bus/server/job-store.js';
import type { LedgerEffect } from '../../src/bus/server/ledger-effects.js';
import { SIMPLE_KIND, taskKind, TIMED_KIND } from '../../src/bus/protocol/payload.js';
import { type Feedback, isFinal, type JobReport } from '../../src/bus/protocol/messages.js';
import type { SchedulerTerms } from '../../src/bus/server/scheduler-roster.js';

export interface HeldAttempt {
  readonly scheduler: string;
  readonly job: string;
  readonly attempt: number;
  readonly priority: number;
  isAccepted: boolean;
  isStarted: boolean;
}

interface Room {
  readonly kinds: ReadonlySet<string>;
  readonly isSimple: boolean;
  slots: number;
  /** Slots and backlog. */
  limit: number;
}

export const KINDS = [SIMPLE_KIND, TIMED_KIND, taskKind('a'), taskKind('constructor')];
const BOUNDS: LedgerBounds = { maxJobs: 12, maxBytes: 200, maxLosses: 3, maxOffered: 100_000, startMs: 7 };

/** Every job of a producer has its kind in its name, so that the play knows it from the effects alone. */
export class LedgerPlay {
  readonly ledger = new JobLedger(BOUNDS, 'x');
  readonly schedulers = new Map<string, Room>();
  /** By id of the job. */
  readonly held = new Map<string, HeldAttempt>();
  readonly past: HeldAttempt[] = [];
  readonly kindOf = new Map<string, string>();
  readonly priorityOf = new Map<string, number>();
  readonly finals = new Map<string, Feedback>();
  readonly lastAttempt = new Map<string, number>();
  readonly losses = new Map<string, number>();
  readonly producerOf = new Map<string, string>();
  /** Jobs that have a deadline. */
  readonly deadlines = new Set<string>();
  /** Jobs of which nobody hears any more, and those among them that nobody has. */
  readonly #abandoned = new Set<string>();
  readonly #gone = new Set<string>();
  #names = 0;

  /** Jobs of version 2 that were queued and have not ended. */
  get open(): string[] {
    return [...this.kindOf.keys()].filter((job) => !this.finals.has(job) && !this.#gone.has(job));
  }

  join(terms: SchedulerTerms): void {
    this.#names += 1;
    const scheduler = `s${this.#names}`;
    const { kinds, slots, backlog, isSimple } = terms;
    this.schedulers.set(scheduler, { kinds, isSimple, slots, limit: slots + backlog });
    this.#see(this.ledger.join(scheduler, terms));
  }

  leave(scheduler: string): void {
    this.schedulers.delete(scheduler);
    for (const attempt of this.heldBy(scheduler)) {
      this.#letGo(attempt.job);
      if (attempt.isStarted) this.losses.set(attempt.job, (this.losses.get(attempt.job) ?? 0) + 1);
    }
    this.#see(this.ledger.leave(scheduler));
  }

  setCapacity(scheduler: string, slots: number, backlog: number): void {
    const room = this.schedulers.get(scheduler);
    if (room !== undefined) Object.assign(room, { slots, limit: slots + backlog });
    this.#see(this.ledger.setCapacity(scheduler, slots, backlog));
  }

  request(kind: string, producer: string, priority: number, ref: string, timeoutMs?: number): void {
    const payload = { priority, runtime: 1, timeoutMs };
    const isSimple = kind === SIMPLE_KIND;
    const request: JobRequest = {
      producer: isSimple ? 'simple' : producer,
      isHeard: !isSimple,
      ref: isSimple ? '' : ref,
      kind,
      payload,
      bytes: 10,
    };
    const before = this.ledger.counts;
    const own = this.ledger.openOf(request.producer).length;
    const effects = this.ledger.request(request);
    const isRejected = this.ledger.counts.rejected > before.rejected;
    const free = Math.min(BOUNDS.maxJobs - before.jobs, (BOUNDS.maxBytes - before.bytes) / 10);
    if (isRejected) expect(free < 1 || own > free).toBe(true);
    else expect(effects.length === 0 || own <= free || this.ledger.counts.jobs <= before.jobs).toBe(true);
    for (const effect of effects) {
      if (effect.effect !== 'feedback' || effect.feedback.event !== 'queued') continue;
      // A name that is known already stands for the job that it was first given to.
      const { job } = effect.feedback;
      if (!this.kindOf.has(job)) this.kindOf.set(job, kind);
      if (!this.producerOf.has(job)) this.producerOf.set(job, producer);
      if (!this.priorityOf.has(job)) this.priorityOf.set(job, priority);
    }
    this.#see(effects);
  }

  cancel(producer: string, job: string): void {
    this.#see(this.ledger.cancel(producer, job));
  }

  abandon(producer: string): void {
    for (const [job, of] of this.producerOf) if (of === producer) this.#abandoned.add(job);
    const effects = this.ledger.abandon(producer);
    expect(effects).toEqual([]);
    this.#see(effects);
  }

  /** Its deadline has passed: a job that runs fails, and any other stays where it is or goes to another scheduler. */
  overdue(job: string): void {
    this.deadlines.delete(job);
    const { isStarted } = this.held.get(job) ?? {};
    const effects = this.ledger.overdue(job);
    const kinds = effects.map(({ effect }) => effect);
    if (isStarted === true) expect(kinds).toContain('withdraw');
    this.#see(effects);
    if (isStarted === true) expect(this.held.has(job)).toBe(false);
    else expect(this.held.has(job)).toBe(true);
  }

  /** What the holder of the job says. */
  report(attempt: HeldAttempt, report: JobReport): void {
    if (report.cmd === 'accept') attempt.isAccepted = true;
    if (report.cmd === 'started') attempt.isStarted = true;
    if (report.cmd === 'evicted') attempt.isStarted = false;
    if (report.cmd === 'decline') {
      const room = this.schedulers.get(attempt.scheduler);
      if (room !== undefined) Object.assign(room, { slots: 0, limit: 0 });
      this.#letGo(attempt.job);
    }
    // Of a simple job nobody is told that it has ended.
    if (!this.kindOf.has(attempt.job) && isEnd(report)) this.#letGo(attempt.job);
    const effects = this.ledger.report(attempt.scheduler, report);
    expect(effects.filter(({ effect }) => effect === 'refuse')).toEqual([]);
    this.#see(effects);
  }

  /** What somebody says who does not hold that attempt: nobody but that scheduler hears of it. */
  lateReport(scheduler: string, report: JobReport): void {
    const before = this.ledger.counts;
    const effects = this.ledger.report(scheduler, report);
    expect(effects.filter(({ effect }) => effect !== 'withdraw')).toEqual([]);
    expect(this.ledger.counts).toEqual({ ...before, stale: before.stale + 1 });
  }

  heldBy(scheduler: string): HeldAttempt[] {
    return [...this.held.values()].filter((attempt) => attempt.scheduler === scheduler);
  }

  /** Everybody is there, takes everything and does it. */
  finish(): void {
    this.join({ kinds: new Set(KINDS), slots: 1000, backlog: 0, isSimple: false });
    for (;;) {
      const [next] = this.held.values();
      if (next === undefined) break;
      const { job, attempt } = next;
      if (!next.isAccepted) this.report(next, { cmd: 'accept', job, attempt });
      this.report(next, { cmd: 'done', job, attempt, partials: 0 });
    }
    expect(this.open).toEqual([]);
    expect(this.ledger.counts).toMatchObject({ jobs: 0, waiting: 0, bytes: 0 });
  }

  #see(effects: readonly LedgerEffect[]): void {
    for (const effect of effects) this.#seeOne(effect);
    for (const job of this.#abandoned) if (!this.held.has(job)) this.#gone.add(job);
    this.#compare();
  }

  #seeOne(effect: LedgerEffect): void {
    switch (effect.effect) {
      case 'offer': {
        const { scheduler, job, attempt, payload } = effect;
        const { priority } = payload;
        const room = this.schedulers.get(scheduler);
        expect(this.held.get(job), `${job} is held while it is offered`).toBeUndefined();
        expect(this.finals.has(job) || this.#gone.has(job)).toBe(false);
        expect(attempt).toBe((this.lastAttempt.get(job) ?? 0) + 1);
        expect(room?.kinds).toContain(this.kindOf.get(job) ?? SIMPLE_KIND);
        expect(this.#takes(scheduler, priority), `${job} is offered to ${scheduler}`).toBe(true);
        this.lastAttempt.set(job, attempt);
        this.held.set(job, { scheduler, job, attempt, priority, isAccepted: false, isStarted: false });
        break;
      }
      case 'hand-over':
        expect(this.schedulers.get(effect.scheduler)).toMatchObject({ isSimple: true });
        break;
      case 'withdraw':
        expect(this.held.get(effect.job)).toMatchObject({ scheduler: effect.scheduler, attempt: effect.attempt });
        this.#letGo(effect.job);
        break;
      case 'feedback':
        this.#hear(effect.feedback);
        break;
      case 'set-deadline':
        expect(this.held.get(effect.job)?.isAccepted).toBe(true);
        this.deadlines.add(effect.job);
        break;
      case 'clear-deadline':
        expect(this.deadlines.delete(effect.job), 'it had a deadline').toBe(true);
        break;
      case 'refuse':
        expect.unreachable(effect.fault);
        break;
      default:
        effect satisfies never;
    }
  }

  #hear(feedback: Feedback): void {
    if (feedback.event === 'rejected') return;
    const { job } = feedback;
    expect(this.finals.has(job) || this.#gone.has(job), `${feedback.event} after the end of ${job}`).toBe(false);
    if (feedback.event === 'accepted')
      expect(this.held.get(job)).toMatchObject({ attempt: feedback.attempt, isAccepted: true });
    if (!isFinal(feedback)) return;
    if (feedback.event === 'failed' && feedback.reason === 'scheduler-lost')
      expect(this.losses.get(job)).toBe(BOUNDS.maxLosses);
    this.finals.set(job, feedback);
    this.#letGo(job);
  }

  #letGo(job: string): void {
    const attempt = this.held.get(job);
    if (attempt === undefined) return;
    this.past.push(attempt);
    this.held.delete(job);
  }

  #compare(): void {
    const { jobs, waiting, bytes } = this.ledger.counts;
    expect(jobs).toBeLessThanOrEqual(BOUNDS.maxJobs);
    expect(bytes).toBe(10 * jobs);
    expect(waiting, 'a job is waiting or held').toBe(jobs - this.held.size);
    for (const job of this.deadlines) expect(this.held.get(job)?.isAccepted, `${job} has a deadline`).toBe(true);
    for (const { job, isAccepted, isStarted } of this.held.values()) {
      if (isAccepted && !isStarted) expect(this.deadlines.has(job), `${job} has no deadline`).toBe(true);
    }
    const withoutHolder = this.open.filter((job) => !this.held.has(job));
    expect(withoutHolder.length).toBeLessThanOrEqual(waiting);
    for (const job of withoutHolder) {
      for (const [scheduler, { kinds, isSimple }] of this.schedulers) {
        const kind = this.kindOf.get(job) ?? '';
        const isAnyReporting = [...this.schedulers.values()].some((other) => other.kinds.has(kind) && !other.isSimple);
        const takes = isSimple ? !isAnyReporting : this.#takes(scheduler, this.priorityOf.get(job) ?? 0);
        const isTaken = kinds.has(kind) && takes;
        expect(isTaken, `${job} waits beside ${scheduler}`).toBe(false);
      }
    }
  }

  /** Whether the scheduler has room, or only less urgent jobs to begin with and fewer than twice its slots beside its backlog. */
  #takes(scheduler: string, priority: number): boolean {
    const { slots, limit } = this.schedulers.get(scheduler) ?? { slots: 0, limit: 0 };
    const held = this.heldBy(scheduler);
    const unstarted = held.filter(({ isStarted }) => !isStarted);
    if (held.length < limit) return true;
    return held.length < limit + slots && unstarted.length > 0 && unstarted.every((other) => other.priority > priority);
  }
}

function isEnd(report: JobReport): boolean {
  return report.cmd === 'done' || report.cmd === 'failed' || (report.cmd === 'evicted' && report.final);
}
