/** Sizes and ages as they are listed. */
import { expect, test } from 'vitest';
import { readableAge, readableSize } from '../../src/cli/readable.js';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1 kB'],
  [2_097_152, '2.1 MB'],
  [1_234_567_890, '1.23 GB'],
  [5_000_000_000_000, '5000 GB'],
])('%d bytes are %s', (bytes, text) => {
  expect(readableSize(bytes)).toBe(text);
});

test.each([
  [-5, '0 s'],
  [59.9, '59 s'],
  [60, '1 min'],
  [3_599, '59 min'],
  [7_200, '2 h'],
  [86_400 * 40, '40 d'],
])('%d seconds are %s', (seconds, text) => {
  expect(readableAge(seconds)).toBe(text);
});
