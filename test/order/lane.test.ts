/** What lanes tell their queue and their gate, and which task is their first. */
import { describe, expect, test } from 'vitest';
import { Block } from '../../src/core/order/block.js';
import { Lane, type LaneGate, type LaneListener } from '../../src/core/order/lane.js';
import { RankedNode, type TaskBlock } from '../../src/core/order/ranked-node.js';
import { SortedLane } from '../../src/core/order/sorted-lane.js';

class Task extends RankedNode {}

/** Takes down what is heard since it was last asked. */
class Ears implements LaneListener<RankedNode> {
  #heard: string[] = [];
  readonly gate = {
    name: 'gate',
    isOpen: true,
    lanes: new Set<Lane<RankedNode>>() as LaneGate['lanes'],
    opensInMs: 0,
    readyChanged: (by: number) => this.#note(`gate: ready ${by}`),
    enter: () => this.#note('gate: enter'),
    leave: () => this.#note('gate: leave'),
    started: () => this.#note('gate: started'),
  };

  topChanged(): void {
    this.#note('top');
  }

  readyChanged(by: number): void {
    this.#note(`ready ${by}`);
  }

  rankedChanged(by: number): void {
    this.#note(`ranked ${by}`);
  }

  unused(): void {
    this.#note('unused');
  }

  heard(): string {
    const heard = this.#heard.join(', ');
    this.#heard = [];
    return heard;
  }

  #note(what: string): void {
    this.#heard.push(what);
  }
}

describe('a lane of tasks that walks rank', () => {
  test('tells what is ready and what has a rank', () => {
    const ears = new Ears();
    const lane = new Lane<RankedNode>([], ears);
    const one = new Task(1, 0, lane);
    const two = new Task(2, 0, lane);
    lane.becameReady(one);
    lane.becameReady(two);
    expect([ears.heard(), lane.readyCount, lane.best()]).toEqual(['ready 1, ready 1', 2, undefined]);
    lane.insert(one);
    expect([ears.heard(), lane.best()]).toEqual(['ranked 1, top', one]);
    lane.insert(two);
    expect(lane.best()).toBe(two);
    lane.remove(two);
    lane.leftReady(two);
    expect([ears.heard(), lane.readyCount, lane.best()]).toEqual(['ranked 1, top, ranked -1, top, ready -1', 1, one]);
  });

  test('finds a task that was set aside no more, until it is put back', () => {
    const ears = new Ears();
    const lane = new Lane<RankedNode>([], ears);
    const one = new Task(1, 0, lane);
    one.isRanked = true;
    lane.insert(one);
    lane.setAside(one);
    expect(lane.best()).toBeUndefined();
    lane.putBack(one);
    expect(lane.best()).toBe(one);
    ears.heard();
    lane.putBack(one);
    const unranked = new Task(2, 0, lane);
    lane.putBack(unranked);
    lane.reranked(one);
    expect([ears.heard(), lane.best()]).toEqual(['', one]);
  });

  test('has the tasks of a block by their places, where the block stands', () => {
    const ears = new Ears();
    const lane = new Lane<RankedNode>([], ears);
    const [a, b, c, alone] = [readyTask(4, lane), readyTask(3, lane), readyTask(2, lane), readyTask(1, lane)];
    const high = blockOf(9, a, b);
    blockOf(8, c);
    alone.isRanked = true;
    lane.insert(alone);
    expect(lane.best()).toBe(a);
    high.detach(a);
    expect([lane.best(), a.block, a.isRanked]).toEqual([b, undefined, false]);
    ears.heard();
    high.rankAs(0, 7);
    expect([ears.heard(), lane.best()]).toEqual(['top', c]);
    high.rankAs(1, 0);
    expect(lane.best()).toBe(b);
    high.detach(b);
    ears.heard();
    high.rankAs(2, 0);
    expect([ears.heard(), lane.best()]).toEqual(['', c]);
  });

  test('hears of the rank of a block whatever other lanes the block has tasks in', () => {
    const lanes = [0, 1, 2].map((amount) => new Lane<RankedNode>([amount], new Ears()));
    const low = blockOf(1, ...lanes.map((lane, index) => readyTask(index + 1, lane)));
    blockOf(2, ...lanes.map((lane, index) => readyTask(index + 4, lane)));
    expect(lanes.map((lane) => lane.best()?.seq)).toEqual([4, 5, 6]);
    low.rankAs(0, 3);
    expect(lanes.map((lane) => lane.best()?.seq)).toEqual([1, 2, 3]);
  });
});

