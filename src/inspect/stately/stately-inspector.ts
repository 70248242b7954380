/**
 * Shows a scheduler to the tools of Stately, by `@statelyai/inspect`. What its messages are made of is filtered, throttled and made plain
 * before the package sees it, because its own filter runs after it has converted each message.
 *
 * Invariant: nothing is sent anywhere but to the caller's function: neither the package's server nor a hosted page is ever used.
 */
import type { InspectionEvent } from 'xstate';
import { SchedulerError, shown } from '../../core/failures.js';
import { neededPackage } from '../../core/needed-package.js';
import { checkOptionNames } from '../../core/option-names.js';
import type { Clock } from '../../core/ports.js';
import { systemEnvironment } from '../../system/environment.js';
import { ActorFeed, type ActorSink, type InspectedActor, type ShownActor } from './actor-feed.js';

/**
 * A message in the format of `@statelyai/inspect`, where it is called `StatelyInspectionEvent`: plain data that JSON takes.
 *
 * @public
 */
export interface StatelyMessage {
  readonly type: string;
  /** The actor that it is about. */
  readonly sessionId: string;
}

/**
 * The options of `statelyInspector`.
 *
 * @public
 */
export interface StatelyOptions {
  /** Takes each message: sends it to a page of yours, writes it to a file. Called outside of the scheduler. */
  readonly send: (message: StatelyMessage) => void;
  /**
   * Which actors are shown; asked once for each. Default: the scheduler and its queues. A task is first seen when it starts, or when its
   * actor is looked at.
   */
  readonly actors?: (actor: InspectedActor) => boolean;
  /** Of each actor the latest snapshot is sent once in this time, in milliseconds: a finite number greater than 0. Default: 100. */
  readonly intervalMs?: number;
  /** How many events are sent in that time at the most, of all actors together: an integer from 0. Default: 200. */
  readonly maxEvents?: number;
  /** How many unsettled tasks are shown at a time at the most: an integer from 0. Default: 200. */
  readonly maxTasks?: number;
  /** @internal The real one by default. */
  readonly _clock?: Clock;
}

const NAMES = {
  send: true,
  actors: true,
  intervalMs: true,
  maxEvents: true,
  maxTasks: true,
  _clock: true,
} satisfies Record<keyof StatelyOptions, true>;

/**
 * An inspector for the option `inspect` of a scheduler, or for `scheduler.actor.system.inspect` at any later time.
 *
 * @public
 */
export interface StatelyInspector {
  readonly next: (event: InspectionEvent) => void;
  /** Hands over now what waits for the end of the interval. */
  readonly flush: () => void;
}

/**
 * Makes an inspector whose messages are those of `@statelyai/inspect` and go to `send`. Each actor comes with its statechart. Values of
 * yours, such as results and errors, are sent as one line of text each. Events and tasks beyond the bounds are left out, and counted by an
 * event `inspection.leftOut` of the scheduler's actor.
 *
 * Rejects with SchedulerError `MissingPackage` without `@statelyai/inspect`; `InvalidOption`.
 *
 * @public
 */
export async function statelyInspector(options: StatelyOptions): Promise<StatelyInspector> {
  check(options);
  const { send, intervalMs = 100, maxEvents = 200, maxTasks = 200 } = options;
  const { actors = ({ kind }) => kind !== 'task', _clock: clock = systemEnvironment.clock } = options;
  const { createInspector } = await neededPackage(
    '@statelyai/inspect',
    'statelyInspector',
    () => import('@statelyai/inspect'),
  );
  const { inspect } = createInspector({ send });
  const sink = new StatelySink((message) => inspect.next?.(message as InspectionEvent));
  return new ActorFeed(sink, {
    actors,
    intervalMs,
    maxEvents,
    maxTasks,
    clock,
  });
}

/** Tells of the actors by messages of XState's inspection protocol, in which stand-ins have the place of the actors. */
class StatelySink implements ActorSink {
  readonly #tell: (message: object) => void;

  constructor(tell: (message: object) => void) {
    this.#tell = tell;
  }

  actor(actor: ShownActor, snapshot: object): void {
    this.#tell({ type: '@xstate.actor', rootId: actor.rootId, actorRef: standIn(actor, snapshot) });
  }

  event(actor: ShownActor, event: { readonly type: string }, sourceId: string | undefined): void {
    const sourceRef = sourceId === undefined ? undefined : { sessionId: sourceId };
    this.#tell({ type: '@xstate.event', rootId: actor.rootId, actorRef: standIn(actor), sourceRef, event });
  }

  snapshot(actor: ShownActor, snapshot: object, event: { readonly type: string }): void {
    this.#tell({ type: '@xstate.snapshot', rootId: actor.rootId, actorRef: standIn(actor), snapshot, event });
  }
}

/** What the package reads of an actor. */
function standIn({ id, sessionId, parentId, chart }: ShownActor, snapshot?: object): object {
  const parent = parentId === undefined ? undefined : { sessionId: parentId };
  return { id, sessionId, _parent: parent, logic: { config: chart }, getSnapshot: () => snapshot };
}

function check(options: StatelyOptions): void {
  checkOptionNames('statelyInspector', options, NAMES);
  const { send, actors, intervalMs, maxEvents, maxTasks } = options;
  if (typeof send !== 'function') throw invalid('send', 'a function', send);
  if (actors !== undefined && typeof actors !== 'function') throw invalid('actors', 'a function', actors);
  if (intervalMs !== undefined && !(Number.isFinite(intervalMs) && intervalMs > 0)) {
    throw invalid('intervalMs', 'a finite number greater than 0', intervalMs);
  }
  for (const [name, count] of Object.entries({ maxEvents, maxTasks })) {
    if (count !== undefined && !(Number.isSafeInteger(count) && count >= 0)) {
      throw invalid(name, 'an integer from 0', count);
    }
  }
}

function invalid(name: string, allowed: string, given: unknown): SchedulerError {
  return new SchedulerError('InvalidOption', `${name} must be ${allowed}, got ${shown(given)}`);
}
