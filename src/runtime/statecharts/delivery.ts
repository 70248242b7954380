/**
 * Delivers events to actors that nobody observes. XState's `send` makes a message for observers of the whole system, a letter for the
 * mailbox and a list of effects, whether anybody is there for them or not; together they cost more than the step itself. Here
 * the step is taken at once: the same snapshot, the same effects and the same messages to observers of the system, in the
 * same order.
 *
 * Relied upon is, of class `Actor` in XState 5.33, besides what `ActorPool` and `tellInspectors` name:
 *
 * - `mailbox._current` is the letter being seen to; while there is one, what is sent waits behind it, as `next` of it, and
 *   `flush` sees to what waits. An actor with an active mailbox runs.
 * - `update(snapshot, event)` tells observers, ends an actor that is done, and tells its parent.
 *
 * `canDeliver` tries that once on an actor of its own. Where it does not hold, in another version of XState, events are sent.
 */
import { createActor, type EventObject, type Snapshot } from 'xstate';
import { next, probeLogic, type ProbeSnapshot } from './probe-logic.js';

interface Letter {
  readonly value: unknown;
  next: Letter | null;
}

interface Mailbox {
  readonly _active: boolean;
  _current: Letter | null;
  _last: Letter | null;
  flush(): void;
}

/** What is written and read here of an actor; see the head of this file. */
interface Internals {
  _snapshot: Snapshot<unknown>;
  readonly observers: ReadonlySet<unknown>;
  readonly mailbox: Mailbox;
  readonly system: { _sendInspectionEvent(message: object): void };
  send(event: EventObject): void;
  update(snapshot: Snapshot<unknown>, event: EventObject): void;
}

/** Logic that can take a step of an actor by itself. @internal */
export interface SteppingLogic {
  deliver(actor: never, event: never): void;
}

/** Delivery to the actors of one scheduler. @internal */
export class Delivery {
  #isWatched = false;
  /** Stands in the mailbox of the actor that takes a step; undefined when one does, or when events are to be sent. */
  #letter: Letter | undefined = canDeliver() ? { value: undefined, next: null } : undefined;

  /** Whether somebody may see an actor that no handle has given out, or a snapshot that it had before one did. */
  get isWatched(): boolean {
    return this.#isWatched || !canDeliver();
  }

  /** From now on somebody may observe the whole system. */
  watched(): void {
    this.#isWatched = true;
  }

  deliver(logic: SteppingLogic, actor: object, event: EventObject): void {
    const internals = internalsOf(actor);
    const letter = this.#letter;
    if (letter === undefined || !isUnobserved(internals)) {
      internals.send(event);
      return;
    }
    this.#letter = undefined;
    try {
      this.#step(logic, internals, event, letter);
    } finally {
      this.#letter = letter;
    }
  }

  #step(logic: SteppingLogic, internals: Internals, event: EventObject, letter: Letter): void {
    const { mailbox, system } = internals;
    if (this.#isWatched) {
      // With room for what is added to it.
      const rootId = undefined;
      system._sendInspectionEvent({ type: '@xstate.event', sourceRef: undefined, actorRef: internals, event, rootId });
    }
    mailbox._current = letter;
    mailbox._last = letter;
    try {
      logic.deliver(internals as never, event as never);
      const { _snapshot } = internals;
      if (_snapshot.status !== 'active' || internals.observers.size > 0) {
        internals.update(_snapshot, event);
      } else if (this.#isWatched) {
        const rootId = undefined;
        system._sendInspectionEvent({
          type: '@xstate.snapshot',
          actorRef: internals,
          event,
          snapshot: _snapshot,
          rootId,
        });
      }
    } finally {
      const { next: waiting } = letter;
      letter.next = null;
      // An actor that has come to its end has another mailbox.
      if (internals.mailbox === mailbox) {
        mailbox._current = waiting;
        if (waiting === null) mailbox._last = null;
        else mailbox.flush();
      }
    }
  }
}

function internalsOf(actor: object): Internals {
  return actor as Internals;
}

/** Nobody observes the actor itself, it runs, and it takes no step now. */
function isUnobserved({ observers, mailbox }: Internals): boolean {
  return observers.size === 0 && mailbox._active && mailbox._current === null;
}

let verdict: boolean | undefined;

/** Whether the installed XState is as this file expects it to be. Tried once. @internal */
export function canDeliver(): boolean {
  if (verdict === undefined) {
    // The delivery under trial asks as well.
    verdict = true;
    verdict = tryOut();
  }
  return verdict;
}

const SENT = (_: SteppingLogic, actor: object, event: EventObject): void => internalsOf(actor).send(event);

/** Compares what can be seen of two actors, one of which is sent what is delivered to the other. */
function tryOut(): boolean {
  try {
    const delivery = new Delivery();
    const delivered = (logic: SteppingLogic, actor: object, event: EventObject): void => {
      if (!isUnobserved(internalsOf(actor))) throw new Error('expected an actor that nobody observes');
      delivery.deliver(logic, actor, event);
    };
    const seenBy = (deliver: Deliver): string =>
      [false, true]
        .flatMap((isWatched) => {
          if (isWatched) delivery.watched();
          return [
            ['go', 'end'],
            ['go', 'watch'],
          ].flatMap((types) => seenOf(types, deliver, isWatched));
        })
        .join();
    return seenBy(SENT) === seenBy(delivered);
  } catch {
    return false;
  }
}

type Deliver = Delivery['deliver'];

/** What is heard of an actor and by its parent, while it sends itself events and gets an observer, and at its end. */
function seenOf(types: readonly string[], deliver: Deliver, isWatched: boolean): readonly string[] {
  const heard: string[] = [];
  const parent = createActor(
    probeLogic((snapshot, { type }) => {
      heard.push(`parent ${type}`);
      return snapshot;
    }),
  ).start();
  const act = ({ type }: EventObject): void => {
    heard.push(`${type} ${actor.getSnapshot().steps}`);
    if (type === 'go') for (const each of ['first', 'second']) actor.send({ type: each });
    if (type === 'watch') actor.subscribe(({ steps }) => heard.push(`seen ${steps}`));
    heard.push(`${type} is over`);
  };
  const logic = {
    ...probeLogic((snapshot, event, { defer }) => {
      defer(() => act(event));
      return next(snapshot, event);
    }),
    deliver(taker: { _snapshot: ProbeSnapshot }, event: EventObject): void {
      taker._snapshot = next(taker._snapshot, event);
      act(event);
    },
  };
  const actor = createActor(logic, { parent, id: 'probe' }).start();
  if (isWatched) {
    parent.system.inspect((message) => {
      const { type, rootId, actorRef, ...rest } = message;
      const of = Object.is(actorRef, actor) ? 'probe' : Object.is(rootId, parent.sessionId);
      heard.push(`${type} ${of} ${Object.keys(rest).join(' ')} ${JSON.stringify(rest)}`);
    });
  }
  for (const type of types) {
    deliver(logic, actor, { type });
    heard.push(`rests ${actor.getSnapshot().status} ${actor.getSnapshot().steps}`);
  }
  parent.stop();
  return heard;
}
