/**
 * The inspectors of a scheduler's own actor system, by XState's inspection protocol. XState tells them of the scheduler's
 * actor; this object tells them of the actors of tasks and queues, with the actor that each event came from.
 *
 * It learns of observers through `system.inspect`, which is public and which it replaces by a function that notes the
 * observer and calls the original. In a system that belongs to another actor, earlier observers cannot be known that
 * way; there XState itself tells (actor-cells.ts).
 *
 * Invariants: an inspector that throws harms nothing else: its error is thrown again outside of the scheduler. While
 * there are none, `isAny` is false and nothing is made for them.
 */
import { type AnyActorRef, type InspectionEvent, type Observer, toObserver } from 'xstate';
import { throwOutside } from '../../core/throw-outside.js';

/**
 * Sees every actor, event and snapshot of a system.
 *
 * @public
 */
export type Inspector = Observer<InspectionEvent> | ((event: InspectionEvent) => void);

/** The inspectors of the system whose root is `root`. @internal */
export class Inspectors {
  /** Whether there are any; read before each step. */
  isAny = false;
  /** Part of each message. */
  readonly rootId: string;
  readonly #observers = new Set<Observer<InspectionEvent>>();

  /** To be called while `root` is being made; `given` are the inspectors that XState has been told of already. */
  constructor(root: AnyActorRef, given: Observer<InspectionEvent> | undefined) {
    this.rootId = root.sessionId;
    if (given !== undefined) this.#join(given);
    const { system } = root;
    const inspect: typeof system.inspect = system.inspect;
    system.inspect = (inspector) => {
      const observer = guarded(inspector);
      const subscription = inspect(observer);
      this.#join(observer);
      return {
        unsubscribe: () => {
          subscription.unsubscribe();
          this.#observers.delete(observer);
          this.isAny = this.#observers.size > 0;
        },
      };
    };
  }

  /** Tells all inspectors, in the order in which they joined. */
  tell(message: InspectionEvent): void {
    for (const observer of this.#observers) observer.next?.(message);
  }

  #join(observer: Observer<InspectionEvent>): void {
    this.#observers.add(observer);
    this.isAny = true;
  }
}

/** An observer whose errors are thrown again outside of the scheduler. @internal */
export function guarded(inspector: Inspector): Observer<InspectionEvent> {
  const observer = toObserver(inspector);
  return {
    next(event) {
      try {
        observer.next?.(event);
      } catch (error) {
        throwOutside(error);
      }
    },
  };
}
