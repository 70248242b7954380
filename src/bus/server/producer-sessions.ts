/**
 * Sessions of producers of version 2, each with its latest feedback; they outlive a lost connection for `sessionMs`. Bound: at most
 * `maxPeers` disconnected sessions are kept; the one that left first is forgotten first.
 */
import { randomUUID } from 'node:crypto';
import type { BusLimits } from './bus-options.js';
import { FeedbackLog } from './feedback-log.js';
import type { Feedback } from '../protocol/messages.js';
import type { Clock, Environment } from '../../core/ports.js';

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
  stopForgetting: (() => void) | undefined;
}

/** @internal */
export class ProducerSessions {
  readonly #limits: BusLimits;
  readonly #clock: Clock;
  readonly #onForgotten: (id: string) => void;
  readonly #sessions = new Map<string, ProducerSession>();
  /** Disconnected sessions, in the order in which they left. */
  readonly #absent = new Set<ProducerSession>();

  /** @param onForgotten - called with the id of a session that can no longer be resumed. */
  constructor(limits: BusLimits, { clock }: Environment, onForgotten: (id: string) => void) {
    this.#limits = limits;
    this.#clock = clock;
    this.#onForgotten = onForgotten;
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
      this.#absent.delete(known);
      known.port = port;
      return known;
    }
    const { maxFeedback, maxFeedbackBytes } = this.#limits;
    const log = new FeedbackLog(maxFeedback, maxFeedbackBytes);
    const session: ProducerSession = { id: randomUUID(), log, port, stopForgetting: undefined };
    this.#sessions.set(session.id, session);
    return session;
  }

  /** The connection was lost. Does nothing if another one has taken over. */
  leave(session: ProducerSession, port: SessionPort): void {
    if (session.port !== port) return;
    session.port = undefined;
    session.stopForgetting = this.#clock.after(this.#limits.sessionMs, () => this.#forget(session));
    this.#absent.add(session);
    const [first] = this.#absent;
    if (first !== undefined && this.#absent.size > this.#limits.maxPeers) this.#forget(first);
  }

  tell(id: string, feedback: Feedback): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    const text = session.log.add((seq) => JSON.stringify({ cmd: 'feedback', seq, ...feedback }));
    session.port?.send(text);
  }

  /** Forgets all sessions and stops their timers. */
  close(): void {
    for (const session of this.#sessions.values()) session.stopForgetting?.();
    this.#sessions.clear();
    this.#absent.clear();
  }

  #forget(session: ProducerSession): void {
    session.stopForgetting?.();
    this.#absent.delete(session);
    this.#sessions.delete(session.id);
    this.#onForgotten(session.id);
  }
}
