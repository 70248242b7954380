/**
 * A scheduler's inspection messages, made fit for tools that draw actors: only the actors that are asked for, each snapshot and event
 * plain data, the snapshots of one actor one per interval, the events bounded.
 *
 * Invariants: a message of an actor that is not shown costs a look into a map; nothing is converted before it is sent; what is left out
 * is counted and told by an event `inspection.leftOut`.
 */
import type { InspectionEvent, Observer } from 'xstate';
import { queueMachine } from '../../../machines/queue.js';
import { schedulerMachine } from '../../../machines/scheduler.js';
import { taskMachine } from '../../../machines/task.js';
import type { Clock } from '../../core/ports.js';
import { type Plain, plainObject, plainText } from './plain.js';

/**
 * An actor of a scheduler, to decide whether it is shown.
 *
 * @public
 */
export interface InspectedActor {
  readonly kind: 'scheduler' | 'queue' | 'task';
  /** Of a task its id, of a queue its name. */
  readonly id: string;
  /** Of a task its queue. */
  readonly queue: string | undefined;
}

/** An actor that is shown. @internal */
export interface ShownActor extends InspectedActor {
  readonly sessionId: string;
  readonly rootId: string;
  readonly parentId: string | undefined;
  /** The config of its statechart. */
  readonly chart: object;
}

/** A snapshot as plain data. `value` is the state value. @internal */
export interface PlainSnapshot {
  readonly status: string;
  readonly value: Plain;
  readonly context: { readonly [key: string]: Plain };
  readonly output?: string;
  readonly error?: string;
}

/** @internal */
export interface PlainEvent {
  readonly type: string;
  readonly [key: string]: Plain;
}

/** What is told of the actors: of each first itself, then its events and snapshots. @internal */
export interface ActorSink {
  actor(actor: ShownActor, snapshot: PlainSnapshot): void;
  event(actor: ShownActor, event: PlainEvent, sourceId: string | undefined): void;
  snapshot(actor: ShownActor, snapshot: PlainSnapshot, event: PlainEvent): void;
}

/** @internal */
export interface FeedOptions {
  readonly actors: (actor: InspectedActor) => boolean;
  readonly intervalMs: number;
  /** How many events are told per interval at the most. */
  readonly maxEvents: number;
  /** How many unsettled tasks are shown at a time at the most. */
  readonly maxTasks: number;
  readonly clock: Clock;
}

/** The part of a snapshot that is told. */
interface AnySnapshot {
  readonly status: string;
  readonly value?: unknown;
  readonly context?: unknown;
  readonly output?: unknown;
  readonly error?: unknown;
}

/** The part of an actor that is read. */
interface AnyActor {
  readonly id: string;
  readonly sessionId: string;
  readonly _parent?: { readonly sessionId: string } | undefined;
  readonly logic?: { readonly config?: unknown } | undefined;
  getSnapshot(): AnySnapshot;
}

interface Batch {
  readonly actors: Map<ShownActor, AnyActor>;
  readonly events: { readonly actor: ShownActor; readonly event: object; readonly sourceId: string | undefined }[];
  readonly snapshots: Map<ShownActor, { readonly snapshot: AnySnapshot; readonly event: object }>;
  eventsLeftOut: number;
  tasksLeftOut: number;
}

const KINDS: readonly (readonly [object, InspectedActor['kind']])[] = [
  [taskMachine.config, 'task'],
  [queueMachine.config, 'queue'],
  [schedulerMachine.config, 'scheduler'],
];

const emptyBatch = (): Batch => {
  return { actors: new Map(), events: [], snapshots: new Map(), eventsLeftOut: 0, tasksLeftOut: 0 };
};

/** An observer of inspection messages that tells a sink. @internal */
export class ActorFeed implements Observer<InspectionEvent> {
  readonly #sink: ActorSink;
  readonly #options: FeedOptions;
  /** Undefined for one that is not shown. */
  readonly #known = new WeakMap<object, ShownActor | undefined>();
  /** The latest scheduler, which is told what is left out. */
  #scheduler: ShownActor | undefined;
  #tasks = 0;
  #batch = emptyBatch();
  #cancel: (() => void) | undefined;

  constructor(sink: ActorSink, options: FeedOptions) {
    this.#sink = sink;
    this.#options = options;
  }

