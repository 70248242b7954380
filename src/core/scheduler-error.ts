/**
 * The error type of pullgraph and its closed list of codes. Each error carries a stable `code`; messages may change, codes do
 * not. An error thrown by a user's function is passed on as it is, and never wrapped in one of these.
 */

/**
 * The closed list of codes. The first group is misuse, thrown at once by the offending call; the second is the ways in which a
 * task, a handle or a wait can end.
 *
 * @public
 */
export type ErrorCode =
  | 'InvalidOption'
  | 'InvalidArgument'
  | 'DuplicateQueue'
  | 'DuplicateTask'
  | 'UnknownResource'
  | 'DemandOverCapacity'
  | 'ForeignHandle'
  | 'SchedulerClosed'
  | 'QueueClosed'
  | 'QueueFull'
  | 'DependencyCycle'
  | 'UnknownDependency'
  | 'NotHeld'
  | 'EventNotAllowed'
  | 'FunctionNotFound'
  | 'ModuleNotLoaded'
  | 'WorkerFileMissing'
  | 'NotCloneable'
  | 'NoTaskContext'
  | 'NotSupported'
  | 'MissingPackage'
  | 'CommandsNotSupported'
  | 'NotAccepted'
  | 'SlowConsumer'
  | 'BusUnavailable'
  | 'JobRejected'
  | 'JobFailed'
  | 'DependencyFailed'
  | 'PartialCountMismatch'
  | 'PartialOutOfRange'
  | 'ResultReleased'
  | 'TaskCancelled'
  | 'TaskTimedOut'
  | 'TaskEvicted'
  | 'TasksFailed'
  | 'FeedFailed'
  | 'Stalled'
  | 'SharedTaskFailed'
  | 'ClaimedElsewhere'
  | 'NotStorable'
  | 'StoreInUse'
  | 'StoreUnavailable'
  | 'StoreCorrupt'
  | 'TaskInterrupted'
  | 'FolderUnavailable'
  | 'FolderCorrupt'
  | 'BlobUnavailable'
  | 'WorkerCrashed'
  | 'WorkerLost'
  | 'VersionMismatch'
  | 'RedisUnavailable'
  | 'CommandFailed'
  | 'LineTooLong'
  | 'InvariantBroken';

/**
 * The details of a `SchedulerError` besides its message.
 *
 * @public
 */
export interface ErrorDetails {
  /** Ids of the tasks the error is about, the most relevant first. */
  readonly tasks?: readonly string[];
  /** The queue the error is about. */
  readonly queue?: string;
  /** The error behind this one. */
  readonly cause?: unknown;
}

/**
 * The error type of pullgraph: a stable `code`, the ids of what it is about, and its `cause`.
 *
 * @public
 */
export class SchedulerError extends Error {
  /** Stable, safe to branch on. */
  readonly code: ErrorCode;
  /** Ids of the tasks the error is about, the most relevant first; empty if there are none. */
  readonly tasks: readonly string[];
  /** Name of the queue the error is about. */
  readonly queue: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined);
    this.name = new.target === SchedulerError ? 'SchedulerError' : new.target.name;
    this.code = code;
    this.tasks = details.tasks ?? [];
    this.queue = details.queue;
  }

  /** The parts that can be sent as JSON: name, code, message, tasks and queue; no stack, no cause. */
  toJSON(): object {
    const { name, code, message, tasks, queue } = this;
    return { name, code, message, tasks, queue };
  }
}
