/**
 * Slots that come back, and those that do not yet: a task submitted with `hold` keeps its slot and resources when it is done, until a
 * task that releases it has settled.
 *
 * Invariant: a slot comes back once.
 */
import type { EventHub } from '../events/event-hub.js';
import type { EventQueue } from '../events/event-queue.js';
import type { TaskRecord } from './task-record.js';

/** The held slots of one scheduler. @internal */
export class HeldSlots {
  readonly #eventQueue: EventQueue;
  /** Attempts that were dropped and have not ended. */
  readonly #ending: Iterable<{ readonly record: TaskRecord }>;
  readonly #hub: EventHub;

  constructor(eventQueue: EventQueue, hub: EventHub, ending: Iterable<{ readonly record: TaskRecord }>) {
    this.#eventQueue = eventQueue;
    this.#hub = hub;
    this.#ending = ending;
  }

  /** The last attempt of the task has ended. Returns whether the task keeps its slot. */
  hold(record: TaskRecord): boolean {
    if (record.extras?.hold !== true || record.isReleased || record.outcome?.status !== 'done') return false;
    record.isHolding = true;
    record.queue.holders.add(record);
    return true;
  }

  /** Gives back the slots of the tasks that this one was to release, unless one of its attempts has not ended. */
  release(record: TaskRecord): void {
    const { extras } = record;
    if (extras === undefined || extras.release.length === 0) return;
    // Not before the last of its attempts has ended, dropped ones included.
    if (!record.isSettled || record.run !== undefined || this.#isEnding(record)) return;
    for (const holder of extras.release) {
      // A releaser that settles first, by failing, leaves nothing to hold.
      holder.isReleased = true;
      if (!holder.isHolding) continue;
      holder.isHolding = false;
      holder.queue.holders.delete(holder);
      this.giveBack(holder);
    }
  }

  /** The slot and the resources of an attempt at the task come back. */
  giveBack(record: TaskRecord, attempt = record.attempt): void {
    this.#hub.tap?.slotReturned(record, attempt);
    this.#eventQueue.post(record.queue, { type: 'slot.returned', id: record.id, demand: record.demand });
  }

  /** Whether an attempt of the task that was dropped has not ended. O(attempts that are ending). */
  #isEnding(record: TaskRecord): boolean {
    for (const run of this.#ending) if (run.record === record) return true;
    return false;
  }
}
