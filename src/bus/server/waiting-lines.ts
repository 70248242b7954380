/**
 * Jobs that nobody has room for, a line for each kind, in the order of urgency and then of arrival. A job that comes back from a
 * scheduler has kept its place in that order. A line that is empty is let go, so that made-up kinds leave nothing behind.
 */
import { type HeapItem, IndexedHeap } from '../../core/order/indexed-heap.js';

/** What stands in a line. @internal */
export interface Waiting extends HeapItem {
  readonly kind: string;
  /** Lower is more urgent. */
  readonly priority: number;
  /** Place in the order of arrival. */
  readonly seq: number;
}

/** The lines. Adding and removing is O(log n). @internal */
export class WaitingLines<T extends Waiting> {
  readonly #lines = new Map<string, IndexedHeap<T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(job: T): void {
    let line = this.#lines.get(job.kind);
    if (line === undefined) {
      line = new IndexedHeap<T>(isBefore);
      this.#lines.set(job.kind, line);
    }
    line.push(job);
    this.#size += 1;
  }

  /** The job must be in its line. */
  remove(job: T): void {
    const line = this.#lines.get(job.kind);
    if (line === undefined) return;
    line.remove(job);
    this.#size -= 1;
    if (line.size === 0) this.#lines.delete(job.kind);
  }

  clear(): void {
    this.#lines.clear();
    this.#size = 0;
  }

  /** The first of all jobs of these kinds. O(kinds). */
  firstOf(kinds: Iterable<string>): T | undefined {
    let first: T | undefined;
    for (const kind of kinds) {
      const head = this.#lines.get(kind)?.peek();
      if (head !== undefined && (first === undefined || isBefore(head, first))) first = head;
    }
    return first;
  }
}

const isBefore = (a: Waiting, b: Waiting): boolean => byUrgency(a, b) < 0;

/** Orders jobs as they are served. @internal */
export function byUrgency(a: Waiting, b: Waiting): number {
  return a.priority - b.priority || a.seq - b.seq;
}
