/**
 * The errors with which a task, a handle, a submission or a wait can end, besides those thrown by the user's function.
 *
 * Invariant: each class has the code of its own name.
 */
import type { CommandResult } from './command-result.js';
import { describe, isInstance } from './user-value.js';
import { SchedulerError } from './scheduler-error.js';

/**
 * A task failed because one of its dependencies failed or was cancelled. `cause` is the error of that dependency's outcome,
 * itself a `DependencyFailed` if the failure came from further up; `root` is the error at the end of this chain.
 *
 * @public
 */
export class DependencyFailed extends SchedulerError {
  /** Id of the task that failed first, at the far end of the causes. */
  readonly origin: string;
  /** The error of that first task. */
  readonly root: unknown;

  constructor(task: string, dependency: string, cause: unknown) {
    const isPassedOn = isInstance(cause, DependencyFailed);
    const origin = isPassedOn ? cause.origin : dependency;
    const root = isPassedOn ? cause.root : cause;
    super('DependencyFailed', `task ${task} cannot run: its dependency ${origin} ended with ${describe(root)}`, {
      tasks: [task, dependency],
      cause,
    });
    this.origin = origin;
    this.root = root;
  }
}

/**
 * The queue has as many pending tasks as its `bound` allows: `await queue.room()` before the next `submit`.
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
 * A task delivered more or fewer partial results than were announced.
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
 * A handle asked for a partial result that its task will never deliver: its index is beyond the last one.
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
 * An attempt timed out.
 *
 * @public
 */
export class TaskTimedOut extends SchedulerError {
  /** The time it had, in milliseconds. */
  readonly timeoutMs: number;

  constructor(task: string, timeoutMs: number) {
    super('TaskTimedOut', `task ${task} timed out after ${timeoutMs} ms`, { tasks: [task] });
    this.timeoutMs = timeoutMs;
  }
}

/**
 * The task was running and had to make room for a more urgent one, in a queue that drops evicted tasks.
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
 * The task was running when the process of an earlier run ended, and has `onInterrupted: 'fail'`: what it has done is not known.
 *
 * @public
 */
export class TaskInterrupted extends SchedulerError {
  /** Its key in the store. */
  readonly key: string;

  constructor(task: string, key: string) {
    const message = `task ${task} was running when an earlier run ended; to run it again, have the store forget ${key}`;
    super('TaskInterrupted', message, { tasks: [task] });
    this.key = key;
  }
}

/**
 * The worker that ran the attempt exited, crashed or ran out of memory. `cause` is the error that Node reported.
 *
 * @public
 */
export class WorkerCrashed extends SchedulerError {
  constructor(task: string, cause: unknown) {
    super('WorkerCrashed', `the worker that ran task ${task} ended: ${describe(cause)}`, { tasks: [task], cause });
  }
}

/**
 * The distributed worker that ran the attempt ended, or was not heard of in time. What the function has done there is not known.
 *
 * @public
 */
export class WorkerLost extends SchedulerError {
  /** Id of the worker. */
  readonly worker: string;

  constructor(task: string, worker: string) {
    super('WorkerLost', `worker ${worker}, which ran task ${task}, ended or was not heard of in time`, {
      tasks: [task],
    });
    this.worker = worker;
  }
}

/** How many characters of a command's error output a failure keeps, and how many of that and of the command its message shows. */
const MOST_OF_STDERR = 4_096;
const MOST_IN_MESSAGE = 200;

/**
 * A command could not be started, ended with an exit code that does not mean success, or was ended by a signal. `result` has
 * its output; `cause` is set if it could not be started. A task that times out fails with `TaskTimedOut` instead.
 *
 * @public
 */
export class CommandFailed extends SchedulerError {
  /** Undefined if a signal ended the command, or if it could not be started. */
  readonly exitCode: number | undefined;
  /** Name of the signal that ended the command, if one did. */
  readonly signal: string | undefined;
  /** The end of its standard error. */
  readonly stderr: string;
  readonly result: CommandResult;

  constructor(task: string, command: string, result: CommandResult, details: { readonly cause?: unknown } = {}) {
    const { exitCode, signal } = result;
    const stderr = result.stderr.slice(-MOST_OF_STDERR);
    const lastWords = stderr.trimEnd().slice(-MOST_IN_MESSAGE);
    const end = signal === undefined ? `ended with exit code ${exitCode}` : `was ended by ${signal}`;
    const isLate = isInstance(details.cause, TaskTimedOut);
    const how = 'cause' in details && !isLate ? `could not be started: ${describe(details.cause)}` : end;
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
 * Tasks failed, and no caller had looked at their failures: the rejection of `wait()`. `errors` keeps at most 1,000 of them, in
 * the order in which the tasks settled; `count` is the number of all.
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
