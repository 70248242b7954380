/**
 * The dependencies of the recorded tasks, as task numbers, one task's after the other. A settled task's record forgets its dependencies, so
 * they are noted at its admission.
 */
import { FIELD, HALF, type RowStore, valueAt } from './row-store.js';

const FIRST_LENGTH = 4096;

/** So many dependencies of a task are noted; more are not told. */
const MOST_EDGES = 0xffff;

/** The edges. O(1) for each, amortised. @internal */
export class EdgePool {
  #tasks = new Uint32Array(FIRST_LENGTH);
  #length = 0;
  /** Edges from here on are not any row's yet. */
  #given = 0;
  /** Edges of rows that have made room. */
  #garbage = 0;
  readonly #rows: RowStore;

  constructor(rows: RowStore) {
    this.#rows = rows;
  }

  /** Notes the dependencies of a task that is to get its row after those noted before. Returns how many are noted. */
  append(dependencies: readonly { readonly seq: number }[]): number {
    const count = Math.min(MOST_EDGES, dependencies.length);
    if (this.#length + count > this.#tasks.length) this.#grow(count);
    const tasks = this.#tasks;
    const from = this.#length;
    for (let index = 0; index < count; index += 1) tasks[from + index] = dependencies[index]?.seq ?? 0;
    this.#length = from + count;
    return count;
  }

  /** The row gets the first `count` edges that are not any row's yet. */
  give(place: number, count: number): void {
    this.#rows.set(place, FIELD.edgesFrom, this.#given);
    this.#rows.setHalf(place, HALF.edges, count);
    this.#given += count;
  }

  /** The row makes room. */
  drop(place: number): void {
    this.#garbage += this.#rows.half(place, HALF.edges);
  }

  /** The dependencies of the row's task: a view, to be read at once. */
  of(place: number): Uint32Array {
    const from = this.#rows.get(place, FIELD.edgesFrom);
    return this.#tasks.subarray(from, from + this.#rows.half(place, HALF.edges));
  }

  /** Copies the dependencies of the row's task to `target`, from `at` on. */
  copyTo(target: Uint32Array, at: number, place: number): void {
    const from = this.#rows.get(place, FIELD.edgesFrom);
    const count = this.#rows.half(place, HALF.edges);
    const tasks = this.#tasks;
    for (let edge = 0; edge < count; edge += 1) target[at + edge] = valueAt(tasks, from + edge);
  }

  /** The places of the rows whose tasks depend on `task`. O(edges). */
  dependentsOf(task: number): number[] {
    const found: number[] = [];
    for (let place = 0; place < this.#rows.count; place += 1) {
      const from = this.#rows.get(place, FIELD.edgesFrom);
      const to = from + this.#rows.half(place, HALF.edges);
      for (let edge = from; edge < to; edge += 1) if (this.#tasks[edge] === task) found.push(place);
    }
    return found;
  }

  /** Room for `count` more, and half as much again: the garbage goes. O(edges). */
  #grow(count: number): void {
    const old = this.#tasks;
    const needed = this.#length - this.#garbage + count;
    let { length } = old;
    while (2 * length < 3 * needed) length *= 2;
    const tasks = new Uint32Array(length);
    if (this.#garbage === 0) tasks.set(old);
    else this.#closeUp(tasks);
    this.#tasks = tasks;
  }

  #closeUp(to: Uint32Array): void {
    let length = 0;
    for (let place = 0; place < this.#rows.count; place += 1) {
      const count = this.#rows.half(place, HALF.edges);
      if (count === 0) continue;
      this.copyTo(to, length, place);
      this.#rows.set(place, FIELD.edgesFrom, length);
      length += count;
    }
    to.set(this.#tasks.subarray(this.#given, this.#length), length);
    this.#length += length - this.#given;
    this.#given = length;
    this.#garbage = 0;
  }
}
