/**
 * Every error that pullgraph itself makes, in one place. Each carries a stable `code`; the message may change, the code
 * does not. Errors that a user's function throws are passed on as they are and never wrapped.
 */
import type { CommandResult } from './command-result.js';

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
  | 'QueueFull'
  | 'DependencyCycle'
  | 'UnknownDependency'
  | 'NotHeld'
  | 'EventNotAllowed'
  | 'FunctionNotFound'
  | 'NotCloneable'
  | 'NoTaskContext'
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
  | 'TaskCancelled'
  | 'TaskTimedOut'
  | 'TaskEvicted'
  | 'TasksFailed'
  | 'FeedFailed'
  | 'Stalled'
  | 'SharedTaskFailed'
  | 'ClaimedElsewhere'
  | 'NotStorable'
  | 'FolderUnavailable'
  | 'FolderCorrupt'
  | 'WorkerCrashed'
  | 'CommandFailed'
  | 'LineTooLong'
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
 * As many tasks of the queue are pending as its `bound` allows: `await queue.room()` before the next `submit`.
 *
 * @public
 */
export class QueueFull extends SchedulerError {
  readonly bound: number;

  constructor(queue: string, bound: number) {
    super('QueueFull', `queue ${queue} is full: ${bound} tasks are pending, which is its bound`, { queue });
    this.bound = bound;
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

/** How much of a command's last words is kept with its failure, and how much of that and of the command goes into the message. */
const MOST_OF_STDERR = 4_096;
const MOST_IN_MESSAGE = 200;

/**
 * A command could not be started, ended with an exit code that does not stand for success, or was ended by a signal.
 * `result` has what it printed; `cause` is there where it could not be started.
 *
 * @public
 */
export class CommandFailed extends SchedulerError {
  /** Undefined where a signal ended the command, or where it could not be started. */
  readonly exitCode: number | undefined;
  /** Name of the signal that ended the command, if one did. */
  readonly signal: string | undefined;
  /** The end of what it printed on its standard error. */
  readonly stderr: string;
  readonly result: CommandResult;

  constructor(task: string, command: string, result: CommandResult, details: { readonly cause?: unknown } = {}) {
    const { exitCode, signal } = result;
    const stderr = result.stderr.slice(-MOST_OF_STDERR);
    const lastWords = stderr.trimEnd().slice(-MOST_IN_MESSAGE);
    const end = signal === undefined ? `ended with exit code ${exitCode}` : `was ended by ${signal}`;
    const how = 'cause' in details ? `could not be started: ${describe(details.cause)}` : end;
    const name = command.length > MOST_IN_MESSAGE ? `${command.slice(0, MOST_IN_MESSAGE)}…` : command;
    const message = `task ${task}: ${name} ${how}${lastWords === '' ? '' : `: ${lastWords}`}`;
    super('CommandFailed', message, { tasks: [task], ...details });
    this.exitCode = exitCode;
    this.signal = signal;
    this.stderr = stderr;
    this.result = result;
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

/**
 * One thing that went wrong in a feed. `source`: it threw when it was asked for item number `index`, and `item` is undefined;
 * `task`: the item's task failed, was cancelled or could not be submitted; `result`: `onResult` threw; `report`: `onError` did.
 *
 * @public
 */
export interface FeedFailure<I = unknown> {
  readonly stage: 'source' | 'task' | 'result' | 'report';
  readonly error: unknown;
  readonly item: I | undefined;
  /** Place of the item among all that were taken, from 0. */
  readonly index: number;
}

/**
 * What a feed came to.
 *
 * @public
 */
export interface FeedEnd<I = unknown, R = unknown> {
  /** How many items were taken from the source. */
  readonly count: number;
  /** How many failures there were. */
  readonly failed: number;
  /** The failures in the order in which they happened, at most the first 1,000. */
  readonly failures: readonly FeedFailure<I>[];
  /** The results in the order of their items, without those of items that failed; none where they were not collected. */
  readonly results: readonly R[];
}

/**
 * A feed ended before its source did, or nobody else was told of its failures. `cause` is the first error, or the reason that
 * `cancel` or `terminate` was given.
 *
 * @public
 */
export class FeedFailed extends SchedulerError {
  /** `failed`: by an error; `cancelled`; `closed`: along with its scheduler. */
  readonly ended: 'failed' | 'cancelled' | 'closed';
  /** What had been done by then. */
  readonly end: FeedEnd;

  constructor(queue: string, ended: FeedFailed['ended'], end: FeedEnd, reason: unknown) {
    const more = ended === 'failed' && end.failed > 1 ? ` and ${end.failed - 1} more` : '';
    const [first] = end.failures;
    super('FeedFailed', `a feed of queue ${queue} ${howFeedEnded(ended, first, reason)}${more}`, {
      queue,
      cause: ended === 'failed' ? first?.error : reason,
    });
    this.ended = ended;
    this.end = end;
  }
}

function howFeedEnded(ended: FeedFailed['ended'], first: FeedFailure | undefined, reason: unknown): string {
  if (ended === 'closed') return 'was ended by the close of its scheduler';
  if (ended === 'cancelled') return `was cancelled${reason === undefined ? '' : `: ${describe(reason)}`}`;
  const what = { source: 'the source', task: 'the task', result: 'onResult', report: 'onError' }[
    first?.stage ?? 'task'
  ];
  return `failed: ${what} of item ${first?.index} ended with ${describe(first?.error)}`;
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

/** Beyond so many characters a value in a message is cut. */
const MOST_SHOWN = 100;

/** A value that was given instead of another, for messages: as `describe`, but strings in quotes, so that '5' is not taken for 5. @internal */
export function shown(value: unknown): string {
  const text = describe(value);
  const kept = text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
  return typeof value === 'string' ? JSON.stringify(kept) : kept;
}
