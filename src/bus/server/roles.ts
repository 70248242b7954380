/** The roles of registered peers: which messages a peer can send, what they do, and the clean-up when it leaves. */
import { BEATS_OF_SILENCE, type BusLimits } from './bus-options.js';
import { type Peer, TRY_AGAIN_LATER } from './peer.js';
import { type KeptPayload, offerText } from './kept-payload.js';
import { SIMPLE_KIND, taskKind, TIMED_KIND } from '../protocol/payload.js';
import type { ProducerSession, SessionPort } from './producer-sessions.js';
import {
  readProducerMessage,
  readSchedulerMessage,
  readSimpleRequest,
  type Registration,
  type ToAny,
  type ToProducer,
  type ToScheduler,
} from '../protocol/messages.js';
import type { Environment } from '../../core/ports.js';
import type { SchedulerPort, Switchboard } from './switchboard.js';

/** @internal */
export interface Role {
  /** Takes a message; returns its fault, if it has one. */
  receive(value: unknown): string | undefined;
  leave(): void;
}

/** The parts of the bus that roles use. @internal */
export interface RoleHome {
  readonly switchboard: Switchboard;
  readonly limits: BusLimits;
  readonly environment: Environment;
  /** A new id for a scheduler. */
  nextId(): string;
}

/** Close code: another connection has taken over the session. */
const REPLACED = 4001;

/** @internal */
export function roleOf(registration: Registration, peer: Peer, home: RoleHome): Role {
  if (registration.version !== 2) {
    return registration.type === 'producer' ? simpleProducer(home) : simpleScheduler(peer, home);
  }
  return registration.type === 'producer'
    ? new ProducerRole(peer, home, registration)
    : new SchedulerRole(peer, home, registration);
}

function simpleProducer(home: RoleHome): Role {
  const { switchboard } = home;
  const id = home.nextId();
  return {
    receive(value) {
      const checked = readSimpleRequest(value);
      if (!checked.ok) return checked.fault;
      switchboard.requestSimple(id, checked.message.payload);
      return undefined;
    },
    leave: () => switchboard.departSimple(id),
  };
}

function simpleScheduler(peer: Peer, home: RoleHome): Role {
  const { switchboard } = home;
  const id = home.nextId();
  const port: SchedulerPort = {
    // The simple protocol has no other fields.
    hand: ({ priority, ...rest }) => {
      if ('runtime' in rest) peer.send(JSON.stringify({ priority, runtime: rest.runtime }));
    },
    // It gets no offers, so there is nothing to withdraw or refuse.
    offer: () => undefined,
    withdraw: () => undefined,
    refuse: () => undefined,
  };
  switchboard.join(id, port, { kinds: new Set([SIMPLE_KIND, TIMED_KIND]), slots: 0, backlog: 0, isSimple: true });
  return {
    receive: () => 'a scheduler of the simple protocol only listens',
    leave: () => switchboard.leave(id),
  };
}

type ProducerRegistration = Extract<Registration, { type: 'producer'; version: 2 }>;

class ProducerRole implements Role, SessionPort {
  readonly #peer: Peer;
  readonly #switchboard: Switchboard;
  readonly #session: ProducerSession;

