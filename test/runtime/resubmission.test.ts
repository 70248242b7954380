/** The work of a failed task that is submitted anew: as it was, under its own id where that is free. */
import { expect, onTestFinished, test } from 'vitest';
import { type Handle, Scheduler } from '../../src/index.js';
import type { Engine } from '../../src/runtime/engine.js';
import { resubmit, workOf } from '../../src/runtime/submission/resubmission.js';
import { Handle as HandleClass } from '../../src/runtime/tasks/handle.js';
import { ManualExecutor } from '../support/manual-executor.js';
import { refusalOf } from '../support/refusal.js';

const recordOf = (handle: Handle<unknown>) => HandleClass._target(handle).record;

function resources() {
  const scheduler = new Scheduler();
  onTestFinished(() => scheduler.terminate());
  const queue = scheduler.queue('q', {
    executor: new ManualExecutor(),
    resources: { ram: 4, gpu: 1, disk: 2 },
    rateByKey: { limit: 100, intervalMs: 1 },
  });
  return { scheduler, queue };
}

test('has all that it was submitted with', () => {
  const { queue } = resources();
  const onSettled = (): void => undefined;
  const held = queue.submit({ id: 'held', hold: true }, () => 1);
  const stream = queue.stream({ id: 's', ahead: 3 }, () => [1]);
  const options = {
    priority: 2,
    resources: { ram: 3, disk: 1 },
    release: [held],
    rateKey: 'host',
    timeoutMs: 50,
    retry: { attempts: 2 },
    onSettled,
  };
  const full = queue.submit({ id: 'full', ...options }, (a: number, b: number) => a + b, stream.at(1), 5);
  const plain = queue.submit({ id: 'plain' }, (a: number) => a, held);
  for (const handle of [full, plain, held, stream]) {
    const record = recordOf(handle);
    const work = workOf(record);
    const again = resubmit(record.queue.service as Engine, work);
    // The id is that of a task that has not settled.
    expect(again.id).not.toBe(record.id);
    const { id: _, ...rest } = workOf(again);
    const { id: __, ...before } = work;
    expect({ ...rest, options: { ...rest.options, after: [] } }).toEqual({
      ...before,
      options: { ...before.options, after: [] },
    });
    expect(again.dependencies).toEqual(record.dependencies);
  }
  expect(workOf(recordOf(full)).options).toMatchObject({ ...options, release: [{ id: 'held' }] });
  expect(workOf(recordOf(plain)).options).toEqual({ priority: 0, after: [expect.anything()] });
  expect(workOf(recordOf(held)).options).toMatchObject({ hold: true });
  expect(workOf(recordOf(stream as unknown as Handle<unknown>)).options).toMatchObject({ ahead: 3 });
});

test('takes the id again that has become free, and is refused where the queue is gone', async () => {
  const { scheduler, queue } = resources();
  const handle = queue.submit({ id: 'a' }, () => 1);
  const record = recordOf(handle);
  const [work, engine] = [workOf(record), record.queue.service as Engine];
  handle.cancel();
  expect(resubmit(engine, work).id).toBe('a');
  const closed = queue.close();
  for (const each of engine.unsettled.newestFirst()) engine.cancel(each, {});
  scheduler.start();
  await closed;
  expect(refusalOf(() => resubmit(engine, work))).toMatchObject({
    code: 'QueueClosed',
    message: 'queue q takes no tasks: it was closed',
  });
});
