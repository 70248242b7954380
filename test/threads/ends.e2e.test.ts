/** Attempts on threads that a scheduler ends before their time: the thread goes, the others and the rest of the graph do not. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { type QueueOptions, outcomeKind, type Queue, Scheduler } from 'pullgraph';
import { threads } from 'pullgraph/executors';
import * as contexts from './fixtures/contexts.js';
import { reaches, sharedCells } from './run-in-threads.js';

function threadsQueue(options: QueueOptions = {}): { readonly scheduler: Scheduler; readonly queue: Queue } {
  const scheduler = new Scheduler();
  onTestFinished(() => scheduler.terminate());
  const executor = threads(new URL('./fixtures/contexts.js', import.meta.url), { size: 1 });
  const queue = scheduler.queue('threads', { concurrency: 1, executor, ...options });
  scheduler.start();
  return { scheduler, queue };
}

describe('a function that never returns to the event loop', () => {
  test('is ended when its time is over, and the next task gets a thread', async () => {
    const { queue } = threadsQueue();
    const endless = queue.submit({ timeoutMs: 50 }, contexts.spin, sharedCells(1));
    const next = queue.submit({ priority: -1 }, contexts.whichThread);
    expect(outcomeKind(await endless.settled())).toBe('timed-out');
    expect(await next.result()).toBeGreaterThan(0);
  });

  test('is evicted for a more urgent task and started again after it', async () => {
    const { queue } = threadsQueue({ preempt: true });
    const cells = sharedCells(1);
    const endless = queue.submit(contexts.spin, cells);
    await reaches(cells, 0, 1);
    const urgent = queue.submit({ priority: 1 }, contexts.whichThread);
    expect(await urgent.result()).toBeGreaterThan(0);
    Atomics.store(cells, 0, 0);
    await reaches(cells, 0, 1);
    expect(endless.state).toBe('running');
  });

  test('does not hold up terminate', async () => {
    const { scheduler, queue } = threadsQueue();
    const cells = sharedCells(1);
    const endless = queue.submit(contexts.ignoreSignal, cells);
    await reaches(cells, 0, 1);
    await scheduler.terminate('enough');
    expect(await endless.settled()).toEqual({ status: 'cancelled', reason: 'enough' });
    expect(scheduler.state).toBe('closed');
  });
});

test('a worker that crashes is worth another attempt where retry says so', async () => {
  const { queue } = threadsQueue({
    executor: threads(new URL('./fixtures/crashes.js', import.meta.url), { size: 1 }),
    retry: { attempts: 2, when: (error) => String(error).includes('WorkerCrashed') },
  });
  const { exit } = await import('./fixtures/crashes.js');
  const task = queue.submit(exit, 3);
  const outcome = await task.settled();
  expect(outcomeKind(outcome)).toBe('worker-crashed');
  expect(task.actor.getSnapshot().context.attempt).toBe(2);
});
