/**
 * Selection: on the scheduler's word, offers the best-ranked ready task to its queue's actor, waits for the answer, and
 * goes on until no queue has room for what is ready; queues that may evict are then asked to make room. Everything passes through the run-queue; one offer is under way
 * at a time, so that starts stand in demand order across all queues.
 */
import type { Candidates, DemandOrder } from '../../core/order/demand-order.js';
import { elementAt } from '../../core/element-at.js';
import type { QueueState } from './queue-state.js';
import type { EventQueue } from '../events/event-queue.js';
import type { TaskRecord } from '../tasks/task-record.js';

/** Selection for one scheduler; at most one offer is under way. @internal */
export class Selection implements Candidates<TaskRecord> {
  readonly #order: DemandOrder;
  readonly #queues: readonly QueueState[];
  readonly #eventQueue: EventQueue;
  readonly #ended: () => void;
  #isUnderWay = false;

  constructor(order: DemandOrder, queues: readonly QueueState[], eventQueue: EventQueue, ended: () => void) {
    this.#order = order;
    this.#queues = queues;
    this.#eventQueue = eventQueue;
    this.#ended = ended;
  }

  /** Begins a selection, unless one is under way: that one sees what has changed by itself. */
  begin(): void {
    if (this.#isUnderWay) return;
    this.#isUnderWay = true;
    this.proceed();
  }

  /** Makes the next offer. To be called once the last one has been answered. */
  proceed(): void {
    const best = this.#first();
    if (best !== undefined) this.#eventQueue.post(best.queue, { type: 'task.offered', task: best });
    else if (!this.#requestRoom()) {
      this.#isUnderWay = false;
      this.#ended();
    }
  }

  /** Asks a queue to evict something for a more urgent task; says no when there is nothing to ask for. */
  #requestRoom(): boolean {
    for (const queue of this.#queues) {
      const request = queue.preemption?.request();
      if (request === undefined) continue;
      this.#eventQueue.post(queue, { type: 'room.requested', ...request });
      return true;
    }
    return false;
  }

  /** The first in demand order of the ready tasks that fit. Queues without room, or with nothing ready, cost no walk. */
  #first(): TaskRecord | undefined {
    const queues = this.#queues;
    let isAnyEligible = false;
    for (let index = 0; index < queues.length && !isAnyEligible; index += 1) {
      isAnyEligible = elementAt(queues, index).isEligible;
    }
    return isAnyEligible ? this.#order.first(this) : undefined;
  }

  /** The best of those that have a rank. */
  best(): TaskRecord | undefined {
    const queues = this.#queues;
    let best: TaskRecord | undefined;
    for (let index = 0; index < queues.length; index += 1) {
      const queue = elementAt(queues, index);
      if (!queue.isEligible) continue;
      const top = queue.best();
      if (top !== undefined && (best === undefined || this.#order.isBefore(top, best))) best = top;
    }
    return best;
  }

  /** Whether some have no rank. */
  isAnyUnranked(): boolean {
    return this.#queues.some((queue) => queue.isEligible && queue.unrankedCount > 0);
  }
}
