/**
 * A handle is what `submit` returns: a name for a result that may not exist yet. It is a dependency where it stands among
 * the arguments of another task, and the way to ask how its task fares. It keeps its task's record alive, never the
 * other way round.
 */
import { SchedulerError, shown, TaskCancelled } from '../../core/failures.js';
import { WHOLE } from '../../core/order/graph-node.js';
import type { Outcome, TaskState } from '../../core/outcome.js';
import type { TaskActorRef } from '../statecharts/actor-refs.js';
import { type CancelOptions, cancelOptionsOf } from '../policies/cancel-options.js';
import type { TaskRecord } from './task-record.js';
import { outcomeAt, partialAt, releasedError, releasedOf } from './outcome-at.js';
import { cancelUnneeded, checkedLeaveOptions, type LeaveOptions } from './leaving.js';
import type { Why } from './reason.js';
import { watch } from './watching.js';

/**
 * A task's result, now or later. Not a thenable: awaiting a handle gives the handle.
 *
 * @public
 */
export class Handle<T> {
  readonly #record: TaskRecord;
  readonly #index: number;

  /** @internal */
  constructor(record: TaskRecord, index: number) {
    this.#record = record;
    this.#index = index;
  }

  /** @internal */
  static _target(handle: Handle<unknown>): { readonly record: TaskRecord; readonly index: number } {
    return { record: handle.#record, index: handle.#index };
  }

  /** Whether the value is a handle. Never throws, whatever it is. @internal */
  static _is(value: unknown): value is Handle<unknown> {
    return typeof value === 'object' && value !== null && #record in value;
  }

  /** Id of the task; for one of its partial results followed by `#` and the index. */
  get id(): string {
    return this.#index === WHOLE ? this.#record.id : `${this.#record.id}#${this.#index}`;
  }

  /** Name of the queue that runs the task. */
  get queue(): string {
    return this.#record.queue.name;
  }

  /** Where the task stands. For a partial result: `done` once delivered, the task's end if it never was, else `pending`. */
  get state(): TaskState {
    const record = this.#record;
    if (this.#index === WHOLE) return record.state;
    if (this.#index < record.delivered) return 'done';
    return outcomeAt(record, this.#index)?.status ?? 'pending';
  }

  /**
   * The task's actor: subscribe to it, read its snapshot, hand it to an inspector. Asking for it makes it live when the
   * task has none at the moment (before a start is granted, or after settlement). Of a partial result: its task's actor.
   */
  get actor(): TaskActorRef {
    return this.#record.queue.service.actorOf(this.#record);
  }

  /**
   * The result, as soon as it is there.
   *
   * Rejects with what the function threw, or with a `SchedulerError`: `DependencyFailed`, `TaskCancelled`,
   * `PartialOutOfRange`, `PartialCountMismatch`, `WorkerCrashed`, …; with `Stalled` when the scheduler has come to a point where
   * nothing can lead to the result any more. Asking counts as looking at a failure: `wait()` no longer reports it.
   */
  result(): Promise<T> {
    const promise = this.#outcome().then((outcome) => {
      switch (outcome.status) {
        case 'done':
          return outcome.result;
        case 'failed':
          throw outcome.error;
        case 'cancelled':
          throw new TaskCancelled(this.id, outcome.reason);
      }
    });
    return this.#record.queue.service.forCaller(this.#record, this.#index, promise);
  }

  /**
   * How the task, or the partial result, ended; counts as looking at a failure. Rejects only with `Stalled`, as `result()` does,
   * and that is no unhandled rejection.
   */
  settled(): Promise<Outcome<T>> {
    const promise = this.#record.queue.service.forCaller(this.#record, this.#index, this.#outcome());
    // Not by the promise's own `then`, which may take the first call for that of its caller.
    if (!this.#record.isSettled) void Promise.prototype.then.call(promise, undefined, nothing);
    return promise;
  }

  #outcome(): Promise<Outcome<T>> {
    const record = this.#record;
    const { service } = record.queue;
    service.lookAt(record);
    const known = outcomeAt(record, this.#index);
    if (known !== undefined) {
      record.flow?.take(this.#index);
      return Promise.resolve(known as Outcome<T>);
    }
    return new Promise((resolve, reject) => {
      watch(record, this.#index, (stall) => {
        if (stall === undefined) resolve(outcomeAt(record, this.#index) as Outcome<T>);
        else reject(stall);
        return true;
      });
    });
  }

  /** Why the task is not running, or what it is doing: a reason to branch on, the ids concerned, and a sentence. */
  why(): Why {
    return this.#record.queue.service.why(this.#record, this.#index);
  }

  /**
   * Cancels the task. It settles as cancelled at once (from within a callback of the scheduler's: as soon as that has returned); a
   * running attempt is told to end and keeps its slot until it has.
   * Tasks that depend on it fail with `DependencyFailed`, unless `downstream` cancels them too. Of a partial result: cancels
   * its task.
   *
   * @param options - see `CancelOptions`; anything that is not a plain object is taken as the reason.
   * @returns whether the task had not settled before.
   * @throws SchedulerError `InvalidOption`.
   */
  cancel(options?: CancelOptions): boolean;
  cancel(reason: unknown): boolean;
  cancel(given?: unknown): boolean {
    return this.#record.queue.service.cancel(this.#record, cancelOptionsOf(given));
  }

  toString(): string {
    return this.id;
  }
}

/**
 * A handle of many results: one task that delivers them one after the other. As an argument it is the array of all.
 *
 * @public
 */
export class StreamHandle<T> extends Handle<T[]> implements AsyncIterable<T> {
  /**
   * A handle of partial result `index`, valid before the task has started. If the task ends before it delivers that many,
   * the handle fails with `PartialOutOfRange`, or as the task did.
   *
   * @param index - from 0; a safe integer.
   * @throws SchedulerError `InvalidArgument` for any other index.
   */
  at(index: number): Handle<T> {
    if (!Number.isSafeInteger(index) || index < 0) {
      throw new SchedulerError(
        'InvalidArgument',
        `the index of a result must be an integer of at least 0, got ${shown(index)}`,
      );
    }
    return new Handle<T>(Handle._target(this).record, index);
  }

  /**
   * The results in order, each as soon as it is there, from the first on whenever one begins to read. Throws at the end
   * what the task failed with; what was delivered before comes first. Throws `ResultReleased` where a feed has taken results. Leaving the loop early lets the task go on;
   * see `iterator`.
   */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    return this.iterator();
  }

  /**
   * The same iteration, with options.
   *
   * @throws SchedulerError `InvalidOption`.
   */
  iterator(options: LeaveOptions = {}): AsyncGenerator<T, void, undefined> {
    const { cancelOnReturn } = checkedLeaveOptions('iterator', options);
    return readPartials<T>(Handle._target(this).record, false, cancelOnReturn);
  }

  /** @internal The results for a feed: those that it has taken are released, if `ahead` was given and nobody else wants them. */
  static _consume<T>(handle: StreamHandle<T>): AsyncGenerator<T, void, undefined> {
    return readPartials<T>(Handle._target(handle).record, true, false);
  }
}

async function* readPartials<T>(
  record: TaskRecord,
  isFeed: boolean,
  cancelOnReturn: boolean,
): AsyncGenerator<T, void, undefined> {
  const { service } = record.queue;
  service.lookAt(record);
  record.flow?.readerCame(isFeed);
  let isOver = false;
  try {
    for (let index = 0; ; index += 1) {
      if (index >= record.delivered && !record.isSettled)
        await service.forCaller(record, index, partialSeen(record, index));
      if (index >= record.delivered) break;
      if (index < releasedOf(record)) throw releasedError(record);
      const value = partialAt(record, index) as T;
      if (isFeed && record.flow?.consume(index) === true) record.partials?.shift();
      record.flow?.take(index);
      yield value;
    }
    isOver = true;
  } finally {
    record.flow?.readerLeft();
    if (!isOver && cancelOnReturn) cancelUnneeded(record);
  }
  const { outcome } = record;
  if (outcome?.status === 'failed') throw outcome.error;
  if (outcome?.status === 'cancelled') throw new TaskCancelled(record.id, outcome.reason);
}

/** Resolves when that partial result is there or will never be; rejects when the scheduler has stalled. */
function partialSeen(record: TaskRecord, index: number): Promise<void> {
  return new Promise((resolve, reject) => {
    watch(record, index, (stall) => {
      if (stall === undefined) resolve();
      else reject(stall);
      return true;
    });
  });
}

const nothing = (): void => undefined;
