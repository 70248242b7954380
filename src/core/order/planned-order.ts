/**
 * An order that goes by how long tasks take: a planner gives every task its place, by the work behind it and before it.
 *
 * A place may depend on any other task, so a change can move all of them. A small graph is planned anew as soon as it is asked for; a larger
 * one when as many visits have been saved up as the last plan took, `VISITS_PER_CHANGE` with each change. Until then new tasks have
 * the place that the planner gives them provisionally. So a change costs O(1) amortised, and the plan in use is never older than
 * the changes of a fraction of the graph.
 *
 * Invariant: every task that has not settled and is needed has a place; the heaps of the lanes agree with the places.
 */
import { elementAt, valueAt } from '../element-at.js';
import { isSatisfied } from './graph-node.js';
import type { Lane, LaneGate, LaneListener } from './lane.js';
import type { OrderCounts } from './order-counts.js';
import type { RankedNode } from './ranked-node.js';
import type { Demand } from './resource-ledger.js';
import { SortedLane } from './sorted-lane.js';
import type { Candidates } from './start-order.js';
import type { TaskOrder } from './task-order.js';
import type { Urgencies } from './urgencies.js';

/** Tasks that are to be done together, before those of later groups. @internal */
export interface PlanGroup {
  readonly priority: number;
  /** The groups of one priority stand by `key`, those of one key by `serial`. */
  readonly key: number;
  readonly serial: number;
  /** How many of its tasks wait for their start. */
  waiting: number;
}

/** Where a task stands. `way` is the longest way from its start to an end, in the unit of the weights. @internal */
export interface Place {
  weight: number;
  way: number;
  group: PlanGroup | undefined;
  /** For planners: a value, and a mark, that mean something only while they plan. */
  draft: number;
  mark: number;
}

/** @internal */
export type Places = Map<RankedNode, Place>;

/** Gives tasks their places. `visits` counts the tasks and edges that were looked at. @internal */
export interface Planner {
  readonly name: 'critical-path' | 'soonest';
  /** Places all of them; `nodes` in the order of submission. Returns the visits. */
  plan(nodes: readonly RankedNode[], places: Places): number;
  /** Places a new task; `isStale` if a plan is due anyway. Returns whether all places are as `plan` would give them, if they were before. */
  add(node: RankedNode, place: Place, places: Places, isStale: boolean): boolean;
  /** Whether the places of others stay as they are when the task starts or is done. */
  isIndifferentTo(place: Place): boolean;
}

/** A graph of at most so many tasks is planned whenever it has changed. */
const SMALL = 64;
const VISITS_PER_CHANGE = 32;

/**
 * The order of the tasks of one scheduler by one planner. Bounds: memory O(unsettled tasks); a change is O(its edges) and `VISITS_PER_CHANGE`
 * amortised, a selection O(log ready tasks).
 *
 * @internal
 */
export class PlannedOrder implements TaskOrder {
  readonly counts: OrderCounts = { visits: 0, relabels: 0, reranks: 0 };
  readonly name: Planner['name'];
  readonly urgencies: Urgencies;
  readonly #planner: Planner;
  readonly #weigh: (node: RankedNode) => number;
  readonly #small: number;
  readonly #places: Places = new Map();
  #isStale = false;
  /** How many visits may be made, and how many the last plan took. */
  #credit = 0;
  #cost = 0;

  /**
   * @param weigh - how long the task takes, at least 0, in any unit.
   * @param small - see `SMALL`; infinity for an order that is never behind, whatever that costs.
   */
  constructor(planner: Planner, weigh: (node: RankedNode) => number, urgencies: Urgencies, small = SMALL) {
    this.name = planner.name;
    this.#planner = planner;
    this.#weigh = weigh;
    this.urgencies = urgencies;
    this.#small = small;
  }

