/** A shared folder in front of worker threads. */
import { expect, test } from 'vitest';
import { threads } from 'pullgraph/executors';
import { temporaryFolder } from '../support/temporary-folder.js';
import * as arithmetic from '../threads/fixtures/arithmetic.js';
import { outcomeOf, participant } from './participant.js';

test('a shared task runs on the executor of its queue', async () => {
  const executor = threads(new URL('../threads/fixtures/arithmetic.js', import.meta.url), { size: 1 });
  const { queue } = participant(temporaryFolder(), {}, { executor });
  expect(await queue.submit({ id: 'sum' }, arithmetic.addLater, 1, 2).result()).toBe(3);
  expect(await queue.submit({ id: 'thread' }, arithmetic.whichThread).result()).toBeGreaterThan(0);
  const unknown = await outcomeOf(queue.submit({ id: 'unknown' }, () => 1).result());
  expect(unknown).toMatchObject({ code: 'FunctionNotFound', tasks: ['unknown'] });
});
