/**
 * Visits every state, nearest first, so that the way to the first violation is a shortest one. Then looks, from the states that
 * are over backwards, for states from which none of those can be reached.
 *
 * Invariant: a state is visited once.
 */
import type { Delivery, Successors } from './granularity.js';
import type { Fault } from './invariants.js';
import { NumberList } from './number-list.js';
import { StateTable } from './state-table.js';

/** What is searched. @internal */
export interface Space {
  readonly initial: Int32Array;
  readonly successors: Successors;
  readonly faultIn: (vector: Int32Array) => Fault | undefined;
  readonly isOver: (vector: Int32Array) => boolean;
  /** What has not settled, in words. */
  readonly leftIn: (vector: Int32Array) => string;
  readonly maxStates: number;
}

/** What was found. @internal */
export interface Found {
  readonly states: number;
  readonly transitions: number;
  /** Length of the longest of all shortest ways. */
  readonly depth: number;
  /** Every state that can be reached has been visited; so it is unless a violation or the bound ended the search. */
  readonly isComplete: boolean;
  readonly violation: { readonly fault: Fault; readonly way: readonly Delivery[] } | undefined;
}

/** Room for the number of a message beside that of a process, in one number; and for a mark. */
const PROCESSES = 64;

/** Searches one space. @internal */
export function search(space: Space): Found {
  return new Search(space).run();
}

class Search {
  readonly #space: Space;
  readonly #table: StateTable;
  /** For each state, the one it was first reached from, and by which delivery. */
  readonly #parents = new NumberList();
  readonly #labels = new NumberList();
  /** Successors by ordinary moves, of each state one after the other, and where those of a state begin. */
  readonly #edges = new NumberList();
  readonly #firstEdges = new NumberList();
  readonly #over = new NumberList();
  #transitions = 0;
  #violation: Found['violation'];
  #last = 0;

  constructor(space: Space) {
    this.#space = space;
    this.#table = new StateTable(space.initial.length);
  }

  run(): Found {
    const { initial, successors, faultIn, isOver, maxStates } = this.#space;
    this.#table.add(initial);
    this.#parents.push(-1);
    this.#labels.push(0);
    const vector = new Int32Array(initial.length);
    let visited = 0;
    const atStart = faultIn(initial);
    if (atStart !== undefined) this.#violation = { fault: atStart, way: [] };
    for (; visited < this.#table.size && this.#violation === undefined && this.#table.size <= maxStates; visited += 1) {
      this.#table.read(visited, vector);
      this.#firstEdges.push(this.#edges.length);
      this.#over.push(isOver(vector) ? 1 : 0);
      const from = visited;
      successors(vector, (next, delivery, isProgress, stepFault) => {
        if (this.#violation !== undefined) return;
        this.#transitions += 1;
        const added = this.#table.add(next);
        const number = added < 0 ? -1 - added : added;
        if (isProgress && number !== from) this.#edges.push(number);
        if (added < 0) {
          this.#parents.push(from);
          this.#labels.push(labelOf(delivery));
        }
        const fault = stepFault ?? (added < 0 ? faultIn(next) : undefined);
        if (fault !== undefined) this.#violation = { fault, way: [...this.#wayTo(from), delivery] };
      });
    }
    this.#firstEdges.push(this.#edges.length);
    this.#last = visited - 1;
    const isComplete = this.#violation === undefined && visited === this.#table.size;
    if (isComplete) this.#violation = this.#deadEnd();
    return {
      states: this.#table.size,
      transitions: this.#transitions,
      depth: this.#wayTo(this.#last).length,
      isComplete,
      violation: this.#violation,
    };
  }

  /**
   * The nearest state from which no state can be reached that is over. Edges lead mostly to later states, so a pass from the last
   * state to the first finds nearly all; passes are repeated until one finds nothing.
   */
  #deadEnd(): Found['violation'] {
    const { size } = this.#table;
    const reaches = new Uint8Array(size);
    for (let isNew = true; isNew; ) {
      isNew = false;
      for (let state = size - 1; state >= 0; state -= 1) {
        if (reaches[state] === 1 || !this.#reaches(state, reaches)) continue;
        reaches[state] = 1;
        isNew = true;
      }
    }
    const dead = reaches.indexOf(0);
    if (dead < 0) return undefined;
    const vector = new Int32Array(this.#space.initial.length);
    this.#table.read(dead, vector);
    const what = `from here on, ${this.#space.leftIn(vector)}`;
    return { fault: { invariant: 'everything-settles', what }, way: this.#wayTo(dead) };
  }

  #reaches(state: number, reaches: Uint8Array): boolean {
    if (this.#over.at(state) === 1) return true;
    const end = this.#firstEdges.at(state + 1);
    for (let edge = this.#firstEdges.at(state); edge < end; edge += 1) {
      if (reaches[this.#edges.at(edge)] === 1) return true;
    }
    return false;
  }

  #wayTo(state: number): readonly Delivery[] {
    const way: Delivery[] = [];
    for (let at = state; this.#parents.at(at) >= 0; at = this.#parents.at(at))
      way.push(deliveryOf(this.#labels.at(at)));
    return way.toReversed();
  }
}

function labelOf({ process, message, isDelivered }: Delivery): number {
  return (message * PROCESSES + process) * 2 + (isDelivered ? 1 : 0);
}

function deliveryOf(label: number): Delivery {
  const rest = label >> 1;
  return { process: rest % PROCESSES, message: Math.floor(rest / PROCESSES), isDelivered: label % 2 === 1 };
}