  readonly next = (message: InspectionEvent): void => {
    if (!isTold(message)) return;
    const { actorRef, rootId } = message;
    const actor = this.#known.has(actorRef) ? this.#known.get(actorRef) : this.#meet(actorRef, rootId);
    if (actor === undefined) return;
    const batch = this.#batch;
    if (message.type === '@xstate.snapshot') {
      batch.snapshots.set(actor, { snapshot: message.snapshot, event: message.event });
    } else {
      const sourceId = message.sourceRef?.sessionId;
      if (batch.events.length < this.#options.maxEvents) batch.events.push({ actor, event: message.event, sourceId });
      else batch.eventsLeftOut += 1;
    }
    this.#plan();
  };

  /** Tells of an actor that may have nothing to tell itself for long. */
  show(actorRef: object, rootId: string): void {
    if (this.#known.has(actorRef) || this.#meet(actorRef, rootId) === undefined) return;
    this.#plan();
  }

  /** Tells at once what is waiting. */
  readonly flush = (): void => {
    this.#cancel?.();
    this.#cancel = undefined;
    const { actors, events, snapshots, eventsLeftOut, tasksLeftOut } = this.#batch;
    this.#batch = emptyBatch();
    for (const [actor, actorRef] of actors) {
      const snapshot = snapshots.get(actor)?.snapshot ?? actorRef.getSnapshot();
      this.#sink.actor(actor, plainSnapshot(snapshot));
    }
    for (const { actor, event, sourceId } of events) this.#sink.event(actor, plainEvent(event), sourceId);
    for (const [actor, { snapshot, event }] of snapshots) {
      if (actor.kind === 'task' && snapshot.status !== 'active') this.#tasks -= 1;
      this.#sink.snapshot(actor, plainSnapshot(snapshot), plainEvent(event));
    }
    if (this.#scheduler === undefined || eventsLeftOut + tasksLeftOut === 0) return;
    const event = { type: 'inspection.leftOut', events: eventsLeftOut, tasks: tasksLeftOut };
    this.#sink.event(this.#scheduler, event, undefined);
  };

  /** Decides about an actor that is new here, however long it has existed. */
  #meet(actorRef: object, rootId: string): ShownActor | undefined {
    // If the user's function throws, it is not asked again.
    this.#known.set(actorRef, undefined);
    const actor = isActor(actorRef) ? shownActor(actorRef, rootId) : undefined;
    const isWanted = actor !== undefined && this.#options.actors(actor);
    const isBeyond = isWanted && actor.kind === 'task' && this.#tasks >= this.#options.maxTasks;
    if (isBeyond) {
      this.#batch.tasksLeftOut += 1;
      this.#plan();
    }
    if (actor?.kind === 'scheduler') this.#scheduler = actor;
    const shown = isWanted && !isBeyond ? actor : undefined;
    this.#known.set(actorRef, shown);
    if (shown === undefined || !isActor(actorRef)) return undefined;
    if (shown.kind === 'task') this.#tasks += 1;
    this.#batch.actors.set(shown, actorRef);
    return shown;
  }

  #plan(): void {
    this.#cancel ??= this.#options.clock.after(this.#options.intervalMs, this.flush);
  }
}

type Told = Extract<InspectionEvent, { type: '@xstate.event' | '@xstate.snapshot' }>;

/** What announces an actor is not needed, and comes before its snapshot can be read. */
function isTold(message: InspectionEvent): message is Told {
  return message.type === '@xstate.event' || message.type === '@xstate.snapshot';
}

function isActor(actorRef: object): actorRef is AnyActor {
  return 'getSnapshot' in actorRef;
}

/** Undefined for an actor that is none of a scheduler's. */
function shownActor(actorRef: AnyActor, rootId: string): ShownActor | undefined {
  const chart = actorRef.logic?.config;
  const [config, kind] = KINDS.find(([known]) => known === chart) ?? [];
  if (config === undefined || kind === undefined) return undefined;
  const { id, sessionId, _parent } = actorRef;
  const context = kind === 'task' ? plainObject(actorRef.getSnapshot().context) : {};
  const { queue } = context;
  return {
    kind,
    id,
    queue: typeof queue === 'string' ? queue : undefined,
    sessionId,
    rootId,
    parentId: _parent?.sessionId,
    chart: config,
  };
}

function plainSnapshot({ status, value, context, output, error }: AnySnapshot): PlainSnapshot {
  return {
    status,
    value: typeof value === 'string' ? value : plainObject(value),
    context: plainObject(context),
    ...(output === undefined ? {} : { output: plainText(output) }),
    ...(error === undefined ? {} : { error: plainText(error) }),
  };
}

function plainEvent(event: object): PlainEvent {
  return { type: 'unknown', ...plainObject(event) };
}
