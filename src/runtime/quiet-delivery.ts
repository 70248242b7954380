/**
 * Delivers events to actors that nobody watches. XState's `send` makes a message for observers of the system, a letter for the
 * mailbox and a list of effects, whether there is anybody or not; together they cost more than the step itself. Where nobody could
 * tell the difference the step is taken here: the same snapshot, the same effects, in the same order.
 *
 * Relied upon is, of class `Actor` in XState 5.33, besides what `ActorPool` names:
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
  send(event: EventObject): void;
  update(snapshot: Snapshot<unknown>, event: EventObject): void;
}

/** Logic that can take a step of an actor by itself. @internal */
export interface QuietLogic {
  deliver(actor: never, event: never): void;
}

/** Delivery to the actors of one scheduler. @internal */
export class QuietDelivery {
  #isWatched = !canDeliver();
  /** Stands in the mailbox of the actor that takes a step; undefined when one does. */
  #letter: Letter | undefined = { value: undefined, next: null };

  /** Whether events are sent, as somebody sees them all, or as XState is not as it should be. */
  get isWatched(): boolean {
    return this.#isWatched;
  }

  /** From now on somebody sees every event. */
  watched(): void {
    this.#isWatched = true;
  }

  deliver(logic: QuietLogic, actor: object, event: EventObject): void {
    const internals = internalsOf(actor);
    const letter = this.#letter;
    if (letter === undefined || this.#isWatched || !isQuiet(internals)) {
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

  #step(logic: QuietLogic, internals: Internals, event: EventObject, letter: Letter): void {
    const { mailbox } = internals;
    mailbox._current = letter;
    mailbox._last = letter;
    try {
      logic.deliver(internals as never, event as never);
      const { _snapshot } = internals;
      if (_snapshot.status !== 'active' || internals.observers.size > 0 || this.#isWatched) {
        internals.update(_snapshot, event);
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

/** Nobody observes the actor, it runs, and it takes no step now. */
function isQuiet({ observers, mailbox }: Internals): boolean {
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

const SENT = (_: QuietLogic, actor: object, event: EventObject): void => internalsOf(actor).send(event);

/** Compares what can be seen of two actors, one of which is sent what is delivered to the other. */
function tryOut(): boolean {
  try {
    const quiet = new QuietDelivery();
    const delivered = (logic: QuietLogic, actor: object, event: EventObject): void => {
      if (!isQuiet(internalsOf(actor))) throw new Error('expected an actor that nobody watches');
      quiet.deliver(logic, actor, event);
    };
    const lives = [SENT, delivered].map((by) => [...seenOf(['go', 'end'], by), ...seenOf(['go', 'watch'], by)].join());
    return lives[0] === lives[1];
  } catch {
    return false;
  }
}

/** What is heard of an actor and by its parent, while it sends itself events and gets an observer, and at its end. */
function seenOf(types: readonly string[], deliver: QuietDelivery['deliver']): readonly string[] {
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
  for (const type of types) {
    deliver(logic, actor, { type });
    heard.push(`rests ${actor.getSnapshot().status} ${actor.getSnapshot().steps}`);
  }
  parent.stop();
  return heard;
}
