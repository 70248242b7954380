/** The heap whose items know their place, compared with a list that is searched. */
import * as fc from 'fast-check';
import { describe, expect } from 'vitest';
import { IndexedHeap } from '../../src/core/order/indexed-heap.js';
import { isShorter, type Linked } from '../../src/core/order/is-shorter.js';
import { property } from '../support/property.js';

interface Item {
  rank: number;
  heapIndex: number;
}

const operation = fc.record({
  kind: fc.constantFrom('push', 'push', 'push', 'pop', 'remove', 'move', 'retain'),
  pick: fc.nat(),
  rank: fc.nat({ max: 20 }),
});

describe('an indexed heap', () => {
  property([fc.array(operation, { maxLength: 60 })])(
    'has the first by rank on top, whatever was done',
    (operations) => {
      const heap = new IndexedHeap<Item>((a, b) => a.rank < b.rank);
      let model: Item[] = [];
      for (const { kind, pick, rank } of operations) {
        const chosen = model[pick % model.length];
        if (kind === 'push') {
          const item = { rank, heapIndex: -1 };
          model.push(item);
          heap.push(item);
        } else if (kind === 'retain') {
          const left = model.filter((item) => item.rank >= rank % 10);
          heap.retain((item) => item.rank >= rank % 10);
          for (const item of model) expect(item.heapIndex >= 0).toBe(left.includes(item));
          model = left;
        } else if (chosen !== undefined && kind === 'move') {
          chosen.rank = rank;
          heap.moved(chosen);
        } else {
          const item = kind === 'pop' ? heap.peek() : chosen;
          if (item === undefined) continue;
          heap.remove(item);
          expect(item.heapIndex).toBe(-1);
          model = model.filter((other) => other !== item);
        }
        expect(heap.size).toBe(model.length);
        expect(heap.peek()?.rank).toBe(model.length === 0 ? undefined : Math.min(...model.map((item) => item.rank)));
        expect(model.map((item) => item.heapIndex).toSorted((a, b) => a - b)).toEqual([...model.keys()]);
        for (const item of model) {
          const above = model.find((other) => other.heapIndex === (item.heapIndex - 1) >> 1);
          expect(above === undefined || above.rank <= item.rank).toBe(true);
        }
      }
    },
  );

  property([fc.array(fc.nat({ max: 9 }), { maxLength: 40 })])('compares as often as a heap must', (ranks) => {
    let comparisons = 0;
    const heap = new IndexedHeap<Item>((a, b) => {
      comparisons += 1;
      return a.rank < b.rank;
    });
    for (const rank of ranks) {
      comparisons = 0;
      heap.push({ rank, heapIndex: -1 });
      expect(comparisons).toBeLessThanOrEqual(Math.log2(heap.size) + 1);
    }
    comparisons = 0;
    heap.retain(() => true);
    expect(comparisons).toBeLessThanOrEqual(2 * heap.size);
  });
});

/** The links of a chain of that length, from one end. */
const chain = (length: number): Linked | undefined => {
  const beyond = length === 0 ? undefined : chain(length - 1);
  return length === 0 ? undefined : { before: beyond, behind: beyond };
};

property([fc.nat({ max: 6 }), fc.array(fc.nat({ max: 4 }), { maxLength: 3 })])(
  'a chain is shorter that is no longer than others together',
  (down, ups) => {
    const others = ups.reduce((sum, length) => sum + length, 0);
    expect(isShorter(chain(down), ...ups.map(chain))).toBe(down <= others);
  },
);
