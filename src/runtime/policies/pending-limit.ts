/**
 * The bound of a queue: how many of its tasks may be pending, that is submitted and not yet started, and who waits until more
 * may be. A task counts from its submission to its first start, or to its end where it never starts; a task that comes back
 * for another attempt does not count again, so that no task once accepted is ever in want of room.
 *
 * Invariants: never more than `limit` tasks count; those who wait for room are answered in the order in which they asked.
 */
import { QueueFull, SchedulerError, shown } from '../../core/failures.js';

/** What the bound tells its queue's actor. @internal */
export type BoundEvent = { readonly type: 'bound.reached' } | { readonly type: 'room.made' };

/** Microtasks that pass until whoever awaits `room` goes on, also where it does so through a function or two of its own. */
const TURNS = 8;

interface Waiter {
  readonly count: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The bound of one queue. Each operation is O(1); memory O(`limit` + those who wait). @internal */
export class PendingLimit {
  readonly limit: number;
  readonly #queue: string;
  readonly #announce: (event: BoundEvent) => void;
  readonly #pending = new Set<object>();
  /** In the order in which they asked; the first has not been answered. */
  readonly #line = new Set<Waiter>();
  #isAnswering = false;
  #isClosed = false;

  constructor(queue: string, limit: number, announce: (event: BoundEvent) => void) {
    this.#queue = queue;
    this.limit = limit;
    this.#announce = announce;
  }

  /** How many tasks count. */
  get count(): number {
    return this.#pending.size;
  }

  /** Whether the queue takes no tasks any more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** @throws QueueFull when no further task may be submitted now. */
  check(): void {
    if (this.#pending.size >= this.limit) throw new QueueFull(this.#queue, this.limit);
  }

  /** Whether a task may be submitted now without passing over somebody who has asked for room. */
  get isFree(): boolean {
    return this.#pending.size < this.limit && this.#line.size === 0 && !this.#isAnswering;
  }

  /** A task has been submitted. */
  add(task: object): void {
    this.#pending.add(task);
    if (this.#pending.size === this.limit) this.#announce({ type: 'bound.reached' });
  }

  /** The task is not pending any more. Nothing happens when that is known. */
  leave(task: object): void {
    if (!this.#pending.delete(task)) return;
    if (this.#pending.size === this.limit - 1) this.#announce({ type: 'room.made' });
    this.#answer();
  }

  /**
   * Resolves when `count` more tasks may be submitted and everybody who asked before has been answered. Rejects with
   * `InvalidOption` for a count that can never fit, and with `SchedulerClosed`.
   */
  room(count: number): Promise<void> {
    if (count > this.limit) {
      const message = `queue ${this.#queue} never has room for ${count}: its bound is ${this.limit}`;
      return Promise.reject(new SchedulerError('InvalidOption', message, { queue: this.#queue }));
    }
    if (this.#isClosed) return Promise.reject(closedError(this.#queue));
    const answered = new Promise<void>((resolve, reject) => {
      this.#line.add({ count, resolve, reject });
    });
    this.#answer();
    return answered;
  }

  /** No task is taken any more: whoever waits is told so. */
  close(): void {
    this.#isClosed = true;
    for (const waiter of this.#line) waiter.reject(closedError(this.#queue));
    this.#line.clear();
  }

  /**
   * Answers the first of the line if there is room for it. The next is looked at when the first has had its turn to submit:
   * what is promised is not set aside, so that nobody is kept waiting by one who does not submit after all.
   */
  #answer(): void {
    if (this.#isAnswering) return;
    const [first] = this.#line;
    if (first === undefined || this.#pending.size + first.count > this.limit) return;
    this.#isAnswering = true;
    this.#line.delete(first);
    first.resolve();
    void this.#answerNext();
  }

  async #answerNext(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn += 1) await Promise.resolve();
    this.#isAnswering = false;
    this.#answer();
  }
}

/** What a queue of a closed scheduler says to those who want to submit. @internal */
export function closedError(queue: string): SchedulerError {
  return new SchedulerError('SchedulerClosed', `queue ${queue} takes no tasks: the scheduler is closed`, { queue });
}

/** @throws SchedulerError `InvalidOption` for a number of tasks that is none. @internal */
export function checkRoom(count: number): void {
  if (Number.isSafeInteger(count) && count >= 1) return;
  throw new SchedulerError('InvalidOption', `room takes an integer of at least 1, got ${shown(count)}`);
}
