/** The dependencies of a task that is being submitted: each pair of a task and an index once, in the order of demand. */
import { WHOLE } from '../core/graph-node.js';
import type { TaskRecord } from './task-record.js';

/** As many are told apart by looking through them one by one; more go into a map. */
const FEW = 16;

/** Filled once, then given to `connect`. Adding is O(1) amortised. @internal */
export class EdgeList {
  readonly nodes: TaskRecord[] = [];
  #indices: number[] | undefined = undefined;
  #known: Map<TaskRecord, Set<number>> | undefined = undefined;

  /** For each node the partial result that is needed, or `WHOLE`; undefined when all are whole. */
  get indices(): readonly number[] | undefined {
    return this.#indices;
  }

  add(node: TaskRecord, index: number): void {
    if (this.#has(node, index)) return;
    if (index !== WHOLE) this.#indices ??= this.nodes.map(() => WHOLE);
    this.nodes.push(node);
    this.#indices?.push(index);
    this.#note(node, index);
  }

  #has(node: TaskRecord, index: number): boolean {
    if (this.#known !== undefined) return this.#known.get(node)?.has(index) === true;
    return this.nodes.some((other, position) => other === node && (this.#indices?.[position] ?? WHOLE) === index);
  }

  #note(node: TaskRecord, index: number): void {
    if (this.#known !== undefined) {
      const present = this.#known.get(node);
      if (present === undefined) this.#known.set(node, new Set([index]));
      else present.add(index);
    } else if (this.nodes.length === FEW) {
      this.#known = new Map();
      for (const [position, known] of this.nodes.entries()) this.#note(known, this.#indices?.[position] ?? WHOLE);
    }
  }
}
