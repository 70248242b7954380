/**
 * Tells observers what happens in a scheduler's system, by XState's inspection protocol. XState copies every message before
 * it tells it, to add the id of the root, and that copy costs more than all the rest of being observed. A system whose root
 * is a scheduler's actor adds the id to the message itself, which was made for the observers and is nobody else's.
 *
 * Relied upon is, of a system in XState 5.33, what it keeps to itself: `_sendInspectionEvent` is called as a method of the
 * system, with an object made for that call which lacks nothing but `rootId`. `canTell` tries that once on a system of its
 * own. Where it does not hold, in another version of XState, and in a system that is another actor's, XState tells observers
 * as it does, which is slower and the same in everything else.
 *
 * Invariant: the messages are those that XState would send, with the same fields, in the same order, to the same observers.
 */
import { type AnyActorRef, createActor, type InspectionEvent, type Observer, toObserver } from 'xstate';

/** Sees every actor, event and snapshot of a system. @internal */
export type Inspector = Observer<InspectionEvent> | ((event: InspectionEvent) => void);

type System = AnyActorRef['system'];

const TELL = '_sendInspectionEvent';

/** Calls `inspected` when an observer comes to a system later than the scheduler. @internal */
export function noticeInspection(system: System, inspected: () => void): void {
  const inspect: System['inspect'] = system.inspect;
  system.inspect = (observer) => {
    inspected();
    return inspect(observer);
  };
}

/**
 * From now on all that have come to the system of `root`, or will come, are told from here. To be called once, for a root
 * that has been made and not started; `given` is the observer with which it was made, and the only one there is.
 *
 * @internal
 */
export function tellInspectors(root: AnyActorRef, given: Inspector | undefined): void {
  if (!canTell()) return;
  const observers = new Set<Observer<InspectionEvent>>();
  const join = (inspector: Inspector): Observer<InspectionEvent> => {
    const observer = toObserver(inspector);
    // A system without observers is left as it is: XState then does nothing at all.
    if (observers.size === 0) tellFrom(root, observers);
    observers.add(observer);
    return observer;
  };
  if (given !== undefined) join(given);
  root.system.inspect = (inspector) => {
    const observer = join(inspector);
    return { unsubscribe: () => void observers.delete(observer) };
  };
}

function tellFrom({ system, sessionId }: AnyActorRef, observers: ReadonlySet<Observer<InspectionEvent>>): void {
  Reflect.set(system, TELL, (event: InspectionEvent): void => {
    event.rootId = sessionId;
    for (const observer of observers) observer.next?.(event);
  });
}

let verdict: boolean | undefined;

/** Whether the installed XState is as this file expects it to be. Tried once. @internal */
export function canTell(): boolean {
  verdict ??= tryOut();
  return verdict;
}

/** What is told of an actor that is started and sent an event, by their fields. */
const EXPECTED = [
  '@xstate.event: type sourceRef actorRef event',
  '@xstate.snapshot: type actorRef event snapshot',
  '@xstate.event: type sourceRef actorRef event',
  '@xstate.snapshot: type actorRef event snapshot',
];

function tryOut(): boolean {
  const resting = { status: 'active', output: undefined, error: undefined } as const;
  const actor = createActor({
    transition: (snapshot: typeof resting) => snapshot,
    getInitialSnapshot: () => resting,
    getPersistedSnapshot: (snapshot: typeof resting) => snapshot,
  });
  const told = new Set<object>();
  const seen: string[] = [];
  try {
    if (typeof Reflect.get(actor.system, TELL) !== 'function') return false;
    Reflect.set(actor.system, TELL, (event: { readonly type: string }) => {
      told.add(event);
      seen.push(
        Object.isExtensible(event) ? `${event.type}: ${Object.keys(event).join(' ')}` : 'an object that is kept',
      );
    });
    actor.start();
    actor.send({ type: 'go' });
    return told.size === EXPECTED.length && seen.join() === EXPECTED.join();
  } catch {
    return false;
  } finally {
    actor.stop();
  }
}
