/** A command whose lines nobody takes waits, as any producer does. */
import { expect, onTestFinished, test } from 'vitest';
import { Scheduler } from 'pullgraph';
import { processes } from 'pullgraph/executors';

test('a command that prints without end is held back until its lines are taken', async () => {
  const scheduler = new Scheduler();
  onTestFinished(() => scheduler.terminate());
  const queue = scheduler.queue('commands', { executor: processes(), concurrency: 1 });
  let delivered = 0;
  scheduler.on('partial', () => {
    delivered += 1;
  });
  const endless = queue.lines({ ahead: 2 }, 'yes', ['again']);
  scheduler.start();
  let read = 0;
  for await (const line of endless) {
    expect(line).toBe('again');
    read += 1;
    expect(delivered).toBeLessThanOrEqual(read + 2);
    if (read === 100) break;
  }
  endless.cancel();
  await scheduler.wait();
  expect(delivered).toBeLessThanOrEqual(102);
});
