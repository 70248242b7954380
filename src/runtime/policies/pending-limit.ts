/**
 * The limit on a queue's pending tasks, which are those submitted and not yet started, and the line of callers who wait for
 * room. A task counts from its submission to its first start, or to its end if it never starts. A task that comes back for
 * another attempt does not count again, so an accepted task never lacks room.
 *
 * It works like a semaphore: an answered caller is promised the places that it asked for, and each submission uses up one
 * promised place. A place promised and not used is withdrawn in a later turn of the event loop, and only if another caller waits
 * for it: by then the caller who was answered has had its turn to submit.
 *
 * Invariants: pending tasks and promised places together never exceed `limit`; callers are answered in the order in which they
 * asked, so if every submission is preceded by its own `room` in the same turn, none is refused; no caller waits longer than a turn of the
 * event loop for a place that is promised and not used.
 */
import { QueueFull, SchedulerError, shown } from '../../core/failures.js';

/** The events that the limit sends to its queue. @internal */
export type BoundEvent = { readonly type: 'bound.reached' } | { readonly type: 'room.made' };

interface Waiter {
  readonly count: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The connections of a limit. @internal */
export interface PendingLimitPort {
  /** Takes the limit's events to its queue. */
  announce(event: BoundEvent): void;
  /** Calls back in a later turn of the event loop, when all microtasks of this one have run. */
  later(callback: () => void): void;
}

/** The limit of one queue. Each operation is O(1), plus the callers that it answers; memory O(`limit` + callers waiting). @internal */
export class PendingLimit {
  readonly limit: number;
  readonly #queue: string;
  readonly #port: PendingLimitPort;
  readonly #pending = new Set<object>();
  /** Callers that have not been answered, in the order in which they asked. */
  readonly #line = new Set<Waiter>();
  /** Places that answered callers may still use. */
  #promised = 0;
  #isWithdrawalDue = false;
  /** Why no more tasks are taken. */
  #closed: SchedulerError | undefined = undefined;

  constructor(queue: string, limit: number, port: PendingLimitPort) {
    this.#queue = queue;
    this.limit = limit;
    this.#port = port;
  }

  /** How many tasks are pending. */
  get count(): number {
    return this.#pending.size;
  }

  /** Whether the queue no longer takes tasks. */
  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  /** @throws QueueFull when no further task may be submitted now. */
  check(): void {
    if (this.#pending.size >= this.limit) throw new QueueFull(this.#queue, this.limit);
  }

  /** Whether a task may be submitted now without overtaking a caller who has asked for room. */
  get isFree(): boolean {
    return this.#line.size === 0 && this.#pending.size + this.#promised < this.limit;
  }

  /** A task has been submitted: it uses up a promised place if there is one. */
  add(task: object): void {
    this.#pending.add(task);
    // Submissions do not say who makes them. The sum is right as long as answered callers submit what they asked for.
    if (this.#promised > 0) this.#promised -= 1;
    if (this.#pending.size === this.limit) this.#port.announce({ type: 'bound.reached' });
  }

  /** The task is no longer pending. Has no effect for a task that is not. */
  leave(task: object): void {
    if (!this.#pending.delete(task)) return;
    if (this.#pending.size === this.limit - 1) this.#port.announce({ type: 'room.made' });
    this.#answer();
  }

  /**
   * Resolves when `count` more tasks may be submitted and every earlier caller has been answered. Rejects with `InvalidOption`
   * for a count above the limit, and with what `close` was given.
   */
  room(count: number): Promise<void> {
    if (count > this.limit) {
      const message = `queue ${this.#queue} never has room for ${count}: its bound is ${this.limit}`;
      return Promise.reject(new SchedulerError('InvalidOption', message, { queue: this.#queue }));
    }
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    const answered = new Promise<void>((resolve, reject) => {
      this.#line.add({ count, resolve, reject });
    });
    this.#answer();
    return answered;
  }

  /** No task is taken any more: rejects with `error` for every caller who waits, or asks from now on. */
  close(error: SchedulerError): void {
    this.#closed = error;
    for (const waiter of this.#line) waiter.reject(error);
    this.#line.clear();
  }

  /** Answers callers, first come first served, as far as there is room that is not promised. */
  #answer(): void {
    for (const waiter of this.#line) {
      const needed = this.#pending.size + waiter.count;
      if (needed + this.#promised > this.limit) {
        if (needed <= this.limit) this.#withdrawLater();
        return;
      }
      this.#line.delete(waiter);
      this.#promised += waiter.count;
      waiter.resolve();
    }
  }

  #withdrawLater(): void {
    if (this.#isWithdrawalDue) return;
    this.#isWithdrawalDue = true;
    this.#port.later(() => {
      this.#isWithdrawalDue = false;
      this.#promised = 0;
      this.#answer();
    });
  }
}

/** The error of a submission to a queue whose scheduler is closed. @internal */
export function closedError(queue: string): SchedulerError {
  return new SchedulerError('SchedulerClosed', `queue ${queue} takes no tasks: the scheduler is closed`, { queue });
}

/** @throws SchedulerError `InvalidOption` unless `count` is an integer of at least 1. @internal */
export function checkRoom(count: number): void {
  if (Number.isSafeInteger(count) && count >= 1) return;
  throw new SchedulerError('InvalidOption', `room takes an integer of at least 1, got ${shown(count)}`);
}
