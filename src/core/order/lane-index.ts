/**
 * The lanes of one queue, by demand. Finds the first ready task, by rank, that fits the remaining resources, without visiting
 * those that do not fit: lanes are sorted by their demand for the queue's first resource, under a tournament tree in which
 * every node holds the lane with the best top below it. With one resource a search is O(log lanes), however many do not fit;
 * with more, lanes that lack only another resource are passed over one by one.
 *
 * New lanes wait in a short unsorted list until sorting them in is worth it. Lanes without tasks are then dropped, and when most of them
 * are without.
 */
import { elementAt } from '../element-at.js';
import type { Lane, LaneGate, LaneListener } from './lane.js';
import type { RankedNode } from './ranked-node.js';
import { type Demand, fits, type Ledger, left } from './resource-ledger.js';
import type { StartOrder } from './start-order.js';

/** Up to this many lanes are searched one by one: fewer are not worth the upkeep of a tree. */
const FEW = 16;

const NO_LANE = -1;

type TaskLane = Lane<RankedNode>;

/** The lanes of one queue. Bounds: memory O(demands in use), `best` as the head of this file says. @internal */
export class LaneIndex implements LaneListener<RankedNode> {
  readonly #byDemand = new Map<string, TaskLane>();
  readonly #order: Pick<StartOrder, 'isBefore' | 'laneFor'>;
  #sorted: TaskLane[] = [];
  #unsorted: TaskLane[] = [];
  /** The lane of tasks that take only a slot, as most do. */
  #plain: TaskLane | undefined = undefined;
  /** The winner below each node of the tree, as an index into `#sorted`; the leaves are the second half. */
  #winners: number[] = [];
  #leaves = 0;
  #changed: TaskLane[] = [];
  #unusedCount = 0;
  /** Of the whole queue: hears of every ready task of an open lane. */
  readonly #gate: Pick<LaneGate, 'readyChanged'> | undefined;
  #readyCount = 0;
  #rankedCount = 0;

  constructor(order: Pick<StartOrder, 'isBefore' | 'laneFor'>, gate?: Pick<LaneGate, 'readyChanged'>) {
    this.#order = order;
    this.#gate = gate;
  }

  /** The number of ready tasks in all open lanes. */
  get readyCount(): number {
    return this.#readyCount;
  }

  /** The number of lanes. */
  get size(): number {
    return this.#sorted.length + this.#unsorted.length;
  }

  /** The number of ready tasks of open lanes without a rank. */
  get unrankedCount(): number {
    return this.#readyCount - this.#rankedCount;
  }

