/**
 * Makes actors that have a parent. XState's constructor mixes the options that it is given into its own. An object that gets a
 * key more in that way has a shape of its own in V8 as of Node 20, and every look at it goes the slow way: 5 of the 6 µs that
 * making a child takes. So the actor is made without options, as the root of a system that nobody uses, and then moved
 * to its parent's.
 *
 * Relied upon is, of class `Actor` in XState 5.33, besides what `ActorPool` names: what is written below says where an actor
 * belongs, and nothing else does before it starts. `canMove` compares an actor that was moved with one that was made a
 * child, in all their fields and in all that is seen of their lives. Where they differ, in another version of XState, children are
 * made as XState makes them: slower, and the same in everything else.
 *
 * Observers hear of such an actor when it has its first snapshot, and not just before.
 */
import { type Actor, type AnyActorLogic, type AnyActorRef, createActor } from 'xstate';
import { next, probeLogic } from './probe-logic.js';

interface System {
  readonly _clock: unknown;
  readonly _logger: unknown;
  _sendInspectionEvent(message: object): void;
}

/** What is read and written here of an actor; see the head of this file. */
interface Internals {
  id: string;
  system: System;
  logger: unknown;
  clock: unknown;
  options: { readonly clock: unknown; readonly logger: unknown };
  _parent: AnyActorRef;
  readonly _actorScope: { id: string; system: System; logger: unknown };
}

/** An actor that has not been started. @internal */
export function createChild<TLogic extends AnyActorLogic>(
  logic: TLogic,
  parent: AnyActorRef,
  id: string,
): Actor<TLogic> {
  return canMove() ? moved(logic, parent, id) : made(logic, parent, id);
}

function made<TLogic extends AnyActorLogic>(logic: TLogic, parent: AnyActorRef, id: string): Actor<TLogic> {
  return createActor<AnyActorLogic>(logic, { id, parent }) as Actor<TLogic>;
}

function moved<TLogic extends AnyActorLogic>(logic: TLogic, parent: AnyActorRef, id: string): Actor<TLogic> {
  const actor = createActor<AnyActorLogic>(logic) as Actor<TLogic>;
  const internals = actor as unknown as Internals;
  const { system } = parent as unknown as Internals;
  const { clock, logger } = internals.options;
  internals.options = { clock, logger, devTools: false, id, parent } as Internals['options'];
  internals.id = id;
  internals.system = system;
  internals.logger = system._logger;
  internals.clock = system._clock;
  internals._parent = parent;
  const scope = internals._actorScope;
  scope.id = id;
  scope.system = system;
  scope.logger = system._logger;
  system._sendInspectionEvent({ type: '@xstate.actor', actorRef: actor });
  return actor;
}

let verdict: boolean | undefined;

/** Whether the installed XState is as this file expects it to be. Tried once. @internal */
export function canMove(): boolean {
  verdict ??= tryOut();
  return verdict;
}

function tryOut(): boolean {
  try {
    return lifeOf(moved).join() === lifeOf(made).join();
  } catch {
    return false;
  }
}

const silent = (): void => undefined;

/** All that is seen of an actor made by `make`: its fields, and what it, its parent and its system's observers hear. */
function lifeOf(make: typeof made): readonly string[] {
  const heard: string[] = [];
  const clock = { setTimeout: () => 0, clearTimeout: () => undefined };
  const parent = createActor(
    probeLogic((snapshot, { type }) => {
      heard.push(`parent ${type}`);
      return snapshot;
    }),
    { logger: silent, clock },
  ).start();
  const logic = probeLogic((snapshot, event, { id, defer }) => {
    defer(() => heard.push(`${id} ${event.type} ${actor.getSnapshot().steps}`));
    return next(snapshot, event);
  });
  parent.system.inspect(({ type, rootId, ...rest }) => {
    heard.push(`${type} ${Object.is(rootId, parent.sessionId)} ${Object.keys(rest).join(' ')}`);
  });
  const actor = make(logic, parent, 'child');
  const known = new Map<unknown, string>([
    [actor, 'actor'],
    [actor.sessionId, 'session'],
    [parent, 'parent'],
    [logic, 'logic'],
    ...Object.entries(parent).map(([key, value]) => [value, `parent's ${key}`] as const),
  ]);
  const describe = (value: unknown, depth: number): string => {
    const name = known.get(value);
    if (name !== undefined) return name;
    if (typeof value !== 'object' || value === null || depth === 0) return `${typeof value} ${JSON.stringify(value)}`;
    return Object.entries(value)
      .map(([key, inner]) => `${key}: ${describe(inner, depth - 1)}`)
      .join('; ');
  };
  const fields = (): string =>
    Object.entries(actor)
      .map(([key, value]) => `${key} ${describe(value, 1)}`)
      .join('; ');
  heard.push(fields());
  actor.start();
  for (const type of ['go', 'end']) actor.send({ type });
  heard.push(fields());
  parent.stop();
  return heard;
}
