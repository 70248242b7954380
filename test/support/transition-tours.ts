/**
 * Tours through all that a small system can do: each begins at the beginning, goes to the nearest transition that no tour has taken, and
 * on from there, until nothing new can be reached.
 */
import type { Delivery, Successors } from '../../src/testing/explore/granularity.js';
import { StateTable } from '../../src/testing/explore/state-table.js';

interface Edge {
  readonly delivery: Delivery;
  readonly to: number;
  isTaken: boolean;
}

/** The transitions of one system. */
export class Transitions {
  readonly #edges: Edge[][] = [];
  readonly #table: StateTable;

  constructor(initial: Int32Array, successors: Successors, isPlayable: (delivery: Delivery) => boolean) {
    this.#table = new StateTable(initial.length);
    this.#table.add(initial);
    const vector = new Int32Array(initial.length);
    for (let state = 0; state < this.#table.size; state += 1) {
      this.#table.read(state, vector);
      const edges: Edge[] = [];
      successors(vector, (next, delivery) => {
        if (!isPlayable(delivery)) return;
        const added = this.#table.add(next);
        edges.push({ delivery, to: added < 0 ? -1 - added : added, isTaken: false });
      });
      this.#edges.push(edges);
    }
  }

  get count(): number {
    return this.#edges.reduce((sum, edges) => sum + edges.length, 0);
  }

  get taken(): number {
    return this.#edges.reduce((sum, edges) => sum + edges.filter(({ isTaken }) => isTaken).length, 0);
  }

  /** The state of that number. */
  stateOf(number: number): Int32Array {
    const vector = new Int32Array(this.#table.width);
    this.#table.read(number, vector);
    return vector;
  }

  /** A tour, as the deliveries and the numbers of the states after them; empty when everything has been taken. */
  tour(): readonly { readonly delivery: Delivery; readonly to: number }[] {
    const steps: Edge[] = [];
    for (let way = this.#wayToNew(0); way.length > 0; way = this.#wayToNew(way.at(-1)?.to ?? 0)) {
      for (const edge of way) edge.isTaken = true;
      steps.push(...way);
    }
    return steps;
  }

  /** The shortest way that ends with a transition that has not been taken. */
  #wayToNew(from: number): readonly Edge[] {
    const ways = new Map<number, readonly Edge[]>([[from, []]]);
    for (const [state, way] of ways) {
      for (const edge of this.#edges[state] ?? []) {
        if (!edge.isTaken) return [...way, edge];
        if (!ways.has(edge.to)) ways.set(edge.to, [...way, edge]);
      }
    }
    return [];
  }
}
