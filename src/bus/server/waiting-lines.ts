/**
 * Waiting jobs: one line per kind, ordered by urgency, then by arrival. A job that returns from a scheduler keeps its place in that
 * order. Empty lines are removed, so invented kinds leave nothing behind.
 */
import { type HeapItem, IndexedHeap } from '../../core/order/indexed-heap.js';

/** @internal */
export interface Waiting extends HeapItem {
  readonly kind: string;
  /** Lower is more urgent. */
  readonly priority: number;
  /** Order of arrival. */
  readonly seq: number;
}

/** Adding and removing is O(log n). @internal */
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

  /** The most urgent waiting job of these kinds. O(kinds). */
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

/** Most urgent first. @internal */
export function byUrgency(a: Waiting, b: Waiting): number {
  return a.priority - b.priority || a.seq - b.seq;
}
