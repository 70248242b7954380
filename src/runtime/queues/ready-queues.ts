/**
 * The queues in which something is ready: an array in which every queue knows its place. A selection looks at these alone, so
 * queues without ready tasks cost it nothing, however many there are.
 */

/** A queue, as the list sees it. @internal */
export interface ListedQueue {
  readonly readyCount: number;
  /** Its place in the list, -1 while it is not there; written only by the list. */
  readyAt: number;
}

/** Queues with ready tasks, in no order. Adding and removing are O(1). @internal */
export class ReadyQueues<Q extends ListedQueue> {
  readonly #queues: Q[] = [];

  get all(): readonly Q[] {
    return this.#queues;
  }

  /** The number of ready tasks of the queue has changed. */
  changed(queue: Q): void {
    const { readyAt } = queue;
    if (queue.readyCount > 0 === readyAt >= 0) return;
    if (readyAt < 0) {
      queue.readyAt = this.#queues.length;
      this.#queues.push(queue);
      return;
    }
    queue.readyAt = -1;
    const last = this.#queues.pop();
    if (last === undefined || last === queue) return;
    last.readyAt = readyAt;
    this.#queues[readyAt] = last;
  }
}
