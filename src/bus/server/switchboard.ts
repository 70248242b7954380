/**
 * Connects the ledger to the peers: carries out its effects one by one. Effects that arise meanwhile are queued, so every peer
 * receives messages in the order of the ledger's decisions.
 */
import type { BusLimits } from './bus-options.js';
import { JobLedger, type LedgerCounts } from './job-ledger.js';
import type { LedgerEffect } from './ledger-effects.js';
import { type KeptPayload, keptPayload, memoryOf } from './kept-payload.js';
import { type JobPayload, kindOf, SIMPLE_KIND, type TimedPayload } from '../protocol/payload.js';
import { ProducerSessions } from './producer-sessions.js';
import type { JobReport } from '../protocol/messages.js';
import type { SchedulerTerms } from './scheduler-roster.js';
import type { Clock, Environment } from '../../core/ports.js';
import { type Deadline, Deadlines } from '../../runtime/policies/deadlines.js';

/** The receiver of the ledger's effects on one scheduler. @internal */
export interface SchedulerPort {
  offer(job: string, attempt: number, payload: KeptPayload): void;
  withdraw(job: string, attempt: number): void;
  /** Gives a job away for good: it gets no feedback. */
  hand(payload: KeptPayload): void;
  /** Disconnects the scheduler. */
  refuse(fault: string): void;
}

/** @internal */
export class Switchboard {
  readonly sessions: ProducerSessions;
  readonly #ledger: JobLedger;
  readonly #schedulers = new Map<string, SchedulerPort>();
  readonly #effects: LedgerEffect[] = [];
  readonly #deadlines: Deadlines;
  /** By job. */
  readonly #deadlineOf = new Map<string, Deadline>();
  /** By producer of the simple protocol that is gone, what stops its jobs from expiring. */
  readonly #departed = new Map<string, () => void>();
  readonly #limits: BusLimits;
  readonly #clock: Clock;
  readonly #isBroadcast: boolean;
  #isSending = false;
  #isClosed = false;
  #broadcasts = 0;

  constructor(limits: BusLimits, environment: Environment, isBroadcast: boolean, idPrefix: string) {
    const { maxJobs, maxJobBytes: maxBytes, maxLosses, maxBufferedBytes, offerMs: startMs } = limits;
    this.#limits = limits;
    this.#clock = environment.clock;
    this.#deadlines = new Deadlines(environment.clock);
    // Half of the send buffer: one more frame then still fits.
    const maxOffered = maxBufferedBytes / 2;
    this.sessions = new ProducerSessions(limits, environment, {
      hasJobs: (session) => this.#ledger.hasJobsOf(session),
      forgotten: (session) => this.#send(this.#ledger.abandon(session)),
    });
    this.#ledger = new JobLedger({ maxJobs, maxBytes, maxLosses, maxOffered, startMs }, idPrefix);
    this.#isBroadcast = isBroadcast;
  }

  get counts(): LedgerCounts & { readonly broadcasts: number } {
    return { ...this.#ledger.counts, broadcasts: this.#broadcasts };
  }

  join(scheduler: string, port: SchedulerPort, terms: SchedulerTerms): void {
    this.#schedulers.set(scheduler, port);
    this.#send(this.#ledger.join(scheduler, terms));
  }

  leave(scheduler: string): void {
    this.#schedulers.delete(scheduler);
    this.#send(this.#ledger.leave(scheduler));
  }

  setCapacity(scheduler: string, slots: number, backlog: number): void {
    this.#send(this.#ledger.setCapacity(scheduler, slots, backlog));
  }

  report(scheduler: string, report: JobReport): void {
    this.#send(this.#ledger.report(scheduler, report));
  }

  /** Takes a job of a producer of the simple protocol. */
  requestSimple(producer: string, payload: TimedPayload): void {
    if (this.#isBroadcast) {
      this.#broadcasts += 1;
      for (const port of this.#schedulers.values()) port.hand(payload);
      return;
    }
    const bytes = memoryOf(payload, '');
    this.#send(this.#ledger.request({ producer, isHeard: false, ref: '', kind: SIMPLE_KIND, payload, bytes }));
  }

  /**
   * A producer of the simple protocol is gone, and cannot come back. After `sessionMs`, what waits is dropped, unless a scheduler is
   * connected that works it off: then it is looked at again after the same time.
   */
  departSimple(producer: string): void {
    this.#departed.delete(producer);
    if (this.#isClosed || !this.#ledger.hasJobsOf(producer)) return;
    const expire = (): void => {
      if (this.#ledger.ableFor(SIMPLE_KIND) === 0) this.#send(this.#ledger.abandon(producer));
      this.departSimple(producer);
    };
    this.#departed.set(producer, this.#clock.after(this.#limits.sessionMs, expire));
  }

  request(producer: string, ref: string, asked: JobPayload): void {
    const payload = keptPayload(asked);
    const bytes = memoryOf(payload, ref);
    this.#send(this.#ledger.request({ producer, isHeard: true, ref, kind: kindOf(asked), payload, bytes }));
  }

  cancel(producer: string, job: string): void {
    this.#send(this.#ledger.cancel(producer, job));
  }

  /** The producer's own names of its unsettled jobs. */
  openOf(producer: string): string[] {
    return this.#ledger.openOf(producer);
  }

  /** Drops all jobs and schedulers. Nothing is sent any more. */
  close(): void {
    this.#isClosed = true;
    for (const deadline of this.#deadlineOf.values()) this.#deadlines.callOff(deadline);
    this.#deadlineOf.clear();
    for (const stop of this.#departed.values()) stop();
    this.#departed.clear();
    this.#ledger.clear();
    this.#schedulers.clear();
  }

  #send(effects: readonly LedgerEffect[]): void {
    if (this.#isClosed) return;
    this.#effects.push(...effects);
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      // The list may grow during the loop.
      for (const effect of this.#effects) if (!this.#isClosed) this.#sendOne(effect);
    } finally {
      this.#effects.length = 0;
      this.#isSending = false;
    }
  }

  #sendOne(effect: LedgerEffect): void {
    switch (effect.effect) {
      case 'offer':
        this.#schedulers.get(effect.scheduler)?.offer(effect.job, effect.attempt, effect.payload);
        return;
      case 'hand-over':
        this.#schedulers.get(effect.scheduler)?.hand(effect.payload);
        return;
      case 'withdraw':
        this.#schedulers.get(effect.scheduler)?.withdraw(effect.job, effect.attempt);
        return;
      case 'feedback':
        this.sessions.tell(effect.producer, effect.feedback);
        return;
      case 'refuse':
        this.#schedulers.get(effect.scheduler)?.refuse(effect.fault);
        return;
      case 'set-deadline':
        this.#setDeadline(effect.job, effect.afterMs);
        return;
      case 'clear-deadline':
        this.#clearDeadline(effect.job);
        return;
    }
  }

  #setDeadline(job: string, afterMs: number): void {
    this.#clearDeadline(job);
    const passed = (): void => {
      this.#deadlineOf.delete(job);
      this.#send(this.#ledger.overdue(job));
    };
    this.#deadlineOf.set(job, this.#deadlines.set(afterMs, passed));
  }

  #clearDeadline(job: string): void {
    this.#deadlines.callOff(this.#deadlineOf.get(job));
    this.#deadlineOf.delete(job);
  }
}
