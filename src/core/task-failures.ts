/**
 * What a task, a handle, a submission or a wait can end with, apart from what the user's function threw.
 *
 * Invariant: each class has the code of its own name.
 */
import type { CommandResult } from './command-result.js';
import { describe } from './describe.js';
import { SchedulerError } from './scheduler-error.js';

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
