/**
 * Selection: on the scheduler's word, offers the best-ranked ready task to its queue's statechart, which grants or refuses,
 * and goes on until no queue has room for a ready task; queues that may evict are then asked to make room.
 *
 * Invariants: at most one offer is under way, and a granted task starts before the next offer, so that starts stand in
 * demand order across all queues of that order. A stop that comes in the middle ends the selection: nothing is offered behind it.
 */
import type { TaskEvent } from '../../../machines/task.js';
import type { TaskOrder } from '../../core/order/task-order.js';
import { elementAt } from '../../core/element-at.js';
import { fits } from '../../core/order/resource-ledger.js';
import type { Candidates, StartOrder } from '../../core/order/start-order.js';
import { TaskEvicted } from '../../core/failures.js';
import type { FifoOrder } from '../../core/order/fifo-order.js';
import type { EventQueue } from '../events/event-queue.js';
import type { Attempts } from '../tasks/attempts.js';
import type { TaskAttempt } from '../tasks/attempt.js';
import type { TaskRecord } from '../tasks/task-record.js';
import type { RoomRequest } from './preemption.js';
import type { QueueState } from './queue-state.js';
import type { ReadyQueues } from './ready-queues.js';

/** Messages that say nothing of their own are all the same object. */
const GRANTED: TaskEvent = { type: 'start.granted' };

/** The parts of the runtime that selection works with. @internal */
export interface SelectionPort {
  readonly order: TaskOrder;
  readonly ready: ReadyQueues<QueueState>;
  /** The queues that may evict. */
  readonly preempting: readonly QueueState[];
  readonly fifo: FifoOrder;
  readonly eventQueue: EventQueue;
  readonly attempts: Attempts;
  readonly changed: () => void;
  /** Nothing more can be started now. */
  readonly ended: () => void;
}

/** What tests bound: how many queues were looked at. @internal */
export interface SelectionCounts {
  looks: number;
}

/** The ready tasks that fit, of all queues of one order. */
class Contest implements Candidates<TaskRecord> {
  readonly #counts: SelectionCounts;
  readonly #order: StartOrder;
  readonly #queues: readonly QueueState[];

  constructor(order: StartOrder, queues: readonly QueueState[], counts: SelectionCounts) {
    this.#counts = counts;
    this.#order = order;
    this.#queues = queues;
  }

