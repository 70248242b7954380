/**
 * Sessions of producers of version 2, each with its latest feedback; they outlive a lost connection for `sessionMs`. Bound: at most
 * `maxPeers` disconnected sessions are kept. Those without unsettled jobs are forgotten first, then those that were connected for the
 * shortest time: however many come and go, they do not displace a producer that has been there longer.
 */
import { randomUUID } from 'node:crypto';
import type { BusLimits } from './bus-options.js';
import { FeedbackLog } from './feedback-log.js';
import type { Feedback } from '../protocol/messages.js';
import type { Clock, Environment } from '../../core/ports.js';

/** All logs together hold what so many full ones hold; beyond that, the longest loses half. */
const FULL_LOGS = 64;

/** The connection of a session. @internal */
export interface SessionPort {
  send(text: string): void;
  /** Another connection has taken over the session. */
  replaced(): void;
}

/** @internal */
export interface ProducerSession {
  /** Unguessable, because it gives access to the feedback about the producer's jobs. */
  readonly id: string;
  readonly log: FeedbackLog;
  port: SessionPort | undefined;
  /** When the current connection began, and how long earlier ones lasted. */
  sinceMs: number;
  connectedMs: number;
  stopForgetting: (() => void) | undefined;
}

/** @internal */
export interface SessionsOwner {
  /** Whether the session has unsettled jobs. */
  hasJobs(id: string): boolean;
  /** The session can no longer be resumed. */
  forgotten(id: string): void;
}

/** @internal */
export class ProducerSessions {
  readonly #limits: BusLimits;
  readonly #clock: Clock;
  readonly #owner: SessionsOwner;
  readonly #sessions = new Map<string, ProducerSession>();
  #feedbackBytes = 0;
  /** Disconnected sessions. */
  readonly #absent = new Set<ProducerSession>();

  constructor(limits: BusLimits, { clock }: Environment, owner: SessionsOwner) {
    this.#limits = limits;
    this.#clock = clock;
    this.#owner = owner;
  }

  /** Number of sessions, connected or not. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Resumes the session `id`, or starts a new one if it does not exist. */
  enter(id: string | undefined, port: SessionPort): ProducerSession {
    const known = id === undefined ? undefined : this.#sessions.get(id);
    if (known !== undefined) {
      known.port?.replaced();
      known.stopForgetting?.();
      if (this.#absent.delete(known)) known.sinceMs = this.#clock.now();
      known.port = port;
      return known;
    }
    const { maxFeedback, maxFeedbackBytes } = this.#limits;
    const log = new FeedbackLog(maxFeedback, maxFeedbackBytes);
    const session: ProducerSession = {
      id: randomUUID(),
      log,
      port,
      sinceMs: this.#clock.now(),
      connectedMs: 0,
      stopForgetting: undefined,
    };
    this.#sessions.set(session.id, session);
    return session;
  }

  /** The connection was lost. Does nothing if another one has taken over. */
  leave(session: ProducerSession, port: SessionPort): void {
    if (session.port !== port) return;
    session.port = undefined;
    session.connectedMs += this.#clock.now() - session.sinceMs;
    session.stopForgetting = this.#clock.after(this.#limits.sessionMs, () => this.#forget(session));
    this.#absent.add(session);
    if (this.#absent.size > this.#limits.maxPeers) this.#forgetOne();
  }

  /** O(disconnected sessions). */
  #forgetOne(): void {
    let least: ProducerSession | undefined;
    let hasLeastJobs = false;
    for (const session of this.#absent) {
      const hasJobs = this.#owner.hasJobs(session.id);
      const isLess = hasJobs === hasLeastJobs ? session.connectedMs < (least?.connectedMs ?? 0) : hasLeastJobs;
      if (least !== undefined && !isLess) continue;
      least = session;
      hasLeastJobs = hasJobs;
    }
    if (least !== undefined) this.#forget(least);
  }

  tell(id: string, feedback: Feedback): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    const before = session.log.bytes;
    const text = session.log.add((seq) => JSON.stringify({ cmd: 'feedback', seq, ...feedback }));
    this.#feedbackBytes += session.log.bytes - before;
    if (this.#feedbackBytes > FULL_LOGS * this.#limits.maxFeedbackBytes) this.#shrinkLongest();
    session.port?.send(text);
  }

  /** O(sessions), once in a while: afterwards half of the longest log has to be written again. */
  #shrinkLongest(): void {
    let longest: FeedbackLog | undefined;
    for (const { log } of this.#sessions.values()) if (log.bytes > (longest?.bytes ?? 0)) longest = log;
    if (longest === undefined) return;
    this.#feedbackBytes -= longest.bytes;
    longest.halve();
    this.#feedbackBytes += longest.bytes;
  }

  /** Forgets all sessions and stops their timers. */
  close(): void {
    for (const session of this.#sessions.values()) session.stopForgetting?.();
    this.#sessions.clear();
    this.#feedbackBytes = 0;
    this.#absent.clear();
  }

  #forget(session: ProducerSession): void {
    session.stopForgetting?.();
    this.#absent.delete(session);
    this.#sessions.delete(session.id);
    this.#feedbackBytes -= session.log.bytes;
    this.#owner.forgotten(session.id);
  }
}
