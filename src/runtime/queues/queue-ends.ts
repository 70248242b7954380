/**
 * Ends single queues: a closed queue takes no more tasks, and when its last task has settled and its last attempt has ended,
 * nothing of the scheduler's knows it any more. Its executor is closed unless another queue uses it.
 *
 * Invariants: an executor is closed once, and never while a queue of the scheduler uses it.
 */
import { deferred } from '../../core/deferred.js';
import { SchedulerError } from '../../core/failures.js';
import type { Executor } from '../../core/ports.js';
import type { EventQueue } from '../events/event-queue.js';
import type { OpenFeeds } from '../feeds/open-feeds.js';
import type { Lifecycle } from '../lifecycle.js';
import type { Waits } from '../waits.js';
import type { QueueState } from './queue-state.js';

/** The parts of the runtime that the end of a queue concerns. @internal */
export interface QueueEndsPort {
  readonly queues: readonly QueueState[];
  readonly eventQueue: EventQueue;
  readonly feeds: OpenFeeds;
  /** Takes the queue off every list. */
  readonly forget: (queue: QueueState) => void;
  readonly lifecycle: Pick<Lifecycle, 'isClosed' | 'close'>;
  readonly waits: Pick<Waits, 'whenStalled'>;
}

/** The ends of one scheduler's queues. @internal */
export class QueueEnds {
  readonly #port: QueueEndsPort;
  /** Kept as long as a queue that has ended is known to a user: its name may be another's by then. */
  readonly #ends = new WeakMap<QueueState, Promise<void>>();
  readonly #answers = new Map<QueueState, Promise<void>>();
  readonly #closedExecutors = new WeakSet<Executor>();
  /** Executors that are being closed. */
  readonly #closings = new Set<Promise<void>>();
  /** The executor of queues that name none; it is closed with the scheduler. */
  #shared: Executor | undefined = undefined;

  constructor(port: QueueEndsPort) {
    this.#port = port;
  }

  /** Stays open as long as the scheduler. */
  spare(executor: Executor): void {
    this.#shared = executor;
  }

  /** @throws SchedulerError `InvalidOption` for an executor that was closed along with a queue. */
  checkIsOpen(queue: string, executor: Executor): void {
    if (!this.#closedExecutors.has(executor)) return;
    const message = `the executor of queue ${queue} was closed with the last queue that used it: keep one of its queues open, or make a new executor`;
    throw new SchedulerError('InvalidOption', message, { queue });
  }

  /**
   * Closes the queue; resolves when it is gone, its executor included. The same promise whenever it is called, until a stall rejects
   * it: who asks again waits again.
   */
  close(queue: QueueState, removed: () => void): Promise<void> {
    const given = this.#answers.get(queue);
    if (given !== undefined) return given;
    const end = this.#ends.get(queue) ?? this.#close(queue, removed);
    this.#ends.set(queue, end);
    const answer = this.#unlessStalled(queue, end).finally(() => this.#answers.delete(queue));
    this.#answers.set(queue, answer);
    // Without a caller who hears of it, an executor that fails to close is no unhandled rejection.
    answer.catch(() => undefined);
    return answer;
  }

  #unlessStalled(queue: QueueState, end: Promise<void>): Promise<void> {
    const { promise, resolve, reject } = deferred<void>();
    end.then(resolve, reject);
    const unlisten = this.#port.waits.whenStalled((error) => {
      if (queue.tally.unsettled > 0) reject(error);
    });
    return promise.finally(unlisten);
  }

  /** Resolves when no executor is being closed. */
  async executorsClosed(): Promise<void> {
    await Promise.allSettled(this.#closings);
  }

  async #close(queue: QueueState, removed: () => void): Promise<void> {
    const { queues, eventQueue, feeds, forget, lifecycle } = this.#port;
    const emptied = queue.close();
    eventQueue.post(queue, { type: 'close.requested' });
    await feeds.close(`queue ${queue.name} was closed`, queue.name);
    await emptied;
    if (lifecycle.isClosed) {
      // It closes the executors of all queues.
      await lifecycle.close();
      return;
    }
    forget(queue);
    eventQueue.deliver(queue, { type: 'queue.removed' });
    removed();
    const { executor } = queue;
    if (executor === this.#shared || queues.some((other) => other.executor === executor)) return;
    this.#closedExecutors.add(executor);
    const closing = executor.close();
    this.#closings.add(closing);
    await closing.finally(() => this.#closings.delete(closing));
  }
}
