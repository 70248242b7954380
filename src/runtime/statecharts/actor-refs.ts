/** The types of the actors that users can hold: of a task and of a queue. */
import type { ActorRef, EventObject, Snapshot } from 'xstate';
import type { QueueContextData, QueueEvent } from '../../../machines/queue.js';
import type { TaskCommand, TaskContextData, TaskEmitted, TaskEvent } from '../../../machines/task.js';
import type { Outcome } from '../../core/outcome.js';
import type { ChartSnapshot } from './chart-snapshot.js';

/** The snapshot of a task's actor; its output is the outcome. @internal */
export type TaskSnapshot = ChartSnapshot<TaskContextData, TaskEvent, Outcome>;

/**
 * A task's actor. It takes the event `cancel.requested`, and emits `partial` and `settled`.
 *
 * @public
 */
export type TaskActorRef = ActorRef<TaskSnapshot & Snapshot<Outcome>, TaskCommand, TaskEmitted>;

/** The snapshot of a queue's actor. @internal */
export type QueueSnapshot = ChartSnapshot<QueueContextData, QueueEvent, never>;

/** An event that there is none of. */
interface NoEvent extends EventObject {
  readonly type: never;
}

/**
 * A queue's actor, to be looked at: it takes no events from outside.
 *
 * @public
 */
export type QueueActorRef = ActorRef<QueueSnapshot & Snapshot<never>, NoEvent>;
