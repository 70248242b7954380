/**
 * A queue as a whole: its counts, pausing and resuming it, its limits, emptying it and waiting until it is idle. The queue's
 * statechart decides what follows for offers; this only posts and cancels.
 *
 * Invariant: after `pause` nothing of the queue is granted until `resume`.
 */
import type { QueueEvent } from '../../../machines/queue.js';
import type { Engine } from '../engine.js';
import type { CancelOptions } from '../policies/cancel-options.js';
import type { QueueActorRef } from '../statecharts/actor-refs.js';
import type { TaskRecord } from '../tasks/task-record.js';
import { checkSettableLimits, type QueueLimits } from './queue-limits.js';
import type { QueueState } from './queue-state.js';

/**
 * A queue as a whole. `Queue` extends it by what submits tasks.
 *
 * @public
 */
export class QueueControl {
  readonly #engine: Engine;
  readonly #queue: QueueState;

  /** @internal */
  constructor(engine: Engine, queue: QueueState) {
    this.#engine = engine;
    this.#queue = queue;
  }

  get name(): string {
    return this.#queue.name;
  }

  /** How many tasks run at once at the most. */
  get concurrency(): number {
    return this.#queue.concurrency;
  }

  /** How many tasks may be pending at once; `Infinity` for a queue without a bound. */
  get bound(): number {
    return this.#queue.bound?.limit ?? Number.POSITIVE_INFINITY;
  }

  /** How many of its tasks wait: submitted, or to be attempted again, and not running. */
  get size(): number {
    const { unsettled, live } = this.#queue.tally;
    return unsettled - live;
  }

  /** How many attempts have a slot, those included that are ending after their task was cancelled. */
  get running(): number {
    return this.#queue.running;
  }

  get isPaused(): boolean {
    return this.#queue.isPaused;
  }

  /** The queue's actor; its snapshot's context has the ledger of slots and resources. */
  get actor(): QueueActorRef {
    return this.#queue.ref();
  }

  /** Starts nothing more until `resume`; what runs goes on, and tasks are taken. Stopping and starting the scheduler changes nothing about it. */
  pause(): void {
    this.#post({ type: 'pause.requested' });
  }

  /** Lets tasks start again after `pause`. */
  resume(): void {
    this.#post({ type: 'resume.requested' });
  }

  /**
   * Changes limits, also while tasks run. What has started keeps its slot and resources until its end: after lowering, nothing starts
   * until enough has come back. A task that demands more than a lowered capacity waits until it is raised.
   *
   * @throws SchedulerError `InvalidOption`.
   */
  set(limits: QueueLimits): void {
    checkSettableLimits(this.name, limits);
    const { slots, capacity } = this.#queue.setLimits(limits);
    this.#post({ type: 'limits.changed', slots, capacity });
    this.#engine.feeds.windowsChanged();
  }

  /**
   * Resolves when no task of the queue is left unsettled and none of its attempts is running, at once if that is so. It does not report
   * failures. Rejects with `Stalled` when the queue's tasks can never proceed.
   */
  onIdle(): Promise<void> {
    const { tally } = this.#queue;
    if (tally.isIdle) return Promise.resolve();
    const unlisten = this.#engine.waiting.whenStalled((error) => {
      if (tally.unsettled > 0) tally.fail(error);
    });
    return this.#idle().finally(unlisten);
  }

  /**
   * Cancels the tasks of the queue that are not running, those between two attempts included. Tasks elsewhere that need them fail with
   * `DependencyFailed`. Costs O(unsettled tasks of the scheduler).
   *
   * @param reason - becomes the `reason` of the outcomes.
   * @returns how many tasks were cancelled.
   */
  clear(reason: unknown = `queue ${this.name} was cleared`): number {
    const waiting = this.#unsettled().filter(({ run }) => run === undefined);
    return this.#cancel(waiting, { reason });
  }

  /**
   * Cancels every task of the queue and leaves running attempts no time to end by themselves. Functions on the main thread cannot be
   * ended; they are no longer waited for. Resolves when no attempt has a slot. The queue goes on taking tasks.
   *
   * @param reason - becomes the `reason` of the outcomes.
   */
  terminate(reason: unknown = `queue ${this.name} was terminated`): Promise<void> {
    this.#cancel(this.#unsettled(), { reason, graceMs: 0 });
    this.#engine.attempts.endAtOnce(reason, ({ queue }) => queue === this.#queue);
    return this.#idle();
  }

  /** @internal How much is kept, for tests that bound it. */
  get _counts(): { readonly lanes: number; readonly rateKeys: number } {
    return { lanes: this.#queue.laneCount, rateKeys: this.#queue.rate?.keyCount ?? 0 };
  }

  /** @internal What a monitor of the scheduler must know. `isOpaque` says that more than slots and resources decides what starts. */
  get _view(): {
    readonly name: string;
    readonly concurrency: number;
    readonly order: 'newest' | 'fifo';
    readonly resources: Readonly<Record<string, number>>;
    readonly isOpaque: boolean;
    readonly taken: number;
    readonly amounts: Readonly<Record<string, number>>;
  } {
    const { name, ledger, resourceNames, rate, preemption, isPaused, isInSubmissionOrder } = this.#queue;
    const named = (amounts: readonly number[]): Readonly<Record<string, number>> =>
      Object.fromEntries(resourceNames.map((resource, index) => [resource, amounts[index] ?? 0]));
    return {
      name,
      concurrency: ledger.slots,
      order: isInSubmissionOrder ? 'fifo' : 'newest',
      resources: named(ledger.capacity),
      isOpaque: isPaused || rate !== undefined || preemption !== undefined,
      taken: ledger.slotsTaken,
      amounts: named(ledger.taken),
    };
  }

  #idle(): Promise<void> {
    return new Promise((resolve, reject) => this.#queue.tally.add({ resolve, reject }));
  }

  #unsettled(): readonly TaskRecord[] {
    return this.#engine.unsettled.newestFirst().filter(({ queue }) => queue === this.#queue);
  }

  #cancel(records: readonly TaskRecord[], options: CancelOptions): number {
    let count = 0;
    for (const record of records) if (this.#engine.cancel(record, options)) count += 1;
    return count;
  }

  #post(event: QueueEvent): void {
    const { eventQueue, cell } = this.#engine;
    eventQueue.postUrgent(this.#queue, event);
    cell.changed();
    eventQueue.drain();
  }
}
