/** What `pullgraph` exports. */
export {
  DependencyFailed,
  type ErrorCode,
  type ErrorDetails,
  PartialCountMismatch,
  PartialOutOfRange,
  SchedulerError,
  TaskCancelled,
  TaskEvicted,
  TasksFailed,
  TaskTimedOut,
  WorkerCrashed,
} from './core/failures.js';
export type { TaskId } from './core/ids.js';
export { type Outcome, type OutcomeKind, outcomeKind, type TaskState } from './core/outcome.js';
export type { Attempt, Executor, TaskFunction } from './core/ports.js';
export { type TaskContext, taskContext } from './core/task-context.js';
export type { QueueActorRef, TaskActorRef } from './runtime/actor-refs.js';
export type { CancelOptions } from './runtime/cancel-options.js';
export type { SchedulerEvents, SchedulerEventUnion, SchedulerState, SettledListener } from './runtime/event-hub.js';
export { Handle, StreamHandle } from './runtime/handle.js';
export type { OnFailure } from './runtime/lifecycle.js';
export type { QueuePolicy } from './runtime/queue-policy.js';
export { Queue } from './runtime/queue.js';
export type { Route, RoutedTask, RouteRule } from './runtime/route.js';
export type { QueueOptions, SchedulerOptions } from './runtime/scheduler.js';
export type { RetryOptions } from './runtime/retry.js';
export type {
  Arg,
  Args,
  Delivered,
  Fitting,
  HandleOf,
  Iterated,
  SubmitOptions,
  ValueOf,
  Values,
} from './runtime/submission.js';
export type { TableSnapshot } from './runtime/table-logic.js';
export type { Why } from './runtime/reason.js';
export { Scheduler, type SchedulerContext, type SchedulerInput, schedulerLogic } from './scheduler.js';