describe('a lane with a comparison of its own', () => {
  test('has a task from the moment it is ready, whether walks rank it or not', () => {
    const { ears, lane } = sorted();
    const one = new Task(1, 0, lane);
    lane.becameReady(one);
    expect([ears.heard(), lane.best(), lane.readyCount]).toEqual(['ready 1, ranked 1, top', one, 1]);
    lane.insert();
    lane.remove();
    expect([ears.heard(), lane.best()]).toEqual(['', one]);
    lane.leftReady(one);
    expect([ears.heard(), lane.best(), lane.readyCount]).toEqual(['ready -1, ranked -1, top', undefined, 0]);
  });

  test('sets a task aside, and puts it back, once', () => {
    const { ears, lane } = sorted();
    const one = new Task(1, 0, lane);
    lane.becameReady(one);
    ears.heard();
    lane.setAside(one);
    lane.setAside(one);
    lane.reranked(one);
    expect([ears.heard(), lane.best(), lane.readyCount]).toEqual(['ranked -1, top', undefined, 1]);
    lane.putBack(one);
    lane.putBack(one);
    expect([ears.heard(), lane.best()]).toEqual(['ranked 1, top', one]);
    lane.setAside(one);
    ears.heard();
    lane.leftReady(one);
    expect(ears.heard()).toBe('ready -1');
  });

  test('moves a task whose place has changed', () => {
    const places = new Map<RankedNode, number>();
    const { ears, lane } = sorted((a, b) => (places.get(a) ?? 0) < (places.get(b) ?? 0));
    const tasks = [1, 2, 3].map((seq) => new Task(seq, 0, lane));
    for (const task of tasks) {
      places.set(task, task.seq);
      lane.becameReady(task);
    }
    ears.heard();
    const [first, , last] = tasks;
    if (first === undefined || last === undefined) throw new Error('there are three');
    places.set(last, 0);
    lane.reranked(last);
    expect([ears.heard(), lane.best()]).toEqual(['ranked 0, top', last]);
    places.set(last, 4);
    lane.reranked(last);
    expect(lane.best()).toBe(first);
  });
});

describe.each(['of ranks', 'sorted'])('a lane %s with a gate', (kind) => {
  const laneWith = (ears: Ears): Lane<RankedNode> =>
    kind === 'sorted' ? sorted(undefined, ears).lane : new Lane<RankedNode>([], ears, ears.gate);

  test('is known to the gate, which hears of every task that comes and settles', () => {
    const ears = new Ears();
    const lane = laneWith(ears);
    expect([...ears.gate.lanes]).toEqual([lane]);
    lane.enter();
    lane.enter();
    lane.leave();
    expect([ears.heard(), lane.users]).toEqual(['gate: enter, gate: enter, gate: leave', 1]);
    lane.leave();
    expect([ears.heard(), lane.users]).toEqual(['unused, gate: leave', 0]);
  });

  test('tells its queue of no ready task while the gate is shut, and of all when it opens or shuts', () => {
    const ears = new Ears();
    const lane = laneWith(ears);
    ears.gate.isOpen = false;
    expect(lane.isOpen).toBe(false);
    const tasks = [1, 2, 3].map((seq) => new Task(seq, 0, lane));
    for (const task of tasks) {
      lane.becameReady(task);
      task.isRanked = true;
      if (kind !== 'sorted') lane.insert(task);
    }
    expect(ears.heard()).toBe('gate: ready 1, top, gate: ready 1, top, gate: ready 1, top');
    for (const task of tasks.slice(1)) lane.setAside(task);
    ears.heard();
    ears.gate.isOpen = true;
    lane.gateMoved();
    expect([lane.isOpen, ears.heard()]).toEqual([true, 'ready 3, ranked 1, top']);
    ears.gate.isOpen = false;
    lane.gateMoved();
    expect(ears.heard()).toBe('ready -3, ranked -1, top');
  });
});

test('a lane without a gate is open, and unused once the last of its tasks has settled', () => {
  const ears = new Ears();
  const lane = new Lane<RankedNode>([1], ears);
  lane.enter();
  lane.enter();
  lane.leave();
  expect([lane.isOpen, ears.heard()]).toEqual([true, '']);
  lane.leave();
  expect(ears.heard()).toBe('unused');
});

function sorted(
  isBefore = (a: RankedNode, b: RankedNode): boolean => a.seq < b.seq,
  given?: Ears,
): { readonly ears: Ears; readonly lane: SortedLane } {
  const ears = given ?? new Ears();
  return { ears, lane: new SortedLane([], ears, given?.gate, isBefore) };
}

function readyTask(seq: number, lane: Lane<RankedNode>): Task {
  const task = new Task(seq, 0, lane);
  task.isReady = true;
  return task;
}

/** A block whose sink is of priority 0. */
function blockOf(seq: number, ...tasks: readonly RankedNode[]): TaskBlock {
  const block: TaskBlock = new Block({ priority: 0, seq }, 1);
  for (const task of tasks) block.append(task);
  return block;
}
