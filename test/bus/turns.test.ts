import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Turns, type TurnTaker } from '../../src/bus/server/turns.js';
import { until } from './wire.js';
import { property } from '../support/property.js';

/** Has messages of these sizes, and notes when they are handled. */
function takerOf(name: string, sizes: number[], log: string[]): TurnTaker {
  return {
    nextBytes: () => sizes[0],
    takeOne: () => {
      log.push(name);
      sizes.shift();
    },
  };
}

describe('turns', () => {
  test('are taken by bytes: small messages are handled between large ones, one after another between equal ones', async () => {
    const log: string[] = [];
    const turns = new Turns();
    turns.add(takerOf('large', [60_000, 60_000, 60_000], log));
    turns.add(takerOf('other', [60_000, 60_000, 60_000], log));
    turns.add(takerOf('small', Array<number>(5).fill(100), log));
    await until(() => log.length === 11);
    expect(log.join(' ')).toBe('small small small small small large other large other large other');
  });

  test('come soon to one that arrives late', async () => {
    const log: string[] = [];
    const turns = new Turns();
    turns.add(takerOf('large', Array<number>(50).fill(60_000), log));
    await until(() => log.length > 5);
    const before = log.length;
    turns.add(takerOf('late', [1000], log));
    await until(() => log.includes('late'));
    expect(log.indexOf('late') - before).toBeLessThanOrEqual(1);
  });

  property([fc.array(fc.array(fc.nat(100_000), { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 10 })], {
    numRuns: 30,
  })('come to every message, whatever their sizes', async (sizes) => {
    const log: string[] = [];
    const turns = new Turns();
    for (const [place, of] of sizes.entries()) turns.add(takerOf(String(place), [...of], log));
    await until(() => log.length === sizes.flat().length);
    for (const [place, of] of sizes.entries()) {
      expect(log.filter((name) => name === String(place))).toHaveLength(of.length);
    }
  });
});
