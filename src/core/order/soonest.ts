/**
 * The final result that can be had soonest: of all tasks that nothing waits for, the one with the least work left is chosen, with all that it
 * needs; then the one with the least work left that no chosen one has; and so on. Each choice is a group; within it the longest way
 * to the final result comes first.
 *
 * How much work is left behind a task cannot be kept up to date cheaply, since tasks share what they need. A candidate is counted when
 * it may be the next choice: until then it has a lower bound, first its longest way, later its last count less the work of the
 * choices that touch it (lazy evaluation, as in greedy set cover: Minoux 1978). The counting of one plan has a budget; when that is
 * used up, the rest is chosen by the bounds, in linear time.
 */
import { elementAt, valueAt } from '../element-at.js';
import { forEachDependent } from './graph-node.js';
import { type HeapItem, IndexedHeap } from './indexed-heap.js';
import { forEachNeed, type Place, type PlanGroup, type Places, type Planner } from './planned-order.js';
import type { RankedNode } from './ranked-node.js';

/** A task that nothing waits for, and the least work that it can take. */
interface Candidate extends HeapItem {
  readonly node: RankedNode;
  readonly own: number;
  bound: number;
  isCounted: boolean;
}

/** A plan of a graph with at most so many tasks is exact. */
const SMALL = 64;
/** How many visits counting may take in a larger one, for each task. */
const VISITS_PER_TASK = 8;

/** @internal */
export class Soonest implements Planner {
  readonly name = 'soonest';
  readonly #small: number;
  /** The groups of the last plan in order, and the first of them that still waits for a start. */
  #groups: readonly PlanGroup[] = [];
  #front = 0;
  #serial = 0;

  /** @param small - see `SMALL`. */
  constructor(small = SMALL) {
    this.#small = small;
  }

  plan(nodes: readonly RankedNode[], places: Places): number {
    const budget = nodes.length <= this.#small ? Number.POSITIVE_INFINITY : VISITS_PER_TASK * nodes.length;
    const planning = new Planning(nodes, places, budget);
    this.#groups = planning.choose();
    this.#front = 0;
    this.#serial = this.#groups.length;
    return planning.visits;
  }

