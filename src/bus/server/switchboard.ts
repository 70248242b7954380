/**
 * Connects the ledger to the peers: carries out its effects one by one. Effects that arise meanwhile are queued, so every peer
 * receives messages in the order of the ledger's decisions.
 */
import type { BusLimits } from './bus-options.js';
import { JobLedger, type LedgerCounts } from './job-ledger.js';
import type { LedgerEffect } from './ledger-effects.js';
import { type JobPayload, kindOf, SIMPLE_KIND } from '../protocol/payload.js';
import { ProducerSessions } from './producer-sessions.js';
import type { JobReport } from '../protocol/messages.js';
import type { SchedulerTerms } from './scheduler-roster.js';
import type { Environment } from '../../core/ports.js';

/** The receiver of the ledger's effects on one scheduler. @internal */
export interface SchedulerPort {
  offer(job: string, attempt: number, payload: JobPayload): void;
  withdraw(job: string, attempt: number): void;
  /** Gives a job away for good: it gets no feedback. */
  hand(payload: JobPayload): void;
  /** Disconnects the scheduler. */
  refuse(fault: string): void;
}

/** @internal */
export class Switchboard {
  readonly sessions: ProducerSessions;
  readonly #ledger: JobLedger;
  readonly #schedulers = new Map<string, SchedulerPort>();
  readonly #effects: LedgerEffect[] = [];
  readonly #isBroadcast: boolean;
  #isSending = false;
  #isClosed = false;
  #broadcasts = 0;

  constructor(limits: BusLimits, environment: Environment, isBroadcast: boolean, idPrefix: string) {
    const { maxJobs, maxJobBytes: maxBytes, maxLosses, maxBufferedBytes } = limits;
    // Half of the send buffer: one more frame then still fits.
    const maxOffered = maxBufferedBytes / 2;
    this.sessions = new ProducerSessions(limits, environment, (session) => this.#send(this.#ledger.abandon(session)));
    this.#ledger = new JobLedger({ maxJobs, maxBytes, maxLosses, maxOffered }, idPrefix);
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

  /** Takes a job of the simple protocol. */
  requestSimple(payload: JobPayload, bytes: number): void {
    if (this.#isBroadcast) {
      this.#broadcasts += 1;
      for (const port of this.#schedulers.values()) port.hand(payload);
      return;
    }
    this.#send(this.#ledger.request({ producer: undefined, ref: '', kind: SIMPLE_KIND, payload, bytes }));
  }

  request(producer: string, ref: string, payload: JobPayload, bytes: number): void {
    this.#send(this.#ledger.request({ producer, ref, kind: kindOf(payload), payload, bytes }));
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
      default:
        effect satisfies never;
    }
  }
}
