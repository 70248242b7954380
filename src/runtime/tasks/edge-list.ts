/** The dependencies of a task that is being submitted: each pair of a task and an index once, in the order of demand. */
import { elementAt } from '../../core/element-at.js';
import { WHOLE } from '../../core/order/graph-node.js';
import type { TaskRecord } from './task-record.js';

/** Among so many, one is found by looking through them; more go into a map. */
const FEW = 16;

/** Filled once, then given to `connect`. Adding is O(1) amortised. @internal */
export class EdgeList {
  readonly #nodes: TaskRecord[];
  #indices: number[] | undefined = undefined;
  #length = 0;
  readonly #known: Map<TaskRecord, Set<number>> | undefined;

  /** `most` is how many may be added. The arrays are made just as long as needed: they stay as long as the task. */
  constructor(most: number) {
    this.#nodes = new Array<TaskRecord>(most);
    this.#known = most > FEW ? new Map() : undefined;
  }

  /** To be asked for when all have been added. */
  get nodes(): readonly TaskRecord[] {
    this.#nodes.length = this.#length;
    return this.#nodes;
  }

  /** For each node the partial result that is needed, or `WHOLE`; undefined when all are whole. As `nodes`, at the end. */
  get indices(): readonly number[] | undefined {
    if (this.#indices !== undefined) this.#indices.length = this.#length;
    return this.#indices;
  }

  /** Whether there is one for each of these handles, and no other. */
  isOf(handles: readonly unknown[]): boolean {
    return this.#length === handles.length;
  }

  add(node: TaskRecord, index: number): void {
    if (this.#known === undefined ? this.#has(node, index) : !isNew(this.#known, node, index)) return;
    if (index !== WHOLE) this.#indices ??= wholes(this.#nodes.length);
    this.#nodes[this.#length] = node;
    if (this.#indices !== undefined) this.#indices[this.#length] = index;
    this.#length += 1;
  }

  #has(node: TaskRecord, index: number): boolean {
    for (let position = 0; position < this.#length; position += 1) {
      const present = this.#indices === undefined ? WHOLE : elementAt(this.#indices, position);
      if (this.#nodes[position] === node && present === index) return true;
    }
    return false;
  }
}

/** Whether the pair has not been known, as it is from now on. */
function isNew(known: Map<TaskRecord, Set<number>>, node: TaskRecord, index: number): boolean {
  const indices = known.get(node);
  if (indices === undefined) known.set(node, new Set([index]));
  else if (indices.has(index)) return false;
  else indices.add(index);
  return true;
}

/** A loop: `fill` is no part of what V8 compiles. */
function wholes(count: number): number[] {
  const indices = new Array<number>(count);
  for (let position = 0; position < count; position += 1) indices[position] = WHOLE;
  return indices;
}
