/**
 * Uses the actors of settled tasks again for others. XState's constructor makes some ten objects and as many closures for
 * every actor, which costs more than all the rest of a task's life; a task that nobody looks at needs a new one of none of
 * them. An actor that anybody could have seen must never come here: see `Engine`, and docs/decisions/0010.
 *
 * This is the one file that touches what XState keeps to itself. Relied upon is, of class `Actor` in XState 5.33:
 *
 * - `_snapshot` is the present snapshot, and `_actorScope` what the logic is given, with a copy of the actor's `id`.
 * - `_processingStatus` is 0 before `start`, 1 while running and 2 once stopped; `start` begins whenever it is 0.
 * - `_doneEvent` is what was sent to the parent at the end, and nothing reads it but devtools.
 * - At its end an actor leaves the system's register (`start` enters it again), makes itself a new mailbox and lets go of
 *   its observers; it has no other fields that change.
 *
 * `canRecycle` tries all of that once on an actor of its own. Where it does not hold, in another version of XState, actors
 * are made anew for every task: slower, and the same in everything else.
 */
import { type AnyActorLogic, createActor, type EventObject, type Snapshot } from 'xstate';

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
  _snapshot: Snapshot<unknown> | undefined;
  _processingStatus: number;
  _doneEvent: unknown;
  readonly _actorScope: { id: string };
  readonly _deferred: readonly unknown[];
  readonly observers: ReadonlySet<unknown>;
  readonly eventListeners: ReadonlyMap<unknown, unknown>;
}

const NOT_STARTED = 0;
const STOPPED = 2;

/** Actors of one logic that wait for their next task; at most 1,024. All operations are O(1). @internal */
export class ActorPool<TActor extends { start(): unknown }> {
  readonly #logic: AnyActorLogic;
  readonly #waiting: TActor[] = [];

  constructor(logic: AnyActorLogic) {
    this.#logic = logic;
  }

  /** An actor that has not been started, with the snapshot that the logic begins with now; undefined when there is none. */
  take(id: string): TActor | undefined {
    const actor = this.#waiting.pop();
    if (actor !== undefined) begin(internalsOf(actor), this.#logic, id);
    return actor;
  }

  /**
   * Takes an actor that has come to its end, that nobody observes, and that only the caller has. One that ended in an error
   * is not kept. Must not be called from within its transition or an effect of it.
   */
  give(actor: TActor): void {
    if (this.#waiting.length < KEEP_AT_MOST && canRecycle() && forget(internalsOf(actor))) this.#waiting.push(actor);
  }
}

let verdict: boolean | undefined;

/** Whether the installed XState is as this file expects it to be. Tried once. @internal */
export function canRecycle(): boolean {
  verdict ??= tryOut();
  return verdict;
}

function internalsOf(actor: { start(): unknown }): Internals {
  return actor as unknown as Internals;
}

/** Lets go of all that the actor had of its last task; false when it must not be used again. */
function forget(actor: Internals): boolean {
  const isOver = actor._processingStatus === STOPPED && actor._snapshot?.status === 'done';
  if (!isOver || actor.observers.size + actor.eventListeners.size + actor._deferred.length > 0) return false;
  actor._snapshot = undefined;
  actor._doneEvent = undefined;
  actor._processingStatus = NOT_STARTED;
  return true;
}

function begin(actor: Internals, logic: AnyActorLogic, id: string): void {
  actor.id = id;
  actor._actorScope.id = id;
  actor._snapshot = logic.getInitialSnapshot(actor._actorScope as never, undefined) as Snapshot<unknown>;
}

interface Trial extends EventObject {
  readonly type: 'go' | 'end';
}

/** Leads one actor through two lives, and compares what can be seen of them. */
function tryOut(): boolean {
  try {
    const heard: string[] = [];
    const parent = createActor({
      transition(snapshot: Snapshot<undefined>, event: EventObject) {
        heard.push(event.type);
        return snapshot;
      },
      getInitialSnapshot: () => ({ status: 'active', output: undefined, error: undefined }) as const,
      getPersistedSnapshot: (snapshot: Snapshot<undefined>) => snapshot,
    }).start();
    const logic = {
      transition(snapshot: Snapshot<number>, event: Trial, scope: { id: string; defer(effect: () => void): void }) {
        scope.defer(() => heard.push(`${scope.id} ${event.type}`));
        return event.type === 'end' ? ({ status: 'done', output: 1, error: undefined } as const) : { ...snapshot };
      },
      getInitialSnapshot: (): Snapshot<number> => ({ status: 'active', output: undefined, error: undefined }),
      getPersistedSnapshot: (snapshot: Snapshot<number>) => snapshot,
    };
    const actor = createActor(logic, { parent });
    const fields = Object.keys(actor);
    if (fields.length !== FIELDS.size || fields.some((field) => !FIELDS.has(field))) return false;
    for (const id of ['first', 'second']) {
      const internals = internalsOf(actor);
      begin(internals, logic, id);
      const before = actor.getSnapshot();
      actor.start();
      actor.send({ type: 'go' });
      if (before.status !== 'active' || actor.getSnapshot().status !== 'active' || internals._processingStatus !== 1)
        return false;
      actor.send({ type: 'end' });
      if (actor.getSnapshot().output !== 1 || !forget(internals)) return false;
    }
    return heard.join() === LIVES;
  } catch {
    return false;
  }
}

/** What is heard of two lives: of each event, and at the end of the parent. */
const LIVES = 'first go,first end,xstate.done.actor.first,second go,second end,xstate.done.actor.second';
