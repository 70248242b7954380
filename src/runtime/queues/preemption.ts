/**
 * Eviction in a queue with `preempt`: the urgency of its running attempts, and the victims for its most urgent ready task. It only
 * proposes: the queue's actor decides.
 *
 * Invariants: no task is evicted for one that is not more urgent, nor for one that fits once the attempts have ended that are
 * ending already.
 */
import { valueAt } from '../../core/element-at.js';
import { type Evictable, type Urgency, urgencyOf, victimsAmong } from '../../core/order/eviction.js';
import { fits, giveBack, type Ledger, take } from '../../core/order/resource-ledger.js';
import type { StartOrder } from '../../core/order/start-order.js';
import type { TaskAttempt } from '../tasks/attempt.js';
import type { TaskRecord } from '../tasks/task-record.js';

/** A queue, as far as preemption needs it. @internal */
export interface PreemptionQueue {
  readonly readyCount: number;
  /** How many of the ready tasks have no rank yet. */
  readonly unrankedCount: number;
  /** As it is now. */
  readonly ledger: Ledger;
  /** With nothing taken. */
  readonly emptyLedger: Ledger;
  /** The best-ranked ready task that would fit `ledger`, of those that have a rank. */
  bestFor(ledger: Ledger): TaskRecord | undefined;
}

/** A task that is to get room, and the attempts that are to be evicted for it. @internal */
export interface RoomRequest {
  readonly task: TaskRecord;
  readonly victims: readonly TaskAttempt<TaskRecord>[];
}

/** An attempt with what is known of its urgency: at least that of `known.witness`, as long as that needs it. */
interface Running extends Evictable {
  readonly run: TaskAttempt<TaskRecord>;
  known: Urgency<TaskRecord>;
}

/** The attempts of one queue with `preempt`. @internal */
export class Preemption {
  readonly #queue: PreemptionQueue;
  readonly #order: StartOrder;
  /** In the order of their starts. */
  readonly #running = new Map<TaskAttempt<TaskRecord>, Running>();
  /** How many of them there are of each priority that was given to their tasks. */
  readonly #levels = new Map<number, number>();
  /** Those that will give their room back soon. */
  readonly #leaving = new Set<TaskAttempt<TaskRecord>>();
  /** Ready tasks that get the room of those; what is left is kept for them, else an evicted task might take it again. */
  readonly #promised = new Set<TaskRecord>();
  #isRefused = false;
  /** How often a running attempt was looked at, for tests that bound it. */
  looks = 0;

  constructor(queue: PreemptionQueue, order: StartOrder) {
    this.#queue = queue;
    this.#order = order;
  }

