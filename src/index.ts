/** The public exports of `pullgraph`. */
export { CommandResult } from './core/command-result.js';
export {
  CommandFailed,
  DependencyFailed,
  type ErrorCode,
  type ErrorDetails,
  type FeedEnd,
  FeedFailed,
  type FeedFailure,
  PartialCountMismatch,
  PartialOutOfRange,
  QueueFull,
  SchedulerError,
  TaskCancelled,
  TaskEvicted,
  TaskInterrupted,
  TasksFailed,
  TaskTimedOut,
  WorkerCrashed,
  WorkerLost,
} from './core/failures.js';
export type { TaskId } from './core/ids.js';
export { type Outcome, type OutcomeKind, outcomeKind, type TaskState } from './core/outcome.js';
export type { Attempt, Executor, TaskFunction } from './core/ports.js';
export type { Durability, Store } from './core/store-port.js';
export { type TaskContext, taskContext } from './core/task-context.js';
export type { TraceHeaders, TraceScope } from './core/trace-headers.js';
export type { QueueActorRef, TaskActorRef } from './runtime/statecharts/actor-refs.js';
export type { CancelOptions } from './runtime/policies/cancel-options.js';
export type {
  CommandArg,
  CommandOptions,
  CommandStdin,
  CommandValue,
} from './runtime/submission/command-submission.js';
export type {
  SchedulerEvents,
  SchedulerEventUnion,
  SchedulerState,
  SettledListener,
} from './runtime/events/event-hub.js';
export { Feed } from './runtime/feeds/feed.js';
export type { FeedResult } from './runtime/feeds/handover.js';
export type { AddItems, FeedOptions, OnFeedError, ResultOf } from './runtime/feeds/options.js';
export { Handle, StreamHandle } from './runtime/tasks/handle.js';
export type { LeaveOptions } from './runtime/tasks/leaving.js';
export type { FeedAsk, FeedSource, Items, Supply } from './runtime/feeds/source.js';
export type { OnFailure } from './runtime/lifecycle.js';
export type { OnInterrupted } from './runtime/keeping/kept-task.js';
export type { OnStoreError, StoreOptions } from './runtime/keeping/store-options.js';
export type { QueuePolicy } from './runtime/policies/queue-policy.js';
export { Group, type GroupOptions } from './runtime/group.js';
export { Queue } from './runtime/queue.js';
export { QueueControl } from './runtime/queues/queue-control.js';
export type { QueueLimits } from './runtime/queues/queue-limits.js';
export type { SchedulerOrder } from './core/order/task-order.js';
export type { QueueOrder } from './runtime/queues/queue-state.js';
export type { Route, RoutedTask, RouteRule } from './runtime/route.js';
export type { Estimate } from './runtime/planning/estimate.js';
export type { Plan, PlannedTask } from './runtime/planning/plan.js';
export type { RateOptions } from './runtime/policies/rate.js';
export type { RetryOptions } from './runtime/policies/retry.js';
export type { Fitting, Returned } from './runtime/submission/signatures.js';
export type {
  Arg,
  Args,
  Delivered,
  Followed,
  HandleOf,
  Iterated,
  SubmitOptions,
  ValueOf,
  Values,
} from './runtime/submission/submit-options.js';
export type { Interpreter } from './runtime/statecharts/cells.js';
export type { ChartSnapshot } from './runtime/statecharts/chart-snapshot.js';
export type { Inspector } from './runtime/statecharts/inspectors.js';
export type { Why, WhyNow } from './runtime/tasks/reason.js';
export { Scheduler, type SchedulerContext } from './runtime/scheduler.js';
export { type SchedulerInput, schedulerLogic } from './runtime/scheduler-logic.js';
export type { QueueOptions, SchedulerOptions } from './runtime/scheduler-options.js';
