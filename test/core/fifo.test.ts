import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Fifo } from '../../src/core/fifo.js';
import { collectGarbage } from '../support/collect-garbage.js';
import { property } from '../support/property.js';

/** Bursts of either, so that the ring grows, goes around its end and shrinks. */
const step = fc.oneof(
  fc.record({ push: fc.nat({ max: 300 }) }),
  fc.record({ shift: fc.nat({ max: 300 }) }),
  fc.record({ remove: fc.nat({ max: 3_000 }) }),
);

describe('a fifo', () => {
  property([fc.array(step, { maxLength: 60 })])('for any use, does what an array does', (steps) => {
    const fifo = new Fifo<number>();
    const model: number[] = [];
    let next = 0;
    for (const each of steps) {
      if ('push' in each) {
        for (let count = 0; count < each.push; count += 1, next += 1) {
          fifo.push(next);
          model.push(next);
        }
      } else if ('shift' in each) {
        for (let count = 0; count < each.shift; count += 1) expect(fifo.shift()).toBe(model.shift());
      } else {
        const index = model.findIndex((item) => item >= each.remove);
        expect(fifo.remove((item) => item >= each.remove)).toBe(index < 0 ? undefined : model.splice(index, 1)[0]);
      }
      expect([fifo.size, fifo.first]).toEqual([model.length, model[0]]);
    }
    expect(Array.from({ length: model.length }, () => fifo.shift())).toEqual(model);
  });

  test('holds entries of two values, of which one may be undefined', () => {
    const fifo = new Fifo<unknown>();
    for (let entry = 0; entry < 100; entry += 1) {
      fifo.push(entry);
      fifo.push(undefined);
    }
    const entries: unknown[] = [];
    while (fifo.size > 0) entries.push([fifo.shift(), fifo.shift()]);
    expect(entries).toEqual(Array.from({ length: 100 }, (_, entry) => [entry, undefined]));
  });

  test('gives all items back in order after a burst that makes it shrink', () => {
    const fifo = new Fifo<number>();
    for (let item = 0; item < 100_000; item += 1) fifo.push(item);
    for (let item = 0; item < 100_000; item += 1) if (fifo.shift() !== item) expect.unreachable(`item ${item}`);
    expect([fifo.size, fifo.shift(), fifo.first]).toEqual([0, undefined, undefined]);
  });

  test('halves its array when that is three quarters empty, down to 4,096 slots', () => {
    const fifo = new Fifo<number>();
    const seen: number[] = [];
    const shift = (count: number): void => {
      for (let left = count; left > 0; left -= 1) fifo.shift();
      seen.push(fifo.slots);
    };
    for (let item = 0; item < 8_192; item += 1) fifo.push(item);
    shift(0);
    shift(6_143);
    shift(1);
    shift(2_048);
    expect(seen).toEqual([8_192, 8_192, 4_096, 4_096]);
  });

  test('does not keep what has left', async () => {
    const fifo = new Fifo<object>();
    const left = passThrough(fifo);
    await collectGarbage();
    expect(left.filter((item) => item.deref() !== undefined)).toEqual([]);
    // Nothing but the queue itself could have kept them.
    expect(fifo.size).toBe(0);
  });

  test('does not grow while it never runs empty', async () => {
    const fifo = new Fifo<number>();
    fifo.push(0);
    await collectGarbage();
    const before = process.memoryUsage().heapUsed;
    for (let item = 1; item <= 500_000; item += 1) {
      fifo.push(item);
      fifo.shift();
    }
    await collectGarbage();
    expect(fifo.size).toBe(1);
    // An array that only grows would take 4 MB for these.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(2 * 2 ** 20);
  });
});

/** Weak references to objects that have been in the queue. In a call of its own, whose variables hold none of them afterwards. */
function passThrough(fifo: Fifo<object>): WeakRef<object>[] {
  const items = Array.from({ length: 10 }, () => ({}));
  for (const item of items) fifo.push(item);
  fifo.remove((item) => item === items[5]);
  while (fifo.size > 0) fifo.shift();
  return items.map((item) => new WeakRef(item));
}
