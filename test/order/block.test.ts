/** Blocks: the row of their tasks, what they know of their losses, and how they are parted and joined. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Block } from '../../src/core/order/block.js';
import { Lane } from '../../src/core/order/lane.js';
import { RankedNode, type TaskBlock } from '../../src/core/order/ranked-node.js';
import { partBehind, putBehind, putInFront } from '../../src/core/order/split-block.js';
import { property } from '../support/property.js';

class Task extends RankedNode {}

const deaf = {
  topChanged: () => undefined,
  readyChanged: () => undefined,
  rankedChanged: () => undefined,
  unused: () => undefined,
};
const NEVER = Number.NEGATIVE_INFINITY;
const ALWAYS = Number.POSITIVE_INFINITY;

const change = fc.oneof(
  fc.record({ kind: fc.constantFrom('append', 'prepend'), lane: fc.nat(2), isReady: fc.boolean() }),
  fc.record({ kind: fc.constantFrom('detach', 'restore'), pick: fc.nat(50) }),
  fc.record({ kind: fc.constant('skip'), places: fc.nat(3) }),
);

property([fc.array(change, { maxLength: 60 })], { numRuns: 100 })(
  'for any changes, a row is what a sorted list is, for all its tasks and for the ready ones of each lane',
  (changes) => {
    const lanes = [0, 1, 2].map((amount) => new Lane<RankedNode>([amount], deaf));
    const row: TaskBlock = new Block({ priority: 0, seq: 1 }, 1);
    const present: Task[] = [];
    const gone: { readonly node: Task; readonly place: number }[] = [];
    let seq = 0;
    for (const each of changes) {
      if ('lane' in each) {
        const lane = lanes[each.lane];
        if (lane === undefined) continue;
        const node = new Task((seq += 1), 0, lane);
        node.isReady = each.isReady;
        const places = present.map(({ place }) => place);
        row[each.kind === 'append' ? 'append' : 'prepend'](node);
        for (const place of places) expect(place < node.place).toBe(each.kind === 'append');
        present.push(node);
      } else if ('places' in each) {
        row.skipInFront(each.places);
      } else if (each.kind === 'detach') {
        const [node] = present.splice(each.pick % Math.max(present.length, 1), 1);
        if (node === undefined) continue;
        gone.push({ node, place: node.place });
        row.detach(node);
        expect(node).toMatchObject({ block: undefined, isRanked: false, heapIndex: -1 });
        expect([node.before, node.behind]).toEqual([undefined, undefined]);
      } else {
        const [back] = gone.splice(each.pick % Math.max(gone.length, 1), 1);
        if (back === undefined) continue;
        row.takeBack(back);
        present.push(back.node);
      }
      present.sort((a, b) => a.place - b.place);
      const order = present.map((node) => node.seq);
      expect(seqsOf(row)).toEqual(order);
      expect(row.size).toBe(present.length);
      const inLinks = (seqs: readonly number[]): readonly number[] =>
        row.isUnsorted ? seqs.toSorted((a, b) => a - b) : seqs;
      expect(inLinks(forwards(row))).toEqual(inLinks(order));
      expect(backwards(row).toReversed()).toEqual(forwards(row));
      for (const lane of lanes) {
        const first = present.find((node) => node.isReady && node.lane === lane);
        expect(lane.best()?.seq).toBe(first?.seq);
      }
    }
  },
);

test('the next place is behind all others, and those that were skipped stay free', () => {
  const { block, tasks } = blockOf(2);
  expect([block.nextPlace, tasks.map(({ place }) => place)]).toEqual([2, [0, 1]]);
  block.skipInFront(3);
  const node = task(9);
  block.prepend(node);
  expect([block.nextPlace, node.place]).toEqual([2, -4]);
});

describe('a block that has lost tasks', () => {
  test('is whole with them in the same epoch, to roots of any priority', () => {
    const { block, tasks } = blockOf(4);
    lose(block, tasks[2], 5);
    lose(block, tasks[1], 5);
    expect(block.lost?.map(({ node, place }) => [node.seq, place])).toEqual([
      [3, 2],
      [2, 1],
    ]);
    expect([100, 0].map((priority) => block.isWholeFor(priority, 1))).toEqual([true, true]);
    expect(block.isWholeFor(0, 2)).toBe(false);
  });

  test('is what a task demands up to one before the first of them', () => {
    const { block, tasks } = blockOf(5);
    lose(block, tasks[2], 0);
    lose(block, tasks[3], 0);
    expect(tasks.map((node) => block.isWholeUpTo(node))).toEqual([true, true, false, false, false]);
  });

  test('gives up taking them back when there are too many', () => {
    const { block, tasks } = blockOf(70);
    for (const node of tasks.slice(0, 64)) lose(block, node, 0);
    expect([block.lost?.length, block.isWholeFor(0, 1)]).toEqual([64, true]);
    lose(block, tasks[64], 0);
    expect([block.lost, block.isWholeFor(NEVER, 1)]).toEqual([undefined, false]);
  });

  test('gives up taking them back when more are lost in another epoch', () => {
    const { block, tasks } = blockOf(4);
    lose(block, tasks[1], 0, 1);
    lose(block, tasks[2], 0, 2);
    expect([block.lost, block.isWholeFor(NEVER, 2)]).toEqual([undefined, false]);
  });

  test('is not whole to those as urgent as what took them, if it was not to all before', () => {
    const { block, tasks } = blockOf(4);
    block.wholeBelow = 7;
    lose(block, tasks[1], 5);
    lose(block, tasks[2], 6);
    expect([block.lost, block.wholeBelow]).toEqual([undefined, 5]);
    expect([4, 5].map((priority) => block.isWholeFor(priority, 1))).toEqual([true, false]);
  });

  test('remembers the last of its tasks only if a walk will fill it again', () => {
    for (const isWalked of [false, true]) {
      const { block, tasks } = blockOf(1);
      if (isWalked) block.walk = {} as NonNullable<TaskBlock['walk']>;
      lose(block, tasks[0], 0);
      expect(block.lost?.length).toBe(isWalked ? 1 : undefined);
    }
  });

  test('takes one back to its place, and may be needed by others then', () => {
    const { block, tasks } = blockOf(4);
    lose(block, tasks[1], 0);
    expect([seqsOf(block), block.isShared]).toEqual([[1, 3, 4], false]);
    const [loss] = block.lost ?? [];
    if (loss === undefined) throw new Error('one was lost');
    block.takeBack(loss);
    expect([seqsOf(block), block.isShared, block.isUnsorted]).toEqual([[1, 2, 3, 4], true, true]);
    expect(tasks.map((node) => block.isWholeUpTo(node))).toEqual([false, false, false, false]);
  });
});

test('a block is what a task demands only if the task bears its lineage', () => {
  const { block, tasks } = blockOf(2);
  const [node] = tasks;
  if (node === undefined) throw new Error('there are two');
  node.lineage = 2;
  expect(tasks.map((each) => block.isWholeUpTo(each))).toEqual([false, true]);
});

describe.each([10, 150])('a block of %i tasks that is parted', (count) => {
  const positions = [
    0,
    1,
    count / 2 - 2,
    count / 2 - 1,
    count / 2,
    count - 2,
    count - 1,
    ...(count > 64 ? [63, 64] : []),
  ];

  test.each(positions)('behind the one at %i has the same tasks in its two parts', (position) => {
    const { block, tasks } = blockOf(count);
    const node = tasks[position];
    if (node === undefined) throw new Error('no such task');
    const { front, rest } = partBehind(block, node, 0, 1);
    expect(seqsOf(front)).toEqual(tasks.slice(0, position + 1).map(({ seq }) => seq));
    expect(seqsOf(rest)).toEqual(tasks.slice(position + 1).map(({ seq }) => seq));
    // Of the two, the smaller has moved.
    expect((front.size < rest.size ? rest : front) === block).toBe(true);
    expect([front.priority, front.seq, rest.priority, rest.seq]).toEqual([3, 99, 3, 99]);
    expect([front.isShared, rest.isShared]).toEqual([true, true]);
  });

  test.each(positions)(
    'behind the one at %i, of which the rest takes back a front that is not too long',
    (position) => {
      const { block, tasks } = blockOf(count);
      const node = tasks[position];
      if (node === undefined) throw new Error('no such task');
      const { front, rest } = partBehind(block, node, 2, 1);
      const canComeBack = position < 64;
      expect([4, 1].map((priority) => rest.isWholeFor(priority, 1))).toEqual([canComeBack, true]);
      expect([rest.isWholeFor(2, 1), rest.isWholeFor(2, 2)]).toEqual([canComeBack, false]);
      expect(front.isWholeFor(1_000, 5)).toBe(true);
      expect(rest.lost?.length).toBe(canComeBack ? position + 1 : undefined);
      for (const each of tasks.slice(position + 1)) expect(rest.isWholeUpTo(each)).toBe(false);
      for (const loss of rest.lost ?? []) {
        front.detach(loss.node);
        rest.takeBack(loss);
      }
      if (canComeBack) expect(seqsOf(rest)).toEqual(tasks.map(({ seq }) => seq));
    },
  );
});

test('the rest of a block keeps its sink and its walk, the front has none', () => {
  for (const position of [0, 8]) {
    const { block, tasks } = blockOf(10);
    const node = tasks[position];
    if (node === undefined) throw new Error('no such task');
    block.sink = tasks[9];
    block.walk = {} as NonNullable<TaskBlock['walk']>;
    const { sink, walk } = block;
    const { front, rest } = partBehind(block, node, 0, 1);
    expect([rest.sink === sink, rest.walk === walk, front.sink, front.walk]).toEqual([
      true,
      true,
      undefined,
      undefined,
    ]);
    expect([front.lost, front.wholeBelow, front.cleanBelow]).toEqual([undefined, ALWAYS, ALWAYS]);
  }
});

test.each([
  ['had lost some before', 1, ALWAYS, NEVER],
  ['was not whole to some', 0, 1, 1],
  ['was not whole to some more urgent ones', 0, 5, 2],
])('the rest of a block that %s takes nothing back', (_, lost, wholeBelow, expected) => {
  for (const position of [1, 7]) {
    const { block, tasks } = blockOf(10);
    const node = tasks[position];
    if (node === undefined) throw new Error('no such task');
    if (lost > 0) lose(block, tasks[8], 0);
    block.wholeBelow = wholeBelow;
    const { rest, front } = partBehind(block, node, 2, 1);
    expect([rest.lost, rest.wholeBelow, front.lost]).toEqual([undefined, expected, undefined]);
  }
});

describe('blocks that are joined', () => {
  test('stand one behind the other, whichever is moved', () => {
    for (const join of [putInFront, putBehind]) {
      const { block } = blockOf(3, 10);
      const { block: smaller } = blockOf(2, 20);
      expect(join(block, smaller)).toBe(2);
      expect(seqsOf(block)).toEqual(join === putInFront ? [20, 21, 10, 11, 12] : [10, 11, 12, 20, 21]);
      expect([smaller.size, block.isShared]).toEqual([0, false]);
    }
  });

  test('may be needed by others if one of them was', () => {
    for (const join of [putInFront, putBehind]) {
      for (const [ofBlock, ofSmaller] of [
        [true, false],
        [false, true],
      ] as const) {
        const { block } = blockOf(3, 10);
        const { block: smaller } = blockOf(2, 20);
        block.isShared = ofBlock;
        smaller.isShared = ofSmaller;
        join(block, smaller);
        expect(block.isShared).toBe(true);
      }
    }
  });

  test('are what a task demands as far as the first one is', () => {
    const { block, tasks } = blockOf(3, 10);
    const { block: smaller, tasks: front } = blockOf(2, 20, 2);
    putInFront(block, smaller);
    expect([...front, ...tasks].map((node) => block.isWholeUpTo(node))).toEqual([true, true, false, false, false]);
    const { block: first, tasks: before } = blockOf(2, 10);
    const { block: second, tasks: behind } = blockOf(2, 20);
    putBehind(first, second);
    expect([...before, ...behind].map((node) => first.isWholeUpTo(node))).toEqual([true, true, false, false]);
  });

  test.each([
    ['has lost some', 2, 1],
    ['bears the same lineage', 1, ALWAYS],
  ])('are nothing that a task demands where the first one %s', (_, lineage, cleanBelow) => {
    const { block } = blockOf(3, 10);
    const { block: smaller, tasks } = blockOf(2, 20, lineage);
    smaller.cleanBelow = cleanBelow;
    putInFront(block, smaller);
    expect(tasks.map((node) => block.isWholeUpTo(node))).toEqual([false, false]);
  });
});

function task(seq: number, lineage = 1): Task {
  const node = new Task(seq, 0, new Lane<RankedNode>([], deaf));
  node.lineage = lineage;
  return node;
}

function blockOf(count: number, from = 1, lineage = 1): { readonly block: TaskBlock; readonly tasks: readonly Task[] } {
  const block: TaskBlock = new Block({ priority: 3, seq: 99 }, lineage);
  const tasks = Array.from({ length: count }, (_, index) => task(from + index, lineage));
  for (const node of tasks) block.append(node);
  return { block, tasks };
}

/** A block of that priority takes the task away. */
function lose(block: TaskBlock, node: Task | undefined, priority: number, epoch = 1): void {
  if (node === undefined) throw new Error('no such task');
  const { place } = node;
  block.detach(node);
  block.lose(node, place, priority, epoch);
}

function seqsOf(block: TaskBlock): readonly number[] {
  return block.inOrder().map(({ seq }) => seq);
}

function forwards({ head }: TaskBlock): readonly number[] {
  const seqs: number[] = [];
  for (let node = head; node !== undefined; node = node.behind) seqs.push(node.seq);
  return seqs;
}

function backwards({ tail }: TaskBlock): readonly number[] {
  const seqs: number[] = [];
  for (let node = tail; node !== undefined; node = node.before) seqs.push(node.seq);
  return seqs;
}
