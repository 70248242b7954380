/** The lanes of a queue: which there are, which are dropped, and what a search looks at. */
import { describe, expect, test } from 'vitest';
import { FifoOrder } from '../../src/core/order/fifo-order.js';
import type { LaneGate } from '../../src/core/order/lane.js';
import { LaneIndex } from '../../src/core/order/lane-index.js';
import { RankedNode } from '../../src/core/order/ranked-node.js';
import type { Demand, Ledger } from '../../src/core/order/resource-ledger.js';
import { Urgencies } from '../../src/core/order/urgencies.js';

class Task extends RankedNode {}

class Gate implements LaneGate {
  readonly lanes: LaneGate['lanes'] = new Set();
  readonly opensInMs = 0;
  isOpen = true;
  ready = 0;
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  readyChanged(by: number): void {
    this.ready += by;
  }

  move(isOpen: boolean): void {
    this.isOpen = isOpen;
    for (const lane of this.lanes) lane.gateMoved();
  }

  enter(): void {}
  leave(): void {}
  started(): void {}
}

/** The lanes of a queue in order of submission, and how often two tasks were compared. */
class Lanes {
  readonly gate = new Gate('queue');
  compared = 0;
  readonly #order = new FifoOrder(new Urgencies());
  readonly index = new LaneIndex(
    {
      isBefore: (a, b) => {
        this.compared += 1;
        return this.#order.isBefore(a, b);
      },
      laneFor: (...args) => this.#order.laneFor(...args),
    },
    this.gate,
  );
  #seq = 0;