  add(node: RankedNode): void {
    this.urgencies.added(node);
    const place: Place = { weight: this.#weigh(node), way: 0, group: undefined, draft: 0, mark: 0 };
    place.way = place.weight;
    this.#places.set(node, place);
    this.#changed(this.#planner.add(node, place, this.#places, this.#isStale));
    this.#credit += VISITS_PER_CHANGE;
  }

  ready(node: RankedNode): void {
    node.isReady = true;
    if (node.isStarted) {
      node.isStarted = false;
      this.urgencies.returned(node);
      this.#changed(false);
    }
    node.lane.becameReady(node);
  }

  started(node: RankedNode): void {
    node.isStarted = true;
    this.#left(node);
    this.#notReady(node);
  }

  done(node: RankedNode): void {
    if (!node.isStarted) this.#left(node);
    this.urgencies.settled(node);
    this.#places.delete(node);
  }

  withdraw(node: RankedNode): void {
    if (node.isReady) this.#notReady(node);
    this.urgencies.withdrawn(node);
    this.#places.delete(node);
    this.#changed(false);
  }

  comesBack(node: RankedNode): void {
    this.add(node);
    // It is older than the last task.
    this.#changed(false);
    if (node.waiting > 0) return;
    node.isReady = true;
    node.lane.becameReady(node);
  }

  learned(): void {
    this.#changed(false);
  }

  first<N extends RankedNode>(candidates: Candidates<N>): N | undefined {
    this.urgencies.settle();
    if (this.#isStale && (this.#places.size <= this.#small || this.#credit >= this.#cost)) this.#plan();
    return candidates.best();
  }

  readonly isBefore = (a: RankedNode, b: RankedNode): boolean => {
    const urgencyOfA = this.urgencies.of(a);
    const urgencyOfB = this.urgencies.of(b);
    if (urgencyOfA !== urgencyOfB) return urgencyOfA > urgencyOfB;
    const placeOfA = valueAt(this.#places, a);
    const placeOfB = valueAt(this.#places, b);
    if (placeOfA.group !== placeOfB.group) return isEarlier(placeOfA.group, placeOfB.group);
    return placeOfA.way === placeOfB.way ? a.seq < b.seq : placeOfA.way > placeOfB.way;
  };

  priorityOf(node: RankedNode): number {
    return this.urgencies.of(node);
  }

  laneFor(demand: Demand, listener: LaneListener<RankedNode>, gate?: LaneGate): Lane<RankedNode> {
    return new SortedLane(demand, listener, gate, this.isBefore);
  }

  #changed(isExact: boolean): void {
    if (!isExact) this.#isStale = true;
  }

  /** The task waits for its start no more. */
  #left(node: RankedNode): void {
    const place = this.#places.get(node);
    this.#credit += VISITS_PER_CHANGE;
    if (place === undefined) return;
    if (place.group !== undefined) place.group.waiting -= 1;
    this.#changed(this.#planner.isIndifferentTo(place));
  }

  #notReady(node: RankedNode): void {
    node.isReady = false;
    node.lane.leftReady(node);
  }

  #plan(): void {
    const nodes = [...this.#places.keys()].sort((a, b) => a.seq - b.seq);
    const listed = nodes.filter((node) => node.heapIndex >= 0);
    // Heaps cannot follow when all places change at once.
    for (const node of listed) node.lane.setAside(node);
    for (const [node, place] of this.#places) place.weight = this.#weigh(node);
    this.#cost = this.#planner.plan(nodes, this.#places);
    for (const node of listed) node.lane.putBack(node);
    this.counts.visits += this.#cost;
    this.counts.reranks += nodes.length;
    this.#credit = 0;
    this.#isStale = false;
  }
}

function isEarlier(a: PlanGroup | undefined, b: PlanGroup | undefined): boolean {
  // One that has started before and waits again is behind nothing.
  if (a === undefined || b === undefined) return a === undefined;
  if (a.priority !== b.priority) return a.priority > b.priority;
  return a.key === b.key ? a.serial < b.serial : a.key < b.key;
}

/** Calls `visit` for every dependency that the task waits for and that waits for its own start. @internal */
export function forEachNeed(
  node: RankedNode,
  places: Places,
  visit: (dependency: RankedNode, place: Place) => void,
): void {
  if (node.waiting === 0) return;
  const { dependencies } = node;
  for (let position = 0; position < dependencies.length; position += 1) {
    const dependency = elementAt(dependencies, position);
    if (dependency.isStarted || isSatisfied(node, position)) continue;
    const place = places.get(dependency);
    if (place !== undefined) visit(dependency, place);
  }
}
