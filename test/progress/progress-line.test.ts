import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { progressLine, type ProgressView } from '../../src/progress/progress-line.js';
import { property } from '../support/property.js';

const format = {
  bar: (share: number, width: number) => '='.repeat(Math.round(share * width)).padEnd(width, '-'),
  time: (seconds: number) => `${Math.round(seconds)}s`,
};
const view: ProgressView = {
  settled: 30,
  total: 120,
  failed: 2,
  cancelled: 1,
  running: 3,
  names: ['fetch a', 'fetch b', 'fetch c'],
  elapsedS: 10,
};

test.each([
  [10, '30/120'],
  [24, '30/120 | 2 failed'],
  [40, '30/120 | 2 failed | 3 running | 10s'],
  [80, '[=====-------------] 30/120 | 2 failed | 3 running | 10s | ETA 30s | 1 cancelled'],
  [100, '[========----------------------] 30/120 | 2 failed | 3 running | 10s | ETA 30s | 1 cancelled'],
  [
    118,
    '[========----------------------] 30/120 | 2 failed | 3 running | 10s | ETA 30s | 1 cancelled | fetch a, fetch b, fetc…',
  ],
])('a line of %d columns has what fits', (columns, line) => {
  const shown = progressLine(view, columns, format);
  expect(shown.length).toBeLessThanOrEqual(columns);
  expect(shown).toBe(line);
});

test.each([
  [{ total: undefined }, '30 ended | 2 failed | 3 running | 10s'],
  [{ failed: 0, running: 0, leftS: 7 }, '[=======---------------------] 30/120 | 10s | ETA 7s'],
  [{ total: 30, running: 0, failed: 0 }, '[==============================] 30/30 | 10s'],
  [{ total: 0, settled: 0, running: 0, failed: 0 }, '[------------------------------] 0/0 | 10s'],
  [
    { names: ['漢字漢字漢字漢字'], settled: 0, total: undefined },
    '0 ended | 2 failed | 3 running | 10s | 漢字漢字漢字…',
  ],
])('a line of %j', (change, line) => {
  expect(progressLine({ ...view, cancelled: 0, names: [], ...change }, 52, format)).toBe(line);
});

const counts = fc.nat(10_000_000);
const views: fc.Arbitrary<ProgressView> = fc
  .record({
    settled: counts,
    total: counts,
    failed: counts,
    cancelled: counts,
    running: counts,
    names: fc.array(fc.string({ unit: 'binary' }), { maxLength: 8 }),
    elapsedS: fc.double({ min: 0, max: 1e6, noNaN: true }),
  })
  .map((drawn) => ({ ...drawn, total: drawn.settled + drawn.total }));

property([views, fc.integer({ min: 20, max: 200 })])(
  'for any counts and names, the line fits and tells the terminal nothing',
  (any, columns) => {
    const line = progressLine(any, columns, format);
    const width = Array.from(line).reduce(
      (sum, character) => sum + (character > '\u{2FF}' && character !== '…' ? 2 : 1),
      0,
    );
    expect(width).toBeLessThanOrEqual(columns);
    expect(line).not.toMatch(/\p{Cc}/u);
    expect(line).toContain(`${any.settled}/${any.total}`);
  },
);