  constructor(peer: Peer, { switchboard, limits }: RoleHome, { session, seen }: ProducerRegistration) {
    this.#peer = peer;
    this.#switchboard = switchboard;
    this.#session = switchboard.sessions.enter(session, this);
    const { id, log } = this.#session;
    this.#say({
      cmd: 'registered',
      version: 2,
      id,
      silenceMs: silenceMs(limits),
      maxFrameBytes: limits.maxFrameBytes,
      traces: true,
    });
    // `seen` refers to the session that was asked for.
    const { texts, lost } = log.after(id === session ? seen : 0);
    for (const text of texts) peer.send(text);
    this.#say({ cmd: 'synced', lost, open: lost > 0 ? switchboard.openOf(id) : [] });
  }

  receive(value: unknown): string | undefined {
    const checked = readProducerMessage(value);
    if (!checked.ok) return checked.fault;
    const { message } = checked;
    switch (message.cmd) {
      case 'job_request':
        this.#switchboard.request(this.#session.id, message.ref, { ...message.payload, trace: message.trace });
        return undefined;
      case 'cancel':
        this.#switchboard.cancel(this.#session.id, message.job);
        return undefined;
    }
  }

  leave(): void {
    this.#switchboard.sessions.leave(this.#session, this);
  }

  send(text: string): void {
    this.#peer.send(text);
  }

  replaced(): void {
    this.#peer.close(REPLACED, 'another connection has taken over the session');
  }

  #say(message: ToAny | ToProducer): void {
    this.#peer.send(JSON.stringify(message));
  }
}

type SchedulerRegistration = Extract<Registration, { type: 'scheduler'; version: 2 }>;

class SchedulerRole implements Role, SchedulerPort {
  readonly #peer: Peer;
  readonly #home: RoleHome;
  readonly #id: string;
  /** For each unanswered offer, by job and attempt, the function that cancels its timeout. */
  readonly #offers = new Map<string, () => void>();

  constructor(peer: Peer, home: RoleHome, { slots, backlog, tasks, timed }: SchedulerRegistration) {
    this.#peer = peer;
    this.#home = home;
    this.#id = home.nextId();
    const { limits, switchboard } = home;
    const kinds = new Set([...tasks.map(taskKind), ...(timed ? [SIMPLE_KIND, TIMED_KIND] : [])]);
    const { maxFrameBytes } = limits;
    this.#say({
      cmd: 'registered',
      version: 2,
      id: this.#id,
      silenceMs: silenceMs(limits),
      maxFrameBytes,
      traces: true,
    });
    switchboard.join(this.#id, this, { kinds, slots, backlog, isSimple: false });
  }

  receive(value: unknown): string | undefined {
    const checked = readSchedulerMessage(value);
    if (!checked.ok) return checked.fault;
    const { message } = checked;
    if (message.cmd === 'capacity') {
      this.#home.switchboard.setCapacity(this.#id, message.slots, message.backlog);
      return undefined;
    }
    if (message.cmd === 'accept' || message.cmd === 'decline') this.#answered(message.job, message.attempt);
    this.#home.switchboard.report(this.#id, message);
    return undefined;
  }

  leave(): void {
    for (const stop of this.#offers.values()) stop();
    this.#offers.clear();
    this.#home.switchboard.leave(this.#id);
  }

  offer(job: string, attempt: number, payload: KeptPayload): void {
    const { environment, limits } = this.#home;
    const giveUp = (): void => this.#peer.refuse('offer-timeout', `no answer to job ${job}`, TRY_AGAIN_LATER);
    this.#offers.set(keyOf(job, attempt), environment.clock.after(limits.offerMs, giveUp));
    this.#peer.send(offerText(job, attempt, payload));
  }

  withdraw(job: string, attempt: number): void {
    this.#answered(job, attempt);
    this.#say({ cmd: 'withdraw', job, attempt });
  }

  hand(payload: KeptPayload): void {
    if (!('task' in payload)) this.#say({ cmd: 'broadcast', payload });
  }

  refuse(fault: string): void {
    this.#peer.refuse('invalid-message', fault);
  }

  #answered(job: string, attempt: number): void {
    const key = keyOf(job, attempt);
    this.#offers.get(key)?.();
    this.#offers.delete(key);
  }

  #say(message: ToAny | ToScheduler): void {
    this.#peer.send(JSON.stringify(message));
  }
}

function keyOf(job: string, attempt: number): string {
  return `${job}.${attempt}`;
}

/** After this much silence, a client takes the bus for lost. */
function silenceMs({ heartbeatMs }: BusLimits): number {
  return BEATS_OF_SILENCE * heartbeatMs;
}
