/**
 * The outlet of a feed: submits its items as tasks, as the queue's bound allows.
 *
 * It must never decide which task starts, nor take items from the source.
 *
 * Invariant: at most one of the feed's tasks waits for its start, and it is the oldest that has not started. If several waited, the
 * newest would start first, and later items could overtake an item for ever.
 */
import type { Outcome } from '../../core/outcome.js';
import type { PendingLimit } from '../policies/pending-limit.js';
import type { FeedIntake, Taken } from './intake.js';

/** A task that a feed has submitted. @internal */
export interface FeedTask {
  readonly id: string;
  cancel(reason: unknown): unknown;
}

/** A queue, as seen by a feed. @internal */
export interface FeedQueue<I, R> {
  /** The queue's bound on pending tasks, if it has one. */
  readonly bound: PendingLimit | undefined;
  /** Asks the user for the options of the item's task. Throws what the user's function throws. */
  prepare(item: I, index: number): SubmitTask<R>;
}

/** Submits a task. `left` is called when it no longer waits for its start, `settled` when it has settled. @internal */
export type SubmitTask<R> = (left: () => void, settled: (outcome: Outcome<R>) => void) => FeedTask;

/** An item whose task has settled. @internal */
export interface Settled<I, R> extends Taken<I> {
  readonly id: string;
  readonly outcome: Outcome<R>;
}

/** The feed, as seen from the outlet. @internal */
export interface FeedOutletOwner<I, R> {
  settled(settled: Settled<I, R>): void;
  /** The feed was cancelled while the item was about to be submitted. */
  givenUp(taken: Taken<I>, reason: unknown): void;
  /** The item could not be submitted. */
  refused(error: unknown, taken: Taken<I>): void;
  /** The item has ended, or is about to end, without a start of its task. */
  wentIdle(): void;
  /** `submit` is due, in a turn of the feed. */
  turnSoon(): void;
}

/** The tasks of one feed. Memory O(tasks that have not settled). @internal */
export class FeedOutlet<I, R> {
  readonly #queue: FeedQueue<I, R>;
  readonly #intake: FeedIntake<I>;
  readonly #owner: FeedOutletOwner<I, R>;
  readonly #tasks = new Set<FeedTask>();
  #isOnePending = false;
  #isWaitingForRoom = false;
  /** The queue has promised this feed a place, to be used in the next turn. */
  #hasRoom = false;
  #cancelled: { readonly reason: unknown } | undefined = undefined;

  constructor(queue: FeedQueue<I, R>, intake: FeedIntake<I>, owner: FeedOutletOwner<I, R>) {
    this.#queue = queue;
    this.#intake = intake;
    this.#owner = owner;
  }

  /** Whether the queue has room and will tell the waiting feed so. */
  get isRoomComing(): boolean {
    const { bound } = this.#queue;
    return this.#isWaitingForRoom && bound !== undefined && bound.count < bound.limit;
  }

  /** Submits the oldest item, unless a task of the feed waits for its start or the queue is full. */
  submit(): void {
    while (this.#intake.hasWaiting && !this.#isOnePending && !this.#isWaitingForRoom && this.#isRoom()) {
      this.#hasRoom = false;
      for (const taken of this.#intake.shift()) this.#submitOne(taken);
    }
  }

  /** Cancels every task and submits nothing more. */
  cancel(reason: unknown): void {
    this.#cancelled = { reason };
    for (const task of this.#tasks) task.cancel(reason);
  }

  #submitOne(taken: Taken<I>): void {
    const { item, index } = taken;
    let task: FeedTask | undefined;
    let isOver = false;
    const left = (): void => {
      this.#isOnePending = false;
      this.#owner.turnSoon();
    };
    try {
      const submit = this.#queue.prepare(item, index);
      if (this.#cancelled !== undefined) {
        this.#owner.givenUp(taken, this.#cancelled.reason);
        return;
      }
      this.#isOnePending = true;
      task = submit(left, (outcome) => {
        isOver = true;
        if (task !== undefined) this.#tasks.delete(task);
        this.#owner.settled({ item, index, outcome, id: task?.id ?? `of item ${index}` });
      });
      if (!isOver) this.#tasks.add(task);
      else this.#owner.wentIdle();
    } catch (error) {
      this.#isOnePending = false;
      this.#owner.wentIdle();
      this.#owner.refused(error, taken);
    }
  }

  /** Whether to submit now: the queue has room, or is closed and will refuse. If not, a turn follows when there is room. */
  #isRoom(): boolean {
    const { bound } = this.#queue;
    if (bound === undefined || bound.isClosed || bound.isFree) return true;
    if (this.#hasRoom && bound.count < bound.limit) return true;
    this.#isWaitingForRoom = true;
    const answered = (): void => {
      this.#isWaitingForRoom = false;
      this.#hasRoom = true;
      this.#owner.turnSoon();
    };
    bound.room(1).then(answered, answered);
    return false;
  }
}
