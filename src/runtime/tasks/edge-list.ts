/** The dependencies of a task that is being submitted: each pair of a task and an index once, in the order of demand. */
import { elementAt } from '../../core/element-at.js';
import { WHOLE } from '../../core/order/graph-node.js';
import type { TaskRecord } from './task-record.js';

/** As many are told apart by looking through them one by one; more go into a map. */
const FEW = 16;

/** Filled once, then given to `connect`. Adding is O(1) amortised. @internal */
export class EdgeList {
  readonly #nodes: TaskRecord[];
  #indices: number[] | undefined = undefined;
  #length = 0;
  #known: Map<TaskRecord, Set<number>> | undefined = undefined;

  /** `most` is how many may be added. The arrays are made just as long as needed: they stay as long as the task. */
  constructor(most: number) {
    this.#nodes = new Array<TaskRecord>(most);
  }

  /** To be asked for when all have been added. */
  get nodes(): readonly TaskRecord[] {
    if (this.#nodes.length > this.#length) this.#nodes.length = this.#length;
    return this.#nodes;
  }

  /** For each node the partial result that is needed, or `WHOLE`; undefined when all are whole. As `nodes`, at the end. */
  get indices(): readonly number[] | undefined {
    if (this.#indices !== undefined && this.#indices.length > this.#length) this.#indices.length = this.#length;
    return this.#indices;
  }

  /** Whether there is one for each of these handles, and no other. */
  isOf(handles: readonly unknown[]): boolean {
    return this.#length === handles.length;
  }

  add(node: TaskRecord, index: number): void {
    if (this.#has(node, index)) return;
    if (index !== WHOLE) this.#indices ??= wholes(this.#nodes.length);
    this.#nodes[this.#length] = node;
    if (this.#indices !== undefined) this.#indices[this.#length] = index;
    this.#length += 1;
    if (this.#known !== undefined) this.#note(this.#known, node, index);
    else if (this.#length === FEW) this.#known = this.#all();
  }

  #has(node: TaskRecord, index: number): boolean {
    if (this.#known !== undefined) return this.#known.get(node)?.has(index) === true;
    for (let position = 0; position < this.#length; position += 1) {
      if (this.#nodes[position] === node && this.#indexAt(position) === index) return true;
    }
    return false;
  }

  #indexAt(position: number): number {
    return this.#indices === undefined ? WHOLE : elementAt(this.#indices, position);
  }

  #all(): Map<TaskRecord, Set<number>> {
    const known = new Map<TaskRecord, Set<number>>();
    for (let position = 0; position < this.#length; position += 1) {
      this.#note(known, elementAt(this.#nodes, position), this.#indexAt(position));
    }
    return known;
  }

  #note(known: Map<TaskRecord, Set<number>>, node: TaskRecord, index: number): void {
    const present = known.get(node);
    if (present === undefined) known.set(node, new Set([index]));
    else present.add(index);
  }
}

/** A loop: `fill` is no part of what V8 compiles. */
function wholes(count: number): number[] {
  const indices = new Array<number>(count);
  for (let position = 0; position < count; position += 1) indices[position] = WHOLE;
  return indices;
}
