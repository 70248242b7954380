/**
 * A task as the graph sees it: its dependencies, its dependents, and how many of the dependencies are not satisfied. Demand
 * order and the runtime's task record extend it; all nodes of a graph are of one class. No scheduling happens here.
 *
 * Invariant: `waiting` is the number of edges in `dependencies` that are not satisfied, as long as the task is not settled.
 */
import { elementAt } from '../element-at.js';
import { SETTLED, UNNEEDED } from './task-facts.js';

/** Marks an edge that needs the whole task, not one of its partial results. @internal */
export const WHOLE = -1;

/** The edges of partial results, to and from a task. Most tasks have none, and no such object. */
class PartialEdges<N> {
  indices: readonly number[] | undefined = undefined;
  dependents: Map<number, N | N[]> | undefined = undefined;
  delivered = 0;
}

/** One array for all tasks that have none. @internal */
export const NO_DEPENDENCIES: readonly never[] = [];

/** Up to this many dependents are kept in an array of exactly their number, since most tasks have few. */
const FEW = 8;

/** A task and its edges. @internal */
export abstract class GraphNode {
  /** Place in submission order, from 1. Dependencies always have a lower one. */
  readonly seq: number;
  /** The user's priority, higher first. */
  readonly priority: number;

  /** The dependencies, in the order in which demand visits them, without repetition. */
  dependencies: readonly this[] = NO_DEPENDENCIES;
  /** Tasks that need the whole of this one: the task itself if it is one, an array if there are several. */
  dependents: this | this[] | undefined = undefined;
  waiting = 0;
  /** The bits of `task-facts.ts`. */
  protected facts = 0;
  #partial: PartialEdges<this> | undefined = undefined;

  constructor(seq: number, priority: number) {
    this.seq = seq;
    this.priority = priority;
  }

  /** Done, failed or cancelled. */
  get isSettled(): boolean {
    return this.is(SETTLED);
  }

  set isSettled(isSo: boolean) {
    this.note(SETTLED, isSo);
  }

  /** Taken out of the order for the time being: nothing needs it. */
  get isUnneeded(): boolean {
    return this.is(UNNEEDED);
  }

  set isUnneeded(isSo: boolean) {
    this.note(UNNEEDED, isSo);
  }

  /** Settled or unneeded: it demands nothing. */
  get isOut(): boolean {
    return this.is(SETTLED | UNNEEDED);
  }

  /** For each dependency the index of the partial result needed, or `WHOLE`; undefined if all are whole. */
  get dependencyIndices(): readonly number[] | undefined {
    return this.#partial?.indices;
  }

  set dependencyIndices(indices: readonly number[] | undefined) {
    if (indices !== undefined || this.#partial !== undefined) (this.#partial ??= new PartialEdges()).indices = indices;
  }

  /** Tasks that need one partial result of this one, by its index, as in `dependents`. Its entry is removed on delivery. */
  get partialDependents(): Map<number, this | this[]> | undefined {
    return this.#partial?.dependents;
  }

  set partialDependents(dependents: Map<number, this | this[]> | undefined) {
    if (dependents !== undefined || this.#partial !== undefined)
      (this.#partial ??= new PartialEdges()).dependents = dependents;
  }

  /** How many partial results have been delivered. */
  get delivered(): number {
    return this.#partial === undefined ? 0 : this.#partial.delivered;
  }

  set delivered(count: number) {
    (this.#partial ??= new PartialEdges()).delivered = count;
  }

  // Private methods (#) would cost every object a field.
  protected is(fact: number): boolean {
    return (this.facts & fact) !== 0;
  }

  protected note(fact: number, isSo: boolean): void {
    this.facts = isSo ? this.facts | fact : this.facts & ~fact;
  }
}

/** Whether `node` has what it needs from its dependency at `position`. @internal */
export function isSatisfied(node: GraphNode, position: number): boolean {
  const dependency = elementAt(node.dependencies, position);
  if (dependency.isSettled) return true;
  const index = indexAt(node, position);
  return index !== WHOLE && dependency.delivered > index;
}

/** The index of the partial result that `node` needs from its dependency at `position`, or `WHOLE`. @internal */
export function indexAt(node: GraphNode, position: number): number {
  return node.dependencyIndices === undefined ? WHOLE : elementAt(node.dependencyIndices, position);
}

/**
 * Makes `node` depend on `dependencies` (with `indices` as in `GraphNode.dependencyIndices`), without repetition; counts
 * those not yet satisfied in `node.waiting`. O(number of dependencies).
 *
 * @internal
 */
export function connect<N extends GraphNode>(
  node: N,
  dependencies: readonly N[],
  indices: readonly number[] | undefined,
): void {
  node.dependencies = dependencies;
  node.dependencyIndices = indices;
  for (let position = 0; position < dependencies.length; position += 1) {
    if (isSatisfied(node, position)) continue;
    node.waiting += 1;
    addDependent(elementAt(dependencies, position), indexAt(node, position), node);
  }
}

function addDependent<N extends GraphNode>(dependency: N, index: number, node: N): void {
  if (index === WHOLE) {
    dependency.dependents = withOneMore(dependency.dependents, node);
    return;
  }
  const byIndex = (dependency.partialDependents ??= new Map<number, N | N[]>());
  byIndex.set(index, withOneMore(byIndex.get(index), node));
}

function withOneMore<N extends GraphNode>(present: N | N[] | undefined, node: N): N | N[] {
  if (present === undefined) return node;
  if (!Array.isArray(present)) return [present, node];
  if (present.length < FEW) return longer(present, node);
  present.push(node);
  return present;
}

/** A copy of exact length: an array that grows, by a spread too, reserves room for 16 more. */
function longer<N>(items: readonly N[], item: N): N[] {
  const { length } = items;
  const copy = new Array<N>(length + 1);
  for (let index = 0; index < length; index += 1) copy[index] = elementAt(items, index);
  copy[length] = item;
  return copy;
}

/** Calls `visit` for every task that still waits for `node`, or for a partial result of it. @internal */
export function forEachDependent<N extends GraphNode>(node: N, visit: (dependent: N, index: number) => void): void {
  visitEach(node.dependents, WHOLE, visit);
  const partial: Map<number, N | N[]> | undefined = node.partialDependents;
  if (partial === undefined) return;
  for (const [index, dependents] of partial) visitEach(dependents, index, visit);
}

/** Calls `visit` for each dependent of one field. @internal */
export function visitEach<N extends GraphNode>(
  dependents: N | N[] | undefined,
  index: number,
  visit: (dependent: N, index: number) => void,
): void {
  if (Array.isArray(dependents)) for (const dependent of dependents) visit(dependent, index);
  else if (dependents !== undefined) visit(dependents, index);
}
