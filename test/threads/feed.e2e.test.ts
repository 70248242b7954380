/** A feed whose items worker threads take. */
import { expect, onTestFinished, test } from 'vitest';
import { Scheduler } from 'pullgraph';
import { threads } from 'pullgraph/executors';
import * as work from '../contract/fixtures/work.js';
import { refusalOf } from '../support/refusal.js';

test('a feed takes its items for worker threads, and refuses what is no function of their module', async () => {
  const executor = threads(new URL('../contract/fixtures/work.js', import.meta.url), { size: 2 });
  const scheduler = new Scheduler();
  onTestFinished(() => scheduler.terminate());
  const queue = scheduler.queue('q', { concurrency: 8, executor });
  scheduler.start();
  const items = Array.from({ length: 200 }, (_, index) => [index, 1]);
  const { results } = await queue.from(items, work.sum).done();
  expect(results).toEqual(items.map(work.sum));
  expect(refusalOf(() => queue.from(items, 'sum' as never)).code).toBe('InvalidArgument');
});
