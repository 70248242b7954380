import { expect, test } from 'vitest';
import { codeOfFailures, codeOfSignal } from '../../src/cli/exit-codes.js';

test.each([
  [0, 0],
  [1, 1],
  [100, 100],
  [101, 101],
  [102, 101],
  [1_000_000, 101],
])('%i failures give the exit code %i', (failures, code) => {
  expect(codeOfFailures(failures)).toBe(code);
});

test.each([
  ['SIGINT', 130],
  ['SIGPIPE', 141],
  ['SIGTERM', 143],
] as const)('%s gives the exit code %i, as in a shell', (signal, code) => {
  expect(codeOfSignal(signal)).toBe(code);
});