  began(run: TaskAttempt<TaskRecord>): void {
    const { record } = run;
    this.#promised.delete(record);
    this.#levels.set(record.priority, (this.#levels.get(record.priority) ?? 0) + 1);
    this.#running.set(run, {
      run,
      known: ownOf(record),
      demand: record.demand,
      get urgency(): number {
        return this.known.priority;
      },
    });
  }

  /** What needed a partial result of the attempt has that, and may not need the attempt any more. */
  neededLess(run: TaskAttempt<TaskRecord>): void {
    const running = this.#running.get(run);
    if (running !== undefined) running.known = ownOf(run.record);
  }

  /** The attempt has been told to end. */
  leaves(run: TaskAttempt<TaskRecord>): void {
    if (this.#forget(run)) this.#leaving.add(run);
  }

  ended(run: TaskAttempt<TaskRecord>): void {
    this.#forget(run);
    this.#leaving.delete(run);
    if (this.#leaving.size === 0) this.#promised.clear();
    this.#isRefused = false;
  }

  /** The queue has refused what was proposed: nothing is until something has changed. */
  refused(): void {
    this.#isRefused = true;
    if (this.#leaving.size === 0) this.#promised.clear();
  }

  /** The gate was opened or shut. */
  changed(): void {
    this.#isRefused = false;
  }

  /** The best-ranked ready task that fits what is left and not promised to others. O(promises), and a search of the lanes. */
  best(): TaskRecord | undefined {
    const { ledger } = this.#queue;
    let kept = ledger;
    let best: TaskRecord | undefined;
    for (const task of this.#promised) {
      if (!task.isReady || task.isSettled || !task.lane.isOpen) {
        this.#promised.delete(task);
        continue;
      }
      kept = take(kept, task.demand);
      // Ready and without a place in its lane: it has no rank yet.
      if (task.heapIndex < 0 || !fits(ledger, task.demand)) continue;
      if (best === undefined || this.#order.isBefore(task, best)) best = task;
    }
    const other = this.#queue.bestFor(kept);
    return best === undefined || (other !== undefined && this.#order.isBefore(other, best)) ? other : best;
  }

  /**
   * The next task that should get room by evicting others, if there is one. To be asked when nothing that is ready fits what is left.
   * O(levels of priority) where nothing that is ready is more urgent than the least of the priorities that run; else O((ending attempts +
   * levels of urgency) · running attempts), and what `urgencyOf` costs for those that may have to go.
   */
  request(): RoomRequest | undefined {
    if (this.#isRefused || this.#running.size === 0 || this.#queue.readyCount === 0) return undefined;
    if (this.#leaving.size === 0 && !this.#isAnyMoreUrgent()) return undefined;
    let free = this.#queue.ledger;
    for (const { record } of this.#leaving) free = giveBack(free, record.demand);
    // Room that is coming back is promised to the first waiting tasks, which are out of their lanes meanwhile.
    this.#promised.clear();
    try {
      for (;;) {
        const found = this.#propose(free);
        if (found === undefined) return undefined;
        if ('victims' in found) {
          this.#promised.add(found.task);
          return found;
        }
        if (found.fits === undefined) continue;
        free = take(free, found.fits.demand);
        found.fits.lane.setAside(found.fits);
        this.#promised.add(found.fits);
      }
    } finally {
      for (const task of this.#promised) task.lane.putBack(task);
    }
  }

  /** Whether a ready task is more urgent than the priority of a running one, which is the least that its urgency can be. */
  #isAnyMoreUrgent(): boolean {
    const most = this.#order.first({
      best: () => this.#queue.bestFor(this.#queue.emptyLedger),
      isAnyUnranked: () => this.#queue.unrankedCount > 0,
    });
    if (most === undefined) return false;
    const urgency = this.#order.priorityOf(most);
    for (const level of this.#levels.keys()) if (level < urgency) return true;
    return false;
  }

  #forget(run: TaskAttempt<TaskRecord>): boolean {
    if (!this.#running.delete(run)) return false;
    const { priority } = run.record;
    const left = valueAt(this.#levels, priority) - 1;
    if (left > 0) this.#levels.set(priority, left);
    else this.#levels.delete(priority);
    return true;
  }

  /** A request, or the task that fits once the ending attempts have ended, or only news of how urgent something is. */
  #propose(free: Ledger): RoomRequest | { readonly fits: TaskRecord | undefined } | undefined {
    const running = [...this.#running.values()];
    this.looks += running.length;
    for (const each of running) {
      if (each.known.witness.isSettled) each.known = ownOf(each.run.record);
    }
    const levels = [...new Set(running.map(({ urgency }) => urgency))].sort((a, b) => b - a);
    for (const level of levels) {
      const pool = running.filter(({ urgency }) => urgency <= level);
      const room = pool.reduce((ledger, { demand }) => giveBack(ledger, demand), free);
      const task = this.#order.first({
        best: () => this.#queue.bestFor(room),
        isAnyUnranked: () => this.#queue.unrankedCount > this.#promised.size,
      });
      if (task === undefined) continue;
      if (fits(free, task.demand)) return { fits: task };
      const urgency = this.#order.priorityOf(task);
      if (urgency <= level) continue;
      for (const each of pool) each.known = urgencyOf(each.run.record, urgency);
      if (pool.some((each) => each.urgency >= urgency)) return { fits: undefined };
      const victims = victimsAmong(free, task.demand, pool) ?? [];
      return { task, victims: victims.map(({ run }) => run) };
    }
    return undefined;
  }
}

function ownOf(record: TaskRecord): Urgency<TaskRecord> {
  return { priority: record.priority, witness: record };
}
