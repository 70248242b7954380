/**
 * A task as the graph sees it: what it depends on, what depends on it, and how much of that is satisfied. The runtime's
 * task record extends it; demand order reads it. No scheduling happens here.
 *
 * Invariant: `waiting` is the number of edges in `dependencies` that are not satisfied, as long as the task is not settled.
 */
import type { Block } from './demand-block.js';
import type { Lane } from './lane.js';

/** Says that an edge needs the whole task, not one of its partial results. */
export const WHOLE = -1;

export abstract class GraphNode {
  /** Place in submission order, from 1. Dependencies always have a lower one. */
  readonly seq: number;
  /** The user's priority, higher first. */
  readonly priority: number;
  /** Where the task waits when it is ready: the tasks of its queue with the same demand. */
  readonly lane: Lane;

  /** What the task depends on, in the order in which demand visits it; without repetition. */
  dependencies: readonly GraphNode[] | undefined = undefined;
  /** For each dependency the partial result that is needed, or `WHOLE`; undefined when all are whole. */
  dependencyIndices: readonly number[] | undefined = undefined;
  /** Tasks that need the whole of this one: one of them as it is, several as an array. */
  dependents: GraphNode | GraphNode[] | undefined = undefined;
  /** Tasks that need one partial result of this one, by its index. Entries go when they are delivered. */
  partialDependents: Map<number, GraphNode[]> | undefined = undefined;
  waiting = 0;
  /** How many partial results have been delivered. */
  delivered = 0;
  /** Done, failed or cancelled. */
  isSettled = false;

  // Owned by demand order.
  isReady = false;
  isRanked = false;
  block: Block | undefined = undefined;
  place = 0;
  before: GraphNode | undefined = undefined;
  behind: GraphNode | undefined = undefined;
  heapIndex = -1;

  constructor(seq: number, priority: number, lane: Lane) {
    this.seq = seq;
    this.priority = priority;
    this.lane = lane;
  }
}

/** Whether what `node` needs of its dependency number `position` is there. */
export function isSatisfied(node: GraphNode, position: number): boolean {
  const dependency = (node.dependencies as readonly GraphNode[])[position] as GraphNode;
  if (dependency.isSettled) return true;
  const index = node.dependencyIndices === undefined ? WHOLE : (node.dependencyIndices[position] as number);
  return index !== WHOLE && dependency.delivered > index;
}

/**
 * Makes `node` depend on `dependencies` (of `indices`, see `GraphNode`), all of which must be fresh pairs; counts those
 * not yet satisfied in `node.waiting`. O(number of dependencies).
 */
export function connect(node: GraphNode, dependencies: readonly GraphNode[], indices: readonly number[] | undefined): void {
  node.dependencies = dependencies;
  node.dependencyIndices = indices;
  for (let position = 0; position < dependencies.length; position += 1) {
    if (isSatisfied(node, position)) continue;
    node.waiting += 1;
    const dependency = dependencies[position] as GraphNode;
    const index = indices === undefined ? WHOLE : (indices[position] as number);
    if (index === WHOLE) addDependent(dependency, node);
    else addPartialDependent(dependency, index, node);
  }
}

function addDependent(dependency: GraphNode, node: GraphNode): void {
  const present = dependency.dependents;
  if (present === undefined) dependency.dependents = node;
  else if (Array.isArray(present)) present.push(node);
  else dependency.dependents = [present, node];
}

function addPartialDependent(dependency: GraphNode, index: number, node: GraphNode): void {
  dependency.partialDependents ??= new Map();
  const present = dependency.partialDependents.get(index);
  if (present === undefined) dependency.partialDependents.set(index, [node]);
  else present.push(node);
}

/** Calls `visit` for every task that still waits for `node` or for a partial result of it. */
export function forEachDependent(node: GraphNode, visit: (dependent: GraphNode) => void): void {
  const whole = node.dependents;
  if (Array.isArray(whole)) for (const dependent of whole) visit(dependent);
  else if (whole !== undefined) visit(whole);
  if (node.partialDependents === undefined) return;
  for (const dependents of node.partialDependents.values()) for (const dependent of dependents) visit(dependent);
}
