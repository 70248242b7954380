/** Every error that pullgraph itself makes, in one place to import from. */
export { describe, shown } from './user-value.js';
export { type FeedEnd, FeedFailed, type FeedFailure } from './feed-failures.js';
export { type ErrorCode, type ErrorDetails, SchedulerError } from './scheduler-error.js';
export {
  CommandFailed,
  DependencyFailed,
  PartialCountMismatch,
  PartialOutOfRange,
  QueueFull,
  TaskCancelled,
  TaskEvicted,
  TaskInterrupted,
  TasksFailed,
  TaskTimedOut,
  WorkerCrashed,
  WorkerLost,
} from './task-failures.js';