  /** The lane of that demand, created if there is none, for one task more: see `Lane.users`. */
  laneOf(demand: Demand, gate?: LaneGate): TaskLane {
    const isPlain = demand.length === 0 && gate === undefined;
    const lane = isPlain ? (this.#plain ??= this.#laneFor(demand, gate)) : this.#laneFor(demand, gate);
    if (lane.isUnused) {
      lane.isUnused = false;
      this.#unusedCount -= 1;
    }
    lane.enter();
    if (this.#unsorted.length > FEW + Math.sqrt(this.#sorted.length)) this.#sort();
    return lane;
  }

  #laneFor(demand: Demand, gate: LaneGate | undefined): TaskLane {
    const key = keyOf(demand, gate);
    let lane = this.#byDemand.get(key);
    // A gate that was forgotten has left a lane without tasks.
    if (lane === undefined || lane.gate !== gate) {
      lane = this.#order.laneFor(demand, this, gate);
      this.#byDemand.set(key, lane);
      this.#unsorted.push(lane);
    }
    return lane;
  }

  readyChanged(by: number): void {
    this.#readyCount += by;
    this.#gate?.readyChanged(by);
  }

  rankedChanged(by: number): void {
    this.#rankedCount += by;
  }

  unused(lane: TaskLane): void {
    lane.isUnused = true;
    this.#unusedCount += 1;
    if (this.#unusedCount > FEW && 2 * this.#unusedCount > this.size) this.#sort();
  }

  /** The lane may have another top. */
  topChanged(lane: TaskLane): void {
    if (lane.position < 0 || lane.isChanged) return;
    lane.isChanged = true;
    this.#changed.push(lane);
  }

  /** The first ready task, by rank, whose demand fits the resources left in `ledger`; slots are not checked. */
  best(ledger: Ledger): RankedNode | undefined {
    let best: RankedNode | undefined;
    for (let index = 0; index < this.#unsorted.length; index += 1) {
      best = this.#better(best, elementAt(this.#unsorted, index), ledger);
    }
    if (this.#sorted.length === 0) return best;
    this.#replay();
    return this.#search(ledger, best);
  }

  #better(best: RankedNode | undefined, lane: TaskLane, ledger: Ledger): RankedNode | undefined {
    if (!lane.isOpen) return best;
    const top = lane.best();
    if (top === undefined || !fits(ledger, lane.demand)) return best;
    return best === undefined || this.#order.isBefore(top, best) ? top : best;
  }

  /** Searches below every tree node that covers lanes within reach and could beat the best task so far. */
  #search(ledger: Ledger, found: RankedNode | undefined): RankedNode | undefined {
    let best = found;
    const reach = this.#reach(left(ledger, 0));
    const pending: { readonly node: number; readonly from: number; readonly size: number }[] = [];
    pending.push({ node: 1, from: 0, size: this.#leaves });
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const { node, from, size } = next;
      const winner = elementAt(this.#winners, node);
      if (winner === NO_LANE || from >= reach) continue;
      const lane = elementAt(this.#sorted, winner);
      const top = lane.best();
      if (top === undefined || (best !== undefined && !this.#order.isBefore(top, best))) continue;
      if (fits(ledger, lane.demand)) {
        best = top;
      } else if (size > 1) {
        const half = size / 2;
        pending.push({ node: 2 * node + 1, from: from + half, size: half }, { node: 2 * node, from, size: half });
      }
    }
    return best;
  }

  /** The number of sorted lanes that demand at most `amount` of the first resource. */
  #reach(amount: number): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (firstOf(elementAt(this.#sorted, middle)) <= amount) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Replays the matches of the lanes whose top has changed. */
  #replay(): void {
    for (const lane of this.#changed) {
      lane.isChanged = false;
      let node = this.#leaves + lane.position;
      this.#winners[node] = lane.isOpen ? lane.position : NO_LANE;
      for (node >>= 1; node >= 1; node >>= 1) this.#play(node);
    }
    this.#changed.length = 0;
  }

  #play(node: number): void {
    const a = elementAt(this.#winners, 2 * node);
    const b = elementAt(this.#winners, 2 * node + 1);
    if (a === NO_LANE || b === NO_LANE) {
      this.#winners[node] = a === NO_LANE ? b : a;
      return;
    }
    const topOfA = elementAt(this.#sorted, a).best();
    const topOfB = elementAt(this.#sorted, b).best();
    const aWins = topOfB === undefined || (topOfA !== undefined && this.#order.isBefore(topOfA, topOfB));
    this.#winners[node] = aWins ? a : b;
  }

  /** Sorts the new lanes in and drops those without tasks. */
  #sort(): void {
    for (const lane of [...this.#sorted, ...this.#unsorted]) {
      if (lane.users === 0) {
        const key = keyOf(lane.demand, lane.gate);
        if (this.#byDemand.get(key) === lane) this.#byDemand.delete(key);
        lane.gate?.lanes.delete(lane);
      }
      lane.position = NO_LANE;
      lane.isChanged = false;
    }
    this.#plain = undefined;
    this.#unusedCount = 0;
    this.#sorted = [...this.#byDemand.values()].sort((a, b) => firstOf(a) - firstOf(b));
    this.#unsorted = [];
    this.#leaves = 1;
    while (this.#leaves < this.#sorted.length) this.#leaves *= 2;
    this.#winners = new Array<number>(2 * this.#leaves).fill(NO_LANE);
    this.#changed = [];
    for (const [position, lane] of this.#sorted.entries()) {
      lane.position = position;
      this.topChanged(lane);
    }
  }
}

function keyOf(demand: Demand, gate: LaneGate | undefined): string {
  const amounts = demand.join(' ');
  return gate === undefined ? amounts : `${amounts} @${gate.name}`;
}

function firstOf(lane: TaskLane): number {
  return lane.demand[0] ?? 0;
}
