/**
 * Shows the actors of a scheduler to the receivers of @xstate/inspect, which understand XState 4: each of its messages is one of theirs.
 *
 * Invariants: nothing that a viewer sends reaches an actor; of the actors that are there, a viewer that comes late learns first; what is
 * kept is bounded by the actors that are shown and have not ended.
 */
import { createMachine, State, type StateMachine } from 'xstate';
import {
  ActorFeed,
  type ActorSink,
  type InspectedActor,
  type PlainEvent,
  type PlainSnapshot,
  type ShownActor,
} from '../../../src/inspect/stately/actor-feed.js';
import type { Scheduler } from '../../../src/index.js';
import { systemEnvironment } from '../../../src/system/environment.js';
import { configForXState4 } from './machine-config.js';

/** A message to a receiver. `machine`, `state` and `event` are JSON. */
export type ReceiverMessage =
  | {
      readonly type: 'service.register';
      readonly sessionId: string;
      readonly id: string;
      readonly parent: string | undefined;
      readonly machine: string;
      readonly state: string;
    }
  | { readonly type: 'service.state'; readonly sessionId: string; readonly state: string }
  | { readonly type: 'service.event'; readonly sessionId: string; readonly event: string }
  | { readonly type: 'service.stop'; readonly sessionId: string };

export type Receive = (message: ReceiverMessage) => void;

export interface BridgeOptions {
  /** Which actors are shown. Default: the scheduler and its queues. */
  readonly actors?: (actor: InspectedActor) => boolean;
  /** Of each actor the latest state is sent once in this time. Default: 100. */
  readonly intervalMs?: number;
  /** How many events are sent in that time at the most. Default: 200. */
  readonly maxEvents?: number;
  /** How many unsettled tasks are shown at a time at the most. Default: 200. */
  readonly maxTasks?: number;
  /** The real one by default. */
  readonly clock?: typeof systemEnvironment.clock;
}

export interface Bridge {
  /** Sends a viewer what is there, and from then on everything. Returns what ends that. A viewer that throws is disconnected. */
  connect(receive: Receive): () => void;
  /** Sends now what waits for the end of the interval. */
  flush(): void;
  /** Leaves the scheduler. */
  stop(): void;
}

/** Builds a bridge to a scheduler, at any time. It costs as much as an inspector does, whether or not a viewer is connected. */
export function bridge(scheduler: Scheduler, options: BridgeOptions = {}): Bridge {
  const { actors = ({ kind }) => kind !== 'task', intervalMs = 100, maxEvents = 200, maxTasks = 200 } = options;
  const { clock = systemEnvironment.clock } = options;
  const viewers = new Viewers();
  const feed = new ActorFeed(viewers, { actors, intervalMs, maxEvents, maxTasks, clock });
  const { actor } = scheduler;
  const subscription = actor.system.inspect(feed);
  feed.show(actor, actor.sessionId);
  for (const queue of scheduler.queues.values()) feed.show(queue.actor, actor.sessionId);
  return {
    connect: (receive) => viewers.connect(receive),
    flush: feed.flush,
    stop: () => {
      subscription.unsubscribe();
      feed.flush();
    },
  };
}

type Registration = Extract<ReceiverMessage, { readonly type: 'service.register' }>;

/** The viewers, and what one that comes late has to learn. */
class Viewers implements ActorSink {
  readonly #receivers = new Set<Receive>();
  readonly #registrations = new Map<string, Registration>();
  readonly #charts = new Charts();

  connect(receive: Receive): () => void {
    const own: Receive = (message) => receive(message);
    this.#receivers.add(own);
    for (const registration of this.#registrations.values()) this.#send(registration, [own]);
    return () => void this.#receivers.delete(own);
  }

  actor(actor: ShownActor, snapshot: PlainSnapshot): void {
    const { sessionId, id, parentId: parent } = actor;
    const machine = this.#charts.textOf(actor.chart);
    const state = this.#charts.stateOf(actor, snapshot, { type: 'xstate.init' });
    const registration: Registration = { type: 'service.register', sessionId, id, parent, machine, state };
    this.#registrations.set(sessionId, registration);
    this.#send(registration);
  }

  event({ sessionId }: ShownActor, event: PlainEvent, sourceId: string | undefined): void {
    this.#send({ type: 'service.event', sessionId, event: JSON.stringify(scxmlOf(event, sourceId)) });
  }

  snapshot(actor: ShownActor, snapshot: PlainSnapshot, event: PlainEvent): void {
    const { sessionId } = actor;
    const state = this.#charts.stateOf(actor, snapshot, event);
    this.#send({ type: 'service.state', sessionId, state });
    const registration = this.#registrations.get(sessionId);
    if (snapshot.status === 'active') {
      if (registration !== undefined) this.#registrations.set(sessionId, { ...registration, state });
      return;
    }
    this.#registrations.delete(sessionId);
    this.#send({ type: 'service.stop', sessionId });
  }

  #send(message: ReceiverMessage, receivers: Iterable<Receive> = this.#receivers): void {
    for (const receive of receivers) {
      try {
        receive(message);
      } catch (error) {
        this.#receivers.delete(receive);
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}

/** The statecharts as machines of XState 4, each made once. */
class Charts {
  readonly #made = new Map<object, { readonly machine: StateMachine<unknown, never, never>; readonly text: string }>();

  textOf(chart: object): string {
    return this.#of(chart).text;
  }

  /** The state of an actor as JSON, without what a receiver computes itself. */
  stateOf(
    { sessionId, chart }: ShownActor,
    { value, context, output, error }: PlainSnapshot,
    event: PlainEvent,
  ): string {
    const shown = {
      ...context,
      ...(output === undefined ? {} : { output }),
      ...(error === undefined ? {} : { error }),
    };
    const bare = State.from(value as string, shown);
    const resolved = this.#of(chart).machine.resolveState(bare as never) as unknown as Record<string, unknown>;
    const { machine: _, configuration: __, history: ___, ...state } = resolved;
    return JSON.stringify({ ...state, event, _event: scxmlOf(event, undefined), _sessionid: sessionId });
  }

  #of(chart: object) {
    const known = this.#made.get(chart);
    if (known !== undefined) return known;
    const config = { ...configForXState4(chart as Record<string, unknown>), predictableActionArguments: true };
    const made = {
      machine: createMachine(config as never) as unknown as StateMachine<unknown, never, never>,
      text: JSON.stringify(config),
    };
    this.#made.set(chart, made);
    return made;
  }
}

/** An event as receivers know it. */
function scxmlOf(event: PlainEvent, origin: string | undefined): object {
  return {
    name: event.type,
    data: event,
    $$type: 'scxml',
    type: 'external',
    ...(origin === undefined ? {} : { origin }),
  };
}