  /** With the last of the tasks that it needs, or among the groups by its own work. */
  add(node: RankedNode, place: Place, places: Places): boolean {
    let group: PlanGroup | undefined;
    forEachNeed(node, places, (_, needed) => {
      if (needed.group !== undefined && (group === undefined || needed.group.serial > group.serial))
        group = needed.group;
    });
    place.group = group ?? { priority: node.priority, key: place.weight, serial: this.#serial, waiting: 0 };
    place.group.waiting += 1;
    this.#serial += 1;
    return false;
  }

  /** The first choice stays the first when it has less work left. */
  isIndifferentTo({ group }: Place): boolean {
    let isFront = true;
    for (; isFront && this.#front < this.#groups.length; this.#front += 1) {
      const front = elementAt(this.#groups, this.#front);
      if (front === group) break;
      isFront = front.waiting === 0;
    }
    return isFront;
  }
}

/** One plan in the making. */
class Planning {
  visits = 0;
  readonly #places: Places;
  #budget: number;
  #lastMark = 0;
  readonly #open = new IndexedHeap<Candidate>(isSooner);
  readonly #candidates = new Map<RankedNode, Candidate>();

  constructor(nodes: readonly RankedNode[], places: Places, budget: number) {
    this.#places = places;
    this.#budget = budget;
    for (const place of places.values()) {
      place.group = undefined;
      place.mark = 0;
    }
    this.#findCandidates(nodes);
  }

  /** Every task that waits gets its group. Returns the groups in order. */
  choose(): readonly PlanGroup[] {
    const groups: PlanGroup[] = [];
    let key = Number.NEGATIVE_INFINITY;
    let priority = Number.POSITIVE_INFINITY;
    for (let next = this.#open.peek(); next !== undefined; next = this.#open.peek()) {
      if (!next.isCounted && this.#budget > 0) {
        next.bound = this.#workLeft(next.node);
        next.isCounted = true;
        this.#open.moved(next);
        continue;
      }
      this.#open.remove(next);
      if (next.node.priority < priority) key = Number.NEGATIVE_INFINITY;
      // What the choices before it have taken off may leave it less work than they had.
      key = Math.max(key, next.bound);
      ({ priority } = next.node);
      const group = { priority, key, serial: groups.length, waiting: 0 };
      groups.push(group);
      this.#claim(next.node, group);
    }
    return groups;
  }

  /** Every walk has a mark of its own. */
  #newMark(): number {
    this.#lastMark += 1;
    return this.#lastMark;
  }

  #findCandidates(nodes: readonly RankedNode[]): void {
    const mark = this.#newMark();
    for (const node of nodes) {
      const place = valueAt(this.#places, node);
      let longest = 0;
      forEachNeed(node, this.#places, (_, needed) => {
        this.visits += 1;
        needed.mark = mark;
        longest = Math.max(longest, needed.draft);
      });
      place.draft = longest + place.weight;
    }
    this.visits += nodes.length;
    for (const node of nodes) {
      const place = valueAt(this.#places, node);
      if (place.mark === mark || node.isStarted) continue;
      const candidate = { node, own: place.weight, bound: place.draft, isCounted: false, heapIndex: -1 };
      this.#candidates.set(node, candidate);
      this.#open.push(candidate);
    }
  }

  /** The work that `root` needs and no chosen one has. */
  #workLeft(root: RankedNode): number {
    let work = 0;
    this.#walk(root, ({ weight }) => {
      this.#budget -= 1;
      work += weight;
    });
    return work;
  }

  /** Gives the tasks that `root` needs, and no chosen one has, to the group. */
  #claim(root: RankedNode, group: PlanGroup): void {
    const claimed: RankedNode[] = [];
    let work = 0;
    this.#walk(root, (place, node) => {
      claimed.push(node);
      place.draft = 0;
      work += place.weight;
    });
    claimed.sort((a, b) => b.seq - a.seq);
    for (const node of claimed) {
      const place = valueAt(this.#places, node);
      place.group = group;
      group.waiting += 1;
      place.way = place.weight + place.draft;
      forEachNeed(node, this.#places, (_, needed) => {
        this.visits += 1;
        needed.draft = Math.max(needed.draft, place.way);
      });
    }
    this.#touch(claimed, work);
  }

  /** Calls `visit` for `root` and all that it needs, as far as no choice has it. Iterative, because chains may be long. */
  #walk(root: RankedNode, visit: (place: Place, node: RankedNode) => void): void {
    const mark = this.#newMark();
    const left: RankedNode[] = [root];
    for (let node = left.pop(); node !== undefined; node = left.pop()) {
      const place = valueAt(this.#places, node);
      place.mark = mark;
      this.visits += 1;
      visit(place, node);
      forEachNeed(node, this.#places, (dependency, needed) => {
        this.visits += 1;
        if (needed.mark === mark || needed.group !== undefined) return;
        needed.mark = mark;
        left.push(dependency);
      });
    }
  }

  /** The candidates that need one of the tasks have up to `work` less left. */
  #touch(claimed: readonly RankedNode[], work: number): void {
    const mark = this.#newMark();
    const left = [...claimed];
    for (let node = left.pop(); node !== undefined && this.#budget > 0; node = left.pop()) {
      const candidate = this.#candidates.get(node);
      if (candidate !== undefined && candidate.heapIndex >= 0) {
        candidate.bound = Math.max(candidate.own, candidate.bound - work);
        candidate.isCounted = false;
        this.#open.moved(candidate);
      }
      forEachDependent(node, (dependent) => {
        this.visits += 1;
        this.#budget -= 1;
        const place = this.#places.get(dependent);
        if (place === undefined || place.mark === mark || place.group !== undefined) return;
        place.mark = mark;
        left.push(dependent);
      });
    }
  }
}

function isSooner(a: Candidate, b: Candidate): boolean {
  if (a.node.priority !== b.node.priority) return a.node.priority > b.node.priority;
  return a.bound === b.bound ? a.node.seq < b.node.seq : a.bound < b.bound;
}
