/**
 * The producers of version 2, each with what it was told lately, for some time after its connection is gone. Bounded: of those that
 * are gone no more are kept than there may be connections; the one that left first is forgotten first.
 */
import { randomUUID } from 'node:crypto';
import type { BusLimits } from './bus-options.js';
import { FeedbackLog } from './feedback-log.js';
import type { Feedback } from '../protocol/messages.js';
import type { Clock, Environment } from '../../core/ports.js';

/** Where a session's feedback goes while its producer is there. @internal */
export interface SessionPort {
  send(text: string): void;
  /** Another connection goes on with the session. */
  replaced(): void;
}

/** @internal */
export interface ProducerSession {
  /** Cannot be guessed: who knows it hears of the producer's jobs. */
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
  /** Those without a connection, the one that left first in front. */
  readonly #absent = new Set<ProducerSession>();

  /** @param onForgotten - called with the id of a session that nobody can go on with any more. */
  constructor(limits: BusLimits, { clock }: Environment, onForgotten: (id: string) => void) {
    this.#limits = limits;
    this.#clock = clock;
    this.#onForgotten = onForgotten;
  }

  /** How many sessions there are, those whose producer is gone among them. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Goes on with a session, or begins one when there is none of that id. */
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

  /** The connection is gone; nothing happens when another has taken its place. */
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

  /** Lets go of everything and every timer. */
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
