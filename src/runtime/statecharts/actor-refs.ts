/** The types of the actors that users can hold: of a task and of a queue. */
import type { ActorRef, Snapshot } from 'xstate';
import type { QueueContextData, QueueEvent } from '../../../machines/queue.js';
import type { TaskContextData, TaskEvent } from '../../../machines/task.js';
import type { Outcome } from '../../core/outcome.js';
import type { TableSnapshot } from './table-logic.js';

/** The snapshot of a task's actor; its output is the outcome. @internal */
export type TaskSnapshot = TableSnapshot<TaskContextData, TaskEvent, Outcome>;

/**
 * A task's actor. Of the events it takes, `cancel.requested` is for users; the others are the scheduler's.
 *
 * @public
 */
export type TaskActorRef = ActorRef<TaskSnapshot & Snapshot<Outcome>, TaskEvent>;

/** The snapshot of a queue's actor. @internal */
export type QueueSnapshot = TableSnapshot<QueueContextData, QueueEvent, never>;

/**
 * A queue's actor, to be looked at: its events are the scheduler's.
 *
 * @public
 */
export type QueueActorRef = ActorRef<QueueSnapshot & Snapshot<never>, QueueEvent>;
