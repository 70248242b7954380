import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const ITEMS = 300_000;

/** A single record kept for each item would come to several times this. */
const MOST_GROWN_BYTES = 4_000_000;

test('a feed that keeps no results needs no more memory for hundreds of thousands of items than for a tenth of them', async () => {
  const program = fileURLToPath(new URL('./fixtures/feed-heap.js', import.meta.url));
  const args = ['--expose-gc', program, String(ITEMS)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 500_000, killSignal: 'SIGKILL' });
  const { count, handed, mostUnderWay, grownBytes } = JSON.parse(stdout) as Record<string, number>;
  expect([count, handed]).toEqual([ITEMS, ITEMS]);
  // Eight slots, and as many ahead.
  expect(mostUnderWay).toBeLessThanOrEqual(16);
  expect(grownBytes).toBeLessThan(MOST_GROWN_BYTES);
});
