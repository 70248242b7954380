/**
 * Uses the actors of settled tasks again for others. XState's constructor makes some ten objects and as many closures for
 * every actor, which costs more than all the rest of a task's life; a task that nobody looks at needs none of them anew.
 * An actor that anybody could have seen must never come here: see `Engine`, and docs/decisions/0010.
 *
 * The actor does not end with its task: in the effect that settles it, it is given the snapshot of one that rests, and before
 * its next task the one that its logic begins with. This is the one file that touches what XState keeps to itself. Relied
 * upon is, of class `Actor` in XState 5.33:
 *
 * - `_snapshot` is the present snapshot; that an actor is done is read from it once its effects have been carried out.
 * - `_actorScope` is what the logic is given, with a copy of the actor's `id`.
 * - An actor has no other fields that change and matter to anybody who has not seen it before.
 *
 * `canRecycle` tries all of that once on an actor of its own. Where it does not hold, in another version of XState, actors
 * are made anew for every task: slower, and the same in everything else.
 */
import { type AnyActorLogic, createActor, type Snapshot } from 'xstate';
import { next, probeLogic } from './probe-logic.js';

/** More actors than this are not kept: as many as commonly run at once. */
const KEEP_AT_MOST = 1024;

/** All fields of an actor. One that is new or gone says that XState has changed. */
const FIELDS: ReadonlySet<string> = new Set([
  'logic',
  '_snapshot',
  'clock',
  'options',
  'id',
  'mailbox',
  'observers',
  'eventListeners',
  'logger',
  '_processingStatus',
  '_parent',
  '_syncSnapshot',
  'ref',
  '_actorScope',
  'systemId',
  'sessionId',
  'system',
  '_doneEvent',
  'src',
  '_deferred',
  'send',
]);

/** What is written and read here; see the head of this file. */
interface Internals {
  id: string;
  _snapshot: Snapshot<unknown>;
  readonly _actorScope: { id: string };
  readonly observers: ReadonlySet<unknown>;
  readonly eventListeners: ReadonlyMap<unknown, unknown>;
}

const RESTING: Snapshot<unknown> = Object.freeze({ status: 'active', output: undefined, error: undefined });

/** Actors of one logic that wait for their next task; at most 1,024. All operations are O(1). @internal */
export class ActorPool<TActor extends object> {
  readonly #logic: AnyActorLogic;
  readonly #waiting: TActor[] = [];
  #isClosed = false;
  /** The actor whose last step is under way, and its snapshot. */
  #resting: TActor | undefined = undefined;
  #lastSnapshot: Snapshot<unknown> | undefined = undefined;

  constructor(logic: AnyActorLogic) {
    this.#logic = logic;
  }

  /** An actor that runs, with the snapshot that the logic begins with now; undefined when there is none. */
  take(): TActor | undefined {
    const actor = this.#waiting.pop();
    if (actor !== undefined) begin(internalsOf(actor), this.#logic);
    return actor;
  }

  /**
   * To be called in an effect of the last step of an actor that only the caller has: XState does not see it come to its end,
   * and `give` can keep it. Does nothing when it will not be kept.
   */
  rest(actor: TActor): void {
    if (this.#isClosed || this.#waiting.length === KEEP_AT_MOST || !canRecycle()) return;
    const internals = internalsOf(actor);
    this.#resting = actor;
    this.#lastSnapshot = internals._snapshot;
    internals._snapshot = RESTING;
  }

  /** Keeps an actor that rests, once the step in which it came to rest is over. Any other is not kept. */
  give(actor: TActor): void {
    this.#resting = undefined;
    this.#lastSnapshot = undefined;
    if (isAtRest(internalsOf(actor))) this.#waiting.push(actor);
  }

  /**
   * From now on somebody may see every actor: none is kept. One whose last step is under way comes to its end after all, and is
   * returned.
   */
  close(): TActor | undefined {
    this.#isClosed = true;
    this.#waiting.length = 0;
    const resting = this.#resting;
    if (resting !== undefined && this.#lastSnapshot !== undefined) internalsOf(resting)._snapshot = this.#lastSnapshot;
    return resting;
  }
}

/** Gives an actor that nobody has seen its id, before somebody does. @internal */
export function nameActor(actor: object, id: string, snapshot?: Snapshot<unknown>): void {
  const internals = internalsOf(actor);
  internals.id = id;
  internals._actorScope.id = id;
  if (snapshot !== undefined) internals._snapshot = snapshot;
}

let verdict: boolean | undefined;

/** Whether the installed XState is as this file expects it to be. Tried once. @internal */
export function canRecycle(): boolean {
  verdict ??= tryOut();
  return verdict;
}

function internalsOf(actor: object): Internals {
  return actor as Internals;
}

function begin(actor: Internals, logic: AnyActorLogic): void {
  actor._snapshot = logic.getInitialSnapshot(actor._actorScope as never, undefined) as Snapshot<unknown>;
}

function isAtRest({ _snapshot, observers, eventListeners }: Internals): boolean {
  return _snapshot === RESTING && observers.size === 0 && eventListeners.size === 0;
}

/** Leads one actor through two lives, and compares what can be seen of them. */
function tryOut(): boolean {
  const heard: string[] = [];
  const parent = createActor(
    probeLogic((snapshot, { type }) => {
      heard.push(`parent ${type}`);
      return snapshot;
    }),
  );
  const logic = probeLogic((snapshot, event, { id, defer }) => {
    const { type } = event;
    defer(() => {
      heard.push(`${id} ${type}`);
      if (type === 'end') internalsOf(actor)._snapshot = RESTING;
    });
    return next(snapshot, event);
  });
  const actor = createActor(logic, { parent: parent.start() });
  try {
    const fields = Object.keys(actor);
    if (fields.length !== FIELDS.size || fields.some((field) => !FIELDS.has(field))) return false;
    actor.start();
    for (const id of ['first', 'second']) {
      begin(internalsOf(actor), logic);
      nameActor(actor, id);
      if (actor.id !== id || Object.is(actor.getSnapshot(), RESTING)) return false;
      actor.send({ type: 'go' });
      actor.send({ type: 'end' });
      if (!isAtRest(internalsOf(actor))) return false;
    }
    return heard.join() === 'first go,first end,second go,second end';
  } catch {
    return false;
  } finally {
    parent.stop();
  }
}