  /** The first of them. Queues without room, or with nothing ready, cost no walk. */
  first(): TaskRecord | undefined {
    for (let index = 0; index < this.#queues.length; index += 1) {
      if (this.#competes(elementAt(this.#queues, index))) return this.#order.first(this);
    }
    return undefined;
  }

  best(): TaskRecord | undefined {
    let best: TaskRecord | undefined;
    for (let index = 0; index < this.#queues.length; index += 1) {
      const queue = elementAt(this.#queues, index);
      if (!this.#competes(queue)) continue;
      const top = queue.best();
      if (top !== undefined && (best === undefined || this.#order.isBefore(top, best))) best = top;
    }
    return best;
  }

  isAnyUnranked(): boolean {
    return this.#queues.some((queue) => this.#competes(queue) && queue.unrankedCount > 0);
  }

  #competes(queue: QueueState): boolean {
    this.#counts.looks += 1;
    return queue.isEligible && queue.order === this.#order;
  }
}

/** Selection for one scheduler. @internal */
export class Selection {
  readonly counts: SelectionCounts = { looks: 0 };
  readonly #port: SelectionPort;
  readonly #inDemandOrder: Contest;
  readonly #inSubmissionOrder: Contest;
  #offered: TaskRecord | undefined = undefined;
  #request: RoomRequest | undefined = undefined;
  /** A running attempt that is offered a slot again, which it had given to others. */
  #regaining: TaskAttempt<TaskRecord> | undefined = undefined;

  constructor(port: SelectionPort) {
    this.#port = port;
    this.#inDemandOrder = new Contest(port.order, port.ready.all, this.counts);
    this.#inSubmissionOrder = new Contest(port.fifo, port.ready.all, this.counts);
  }

  /** Offers whatever can start, until nothing can. Asked from outside of a delivery, it is put off to the next one. */
  begin(): void {
    const { eventQueue, changed, ended } = this.#port;
    while (eventQueue.isDraining && !eventQueue.hasUrgent) {
      if (this.#port.attempts.yielded.isAnyWaiting && this.#offerAgain()) continue;
      const best = this.#first();
      if (best !== undefined) this.#offer(best);
      else if (!this.#requestRoom()) {
        ended();
        return;
      }
    }
    changed();
  }

  /** The queue grants what it was offered. */
  readonly granted = (queue: QueueState): void => {
    if (this.#regaining !== undefined) {
      queue.granted();
      this.#port.attempts.yielded.granted(this.#regaining);
      return;
    }
    const record = this.#offered;
    if (record === undefined) return;
    queue.granted();
    queue.left(record);
    if (record.isSettled) {
      // An inspector that was told of the offer has cancelled the task.
      this.#port.eventQueue.post(queue, { type: 'slot.returned', id: record.id, demand: record.demand });
      return;
    }
    this.#port.order.started(record);
    queue.rate?.whole?.started();
    record.lane.gate?.started();
    this.#port.attempts.granted(record);
  };

  /** The queue evicts the victims that were proposed to it. */
  readonly evict = (queue: QueueState): void => {
    if (this.#request === undefined) return;
    const { task: by, victims } = this.#request;
    const isDropped = queue.policy.onEvict === 'drop';
    for (const run of victims) {
      const { record, attempt } = run;
      // From now on its room counts as on its way back, though its statechart has yet to hear of it.
      queue.preemption?.leaves(run);
      const error = new TaskEvicted(record.id, by.id, queue.name);
      record.tell({ type: 'evict.requested', attempt, error, isDropped });
    }
  };

  /** Offers a task to its queue, and starts it if that grants. */
  #offer(record: TaskRecord): void {
    this.#offered = record;
    record.queue.send({ type: 'task.offered', id: record.id, demand: record.demand });
    this.#offered = undefined;
    if (record.run === undefined || record.run.hasBegun) return;
    record.queue.service.cells.show(record);
    record.send(GRANTED);
  }

  /** Offers a slot to the first function that waits to go on with one and would fit. Says no when there is none. */
  #offerAgain(): boolean {
    for (const run of this.#port.attempts.yielded.waiting) {
      const { queue, id, demand } = run.record;
      if (!fits(queue.ledger, demand)) continue;
      this.#regaining = run;
      queue.send({ type: 'task.offered', id, demand });
      this.#regaining = undefined;
      if (!run.isYielding) return true;
    }
    return false;
  }

  /** Asks a queue to evict something for a more urgent task; says no when there is nothing to ask for. */
  #requestRoom(): boolean {
    for (const queue of this.#port.preempting) {
      if (!queue.isWithinRate) continue;
      const request = queue.preemption?.request();
      if (request === undefined) continue;
      this.#request = request;
      queue.send({ type: 'room.requested', id: request.task.id, victims: request.victims.map((run) => run.id) });
      this.#request = undefined;
      return true;
    }
    return false;
  }

  /**
   * The next task to start: the more urgent of the two orders' first tasks, of equals that of the `fifo` queues. Queues share neither slots
   * nor resources, so this decides only which of two starts comes first.
   */
  #first(): TaskRecord | undefined {
    const { order, fifo } = this.#port;
    // Urgencies are kept only for queues of that order.
    const oldest = order.urgencies === undefined ? undefined : this.#inSubmissionOrder.first();
    const newest = this.#inDemandOrder.first();
    if (oldest === undefined || newest === undefined) return oldest ?? newest;
    return order.priorityOf(newest) > fifo.priorityOf(oldest) ? newest : oldest;
  }
}
