/**
 * Every error that pullgraph itself makes, in one place. Each carries a stable `code`; the message may change, the code
 * does not. Errors that a user's function throws are passed on as they are and never wrapped.
 */

/**
 * The closed list of codes. The first group is misuse and is thrown at once by the call that is wrong; the second is
 * what a task, a handle or a wait can end with.
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
  | 'DependencyCycle'
  | 'UnknownDependency'
  | 'NotHeld'
  | 'FunctionNotFound'
  | 'NotCloneable'
  | 'NoTaskContext'
  | 'NotAccepted'
  | 'SlowConsumer'
  | 'BusUnavailable'
  | 'JobRejected'
  | 'JobFailed'
  | 'DependencyFailed'
  | 'PartialCountMismatch'
  | 'PartialOutOfRange'
  | 'TaskCancelled'
  | 'TaskTimedOut'
  | 'TaskEvicted'
  | 'TasksFailed'
  | 'Stalled'
  | 'WorkerCrashed'
  | 'InvariantBroken';

/**
 * What a `SchedulerError` names besides its message.
 *
 * @public
 */
export interface ErrorDetails {
  /** The tasks the error is about, the one most concerned first. */
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
  /** Ids of the tasks the error is about, the one most concerned first; empty when it is about none. */
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

  /** What can be sent as JSON: name, code, message, tasks and queue; no stack, no cause. */
  toJSON(): object {
    const { name, code, message, tasks, queue } = this;
    return { name, code, message, tasks, queue };
  }
}

/**
 * A task failed because something it depends on failed or was cancelled. `cause` is the outcome's error of that
 * dependency, itself a `DependencyFailed` where the failure came from further up; `root` is the first error of that row.
 *
 * @public
 */
export class DependencyFailed extends SchedulerError {
  /** Id of the task that failed first, at the far end of the causes. */
  readonly origin: string;
  /** The error of that first task. */
  readonly root: unknown;

  constructor(task: string, dependency: string, cause: unknown) {
    const origin = cause instanceof DependencyFailed ? cause.origin : dependency;
    const root = cause instanceof DependencyFailed ? cause.root : cause;
    super('DependencyFailed', `task ${task} cannot run: its dependency ${origin} ended with ${describe(root)}`, {
      tasks: [task, dependency],
      cause,
    });
    this.origin = origin;
    this.root = root;
  }
}

/**
 * A task that delivers partial results delivered another number of them than was announced.
 *
 * @public
 */
export class PartialCountMismatch extends SchedulerError {
  readonly announced: number;
  readonly delivered: number;

  constructor(task: string, announced: number, delivered: number) {
    super('PartialCountMismatch', `task ${task} announced ${announced} results and delivered ${delivered}`, {
      tasks: [task],
    });
    this.announced = announced;
    this.delivered = delivered;
  }
}

/**
 * A handle asked for a partial result that its task will never deliver: the index lies beyond the last one.
 *
 * @public
 */
export class PartialOutOfRange extends SchedulerError {
  readonly index: number;
  readonly count: number;

  constructor(task: string, index: number, count: number) {
    super('PartialOutOfRange', `task ${task} has ${count} results, there is no result ${index}`, { tasks: [task] });
    this.index = index;
    this.count = count;
  }
}

/**
 * The task was cancelled; `cause` is the reason that was given, if any.
 *
 * @public
 */
export class TaskCancelled extends SchedulerError {
  constructor(task: string, reason: unknown) {
    const why = reason === undefined ? '' : `: ${describe(reason)}`;
    super('TaskCancelled', `task ${task} was cancelled${why}`, { tasks: [task], cause: reason });
  }
}

/**
 * An attempt was still running when its time was over.
 *
 * @public
 */
export class TaskTimedOut extends SchedulerError {
  /** What it had, in milliseconds. */
  readonly timeoutMs: number;

  constructor(task: string, timeoutMs: number) {
    super('TaskTimedOut', `task ${task} was not done after ${timeoutMs} ms`, { tasks: [task] });
    this.timeoutMs = timeoutMs;
  }
}

/**
 * The task was running and had to make room for a more urgent one; its queue drops what is evicted.
 *
 * @public
 */
export class TaskEvicted extends SchedulerError {
  /** Id of the task that needed the room. */
  readonly by: string;

  constructor(task: string, by: string, queue: string) {
    super('TaskEvicted', `task ${task} was evicted from queue ${queue}: task ${by} is more urgent`, {
      tasks: [task, by],
      queue,
    });
    this.by = by;
  }
}

/**
 * The worker that ran the attempt exited, crashed or ran out of memory. `cause` is what the runtime said of it.
 *
 * @public
 */
export class WorkerCrashed extends SchedulerError {
  constructor(task: string, cause: unknown) {
    super('WorkerCrashed', `the worker that ran task ${task} ended: ${describe(cause)}`, { tasks: [task], cause });
  }
}

/**
 * What `wait()` rejects with: the failures that nobody had looked at. At most 1,000 of them are kept in `errors`, in the
 * order in which the tasks settled; `count` is how many there were.
 *
 * @public
 */
export class TasksFailed extends SchedulerError {
  readonly errors: readonly unknown[];
  readonly count: number;

  constructor(failures: readonly { readonly task: string; readonly error: unknown }[], count: number) {
    const first = failures[0];
    const more = count > 1 ? ` and ${count - 1} more` : '';
    super(
      'TasksFailed',
      first ? `task ${first.task} failed${more}: ${describe(first.error)}` : `${count} tasks failed`,
      {
        tasks: failures.map((failure) => failure.task),
        cause: first?.error,
      },
    );
    this.errors = failures.map((failure) => failure.error);
    this.count = count;
  }
}

/** One short line on any thrown value; never throws itself. @internal */
export function describe(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  try {
    return String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