  add(demand: Demand, gate?: LaneGate): Task {
    const node = new Task((this.#seq += 1), 0, this.index.laneOf(demand, gate));
    node.lane.becameReady(node);
    return node;
  }

  end(node: Task): void {
    node.lane.leftReady(node);
    node.lane.leave();
  }
}

const ledger = (...free: readonly number[]): Ledger => ({
  slots: 1,
  slotsTaken: 0,
  capacity: free,
  taken: free.map(() => 0),
});

describe('a lane', () => {
  test('is one for each demand, and for each gate', () => {
    const { index } = new Lanes();
    const [first, second] = [new Gate('first'), new Gate('second')];
    const each = () => [
      index.laneOf([]),
      index.laneOf([1]),
      index.laneOf([1, 2]),
      index.laneOf([12]),
      index.laneOf([], first),
      index.laneOf([], second),
      index.laneOf([1], first),
      index.laneOf([1, 2], first),
      index.laneOf([12], first),
    ];
    const lanes = each();
    expect([new Set(lanes).size, index.size]).toEqual([9, 9]);
    const again = each();
    expect(again.map((lane, position) => lane === lanes[position])).toEqual(lanes.map(() => true));
    expect([index.size, ...again.map(({ users }) => users)]).toEqual([9, ...lanes.map(() => 2)]);
    expect([first.lanes.size, second.lanes.size]).toEqual([4, 1]);
  });

  test('of a gate that was forgotten is not the lane of another with its name', () => {
    const { index } = new Lanes();
    const [old, later] = [new Gate('one'), new Gate('one')];
    const lane = index.laneOf([], old);
    lane.leave();
    expect(index.laneOf([], later) === lane).toBe(false);
    expect(index.laneOf([], later).gate).toBe(later);
  });

  test('of a gate that was forgotten is dropped without the one that has its name now', () => {
    const lanes = new Lanes();
    lanes.end(lanes.add([], new Gate('one')));
    const node = lanes.add([], new Gate('one'));
    for (let amount = 1; amount <= 16; amount += 1) lanes.add([amount]);
    expect([lanes.index.size, lanes.index.best(ledger(16))]).toEqual([17, node]);
  });

  test.each([17, 40])('is dropped with others when most of %i are without tasks, and more than 16', (count) => {
    const lanes = new Lanes();
    const gate = new Gate('gate');
    const nodes = Array.from({ length: count }, (_, amount) => lanes.add([amount], gate));
    const most = Math.max(17, Math.floor(count / 2) + 1);
    for (const node of nodes.slice(0, most - 1)) lanes.end(node);
    expect([lanes.index.size, gate.lanes.size]).toEqual([count, count]);
    for (const node of nodes.slice(most - 1, most)) lanes.end(node);
    expect([lanes.index.size, gate.lanes.size]).toEqual([count - most, count - most]);
  });

  test('counts as used again when a task comes, and as unused once that has ended', () => {
    const lanes = new Lanes();
    const nodes = Array.from({ length: 33 }, (_, amount) => lanes.add([amount]));
    for (const node of nodes.slice(0, 16)) lanes.end(node);
    for (let time = 0; time < 40; time += 1) {
      const again = [lanes.add([0]), lanes.add([0]), lanes.add([0])];
      for (const node of again) lanes.end(node);
    }
    expect(lanes.index.size).toBe(33);
    for (const node of nodes.slice(16, 17)) lanes.end(node);
    expect(lanes.index.size).toBe(16);
  });

  test('that was left is the one of its demand when a task comes again', () => {
    const lanes = new Lanes();
    const plain = lanes.add([]);
    for (let time = 0; time < 40; time += 1) {
      const node = lanes.add([1]);
      lanes.end(node);
    }
    lanes.end(plain);
    expect(lanes.index.size).toBe(2);
    const again = lanes.add([]);
    expect([again.lane === plain.lane, lanes.index.best(ledger(1))]).toEqual([true, again]);
  });

  test('without demands is made anew after it was dropped', () => {
    const lanes = new Lanes();
    const plain = lanes.add([]);
    const nodes = Array.from({ length: 20 }, (_, amount) => lanes.add([amount + 1]));
    for (const node of [plain, ...nodes]) lanes.end(node);
    expect(lanes.index.size).toBeLessThan(21);
    const again = lanes.add([]);
    expect([again.lane === plain.lane, lanes.index.best(ledger(0))]).toEqual([false, again]);
  });

  test('without demands is made anew, too, if no other was dropped with it', () => {
    const lanes = new Lanes();
    lanes.end(lanes.add([]));
    for (let amount = 1; amount <= 16; amount += 1) lanes.add([amount]);
    expect(lanes.index.size).toBe(16);
    const again = lanes.add([]);
    expect([lanes.index.size, lanes.index.best(ledger(0))]).toEqual([17, again]);
  });
});

describe.each([3, 200])('of %i lanes', (count) => {
  test('those that are ready are counted, for the queue too, as long as their gate is open', () => {
    const lanes = new Lanes();
    const gate = new Gate('gate');
    for (let amount = 0; amount < count; amount += 1) lanes.add([amount], amount % 2 === 0 ? gate : undefined);
    const behind = Math.ceil(count / 2);
    const counts = (): readonly number[] => [lanes.index.readyCount, lanes.gate.ready, lanes.index.unrankedCount];
    expect(counts()).toEqual([count, count, 0]);
    gate.move(false);
    expect(counts()).toEqual([count - behind, count - behind, 0]);
    expect(lanes.index.best(ledger(1_000))?.seq).toBe(2);
    expect(lanes.index.best(ledger(0))).toBeUndefined();
    gate.move(true);
    expect(counts()).toEqual([count, count, 0]);
    expect(lanes.index.best(ledger(1_000))?.seq).toBe(1);
    expect(gate.ready).toBe(behind);
  });

  test('the first that fits is found, whatever has left before', () => {
    const lanes = new Lanes();
    const nodes = Array.from({ length: count }, (_, index) => lanes.add([count - index]));
    for (const amount of [count + 1, count, count - 1, 2, 1, 0]) {
      expect(lanes.index.best(ledger(amount))?.seq).toBe(amount === 0 ? undefined : Math.max(count - amount, 0) + 1);
    }
    for (const node of nodes) {
      expect(lanes.index.best(ledger(count))).toBe(node);
      lanes.end(node);
    }
    expect([lanes.index.best(ledger(count)), lanes.index.readyCount]).toEqual([undefined, 0]);
  });
});

test('a search through a thousand lanes of one resource compares few tasks, however many do not fit', () => {
  for (const isRising of [true, false]) {
    const lanes = new Lanes();
    for (let seq = 1; seq <= 1_000; seq += 1) lanes.add([isRising ? seq : 1_001 - seq]);
    lanes.index.best(ledger(1));
    for (const amount of [1, 10, 500, 1_000]) {
      lanes.compared = 0;
      expect(lanes.index.best(ledger(amount))?.seq).toBe(isRising ? 1 : 1_001 - amount);
      // The short list that is not sorted, and a path through the tree.
      expect(lanes.compared).toBeLessThanOrEqual(16 + 32 + 3 * 10);
    }
  }
});

test('new lanes are sorted in once there are more than 16, and the square root of the others', () => {
  const lanes = new Lanes();
  const sizes: number[] = [];
  for (let count = 1; count <= 300; count += 1) {
    lanes.add([count]);
    lanes.index.best(ledger(300));
    lanes.compared = 0;
    lanes.index.best(ledger(300));
    // The first of all that are sorted is known.
    if (lanes.compared === 0) sizes.push(count);
  }
  expect(sizes).toEqual([1, 17, 38, 61, 85, 111, 138, 166, 195, 225, 257, 290]);
});

describe('a search', () => {
  test('does not look where all lanes demand more than there is', () => {
    const { lanes } = sorted(32);
    lanes.index.best(ledger(32));
    lanes.compared = 0;
    // The older ones of the other half would be better.
    expect([lanes.index.best(ledger(16))?.lane.demand, lanes.compared]).toEqual([[16], 0]);
  });

  test('finds what is sorted in, whatever happens in lanes that are not yet', () => {
    const { lanes, nodes } = sorted(32);
    lanes.add([100]);
    expect([lanes.index.best(ledger(100)), lanes.index.best(ledger(32))]).toEqual([nodes[31], nodes[31]]);
  });

  test('plays once for a lane, however often that has changed', () => {
    const { lanes, nodes } = sorted(32);
    lanes.index.best(ledger(32));
    lanes.compared = 0;
    for (let time = 0; time < 100; time += 1) {
      const [node] = nodes;
      if (node === undefined) throw new Error('there are 32');
      node.lane.setAside(node);
      node.lane.putBack(node);
    }
    lanes.index.best(ledger(32));
    expect(lanes.compared).toBe(5);
  });

  test('finds the first of all when several lanes have changed, some of which have no task left', () => {
    for (const left of [
      [0, 1],
      [1, 0],
      [0, 1, 2, 3],
      [3, 2, 1, 0],
    ]) {
      const { lanes, nodes } = sorted(32);
      lanes.index.best(ledger(32));
      for (const index of left) {
        const [node, neighbour] = [nodes[index], nodes[index ^ 1]];
        if (node === undefined || neighbour === undefined) throw new Error('there are 32');
        neighbour.lane.reranked(neighbour);
        lanes.end(node);
      }
      for (let amount = 1; amount <= 32; amount += 1) {
        const rest = nodes.filter((_, index) => index < amount && !left.includes(index));
        expect(lanes.index.best(ledger(amount))).toBe(rest.at(-1));
      }
    }
  });
});

/** Lanes that are sorted in, as many as the tree has leaves: the task of lane `[1]` is the first, and the youngest, of them. */
function sorted(count: number): { readonly lanes: Lanes; readonly nodes: readonly Task[] } {
  const lanes = new Lanes();
  const nodes = Array.from({ length: count }, (_, index) => lanes.add([count - index])).toReversed();
  const others = Array.from({ length: count + 1 }, (_, index) => lanes.add([count + 1 + index]));
  for (const node of others) lanes.end(node);
  expect(lanes.index.size).toBe(count);
  return { lanes, nodes };
}

test('lanes that lack only another resource are passed over', () => {
  const lanes = new Lanes();
  for (let seq = 1; seq <= 100; seq += 1) lanes.add([seq % 10, 101 - seq]);
  expect(lanes.index.best(ledger(9, 40))?.seq).toBe(61);
  expect(lanes.index.best(ledger(0, 40))?.seq).toBe(70);
  expect(lanes.index.best(ledger(9, 0))).toBeUndefined();
});
