/** What a running function can ask of itself, and when. */
import { describe, expect, test } from 'vitest';
import { type TaskContext, taskContext } from '../../src/index.js';
import { quiet } from '../support/event-loop.js';
import { oneQueue } from '../support/one-queue.js';
import { refusalOf } from '../support/refusal.js';

const shown = ({ id, queue, attempt, signal }: TaskContext): unknown => ({
  id,
  queue,
  attempt,
  aborted: signal.aborted,
});

const code = (): string => refusalOf(taskContext).code;

describe('a running function finds its context', () => {
  const expected = { id: 'task', queue: 'q', attempt: 1, aborted: false };

  test('when it is sync', async () => {
    const { scheduler, queue } = oneQueue();
    const task = queue.submit({ id: 'task' }, () => shown(taskContext()));
    scheduler.start();
    expect(await task.result()).toEqual(expected);
  });

  test('with the trace context as it was at the submission', async () => {
    const { scheduler, queue } = oneQueue();
    const trace = { traceparent: 'before' };
    const task = queue.submit({ trace }, () => taskContext().trace);
    trace.traceparent = 'after';
    scheduler.start();
    expect(await task.result()).toEqual({ traceparent: 'before' });
  });

  test('when it is async, before its first await, and no longer after it', async () => {
    const { scheduler, queue } = oneQueue();
    const task = queue.submit({ id: 'task' }, async () => {
      const context = taskContext();
      await quiet();
      return [shown(context), code()];
    });
    scheduler.start();
    expect(await task.result()).toEqual([expected, 'NoTaskContext']);
  });

  test('in every step of a generator', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 2 });
    function* asking(): Generator {
      for (const step of [0, 1, 2]) yield [step, shown(taskContext())];
    }
    const [task, other] = [queue.submit({ id: 'task' }, asking), queue.submit({ id: 'other' }, asking)];
    scheduler.start();
    expect(await task.result()).toEqual([0, 1, 2].map((step) => [step, expected]));
    expect(await other.result()).toEqual([0, 1, 2].map((step) => [step, { ...expected, id: 'other' }]));
  });

  test('in every step of an async generator, until its first await', async () => {
    const { scheduler, queue } = oneQueue();
    const task = queue.submit({ id: 'task' }, async function* () {
      yield shown(taskContext());
      const again = taskContext();
      await quiet();
      yield [shown(again), code()];
    });
    scheduler.start();
    expect(await task.result()).toEqual([expected, [expected, 'NoTaskContext']]);
  });

  test('in what it calls, and not in what runs beside it', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 2 });
    const nested = (): unknown => taskContext().id;
    const first = queue.submit({ id: 'first' }, async () => {
      const before = nested();
      await quiet();
      return [before, code()];
    });
    const second = queue.submit({ id: 'second' }, async () => {
      await quiet();
      return code();
    });
    scheduler.start();
    expect(await first.result()).toEqual(['first', 'NoTaskContext']);
    expect(await second.result()).toBe('NoTaskContext');
  });
});

describe('there is no context', () => {
  test('outside of every task', async () => {
    const { scheduler, queue } = oneQueue();
    expect(refusalOf(taskContext).message).toBe(
      'taskContext() is for the synchronous part of a running task: call it before the first await',
    );
    expect(code()).toBe('NoTaskContext');
    const task = queue.submit(() => taskContext().id);
    scheduler.start();
    await task.result();
    expect(code()).toBe('NoTaskContext');
  });

  test('after a task has thrown', async () => {
    const { scheduler, queue } = oneQueue();
    const failing = queue.submit(() => {
      throw new RangeError(taskContext().id);
    });
    scheduler.start();
    await failing.settled();
    expect(code()).toBe('NoTaskContext');
  });

  test('in a function that a task has left behind', async () => {
    const { scheduler, queue } = oneQueue();
    const task = queue.submit(() => ({ later: code }));
    scheduler.start();
    expect((await task.result()).later()).toBe('NoTaskContext');
  });

  test('in a listener that a task sets off', async () => {
    const { scheduler, queue } = oneQueue();
    const codes: string[] = [];
    scheduler.on('task', ({ state }) => {
      if (state === 'done') codes.push(code());
    });
    scheduler.start();
    await queue.submit(() => taskContext().id).result();
    expect(codes).toEqual(['NoTaskContext']);
  });
});

test('the signal in the context aborts when the task is cancelled, with the reason', async () => {
  const { scheduler, queue } = oneQueue();
  let signal: AbortSignal | undefined;
  const task = queue.submit(async () => {
    ({ signal } = taskContext());
    await new Promise((resolve) => {
      taskContext().signal.addEventListener('abort', resolve);
    });
  });
  scheduler.start();
  await quiet();
  expect(signal?.aborted).toBe(false);
  task.cancel('enough');
  expect([signal?.aborted, signal?.reason]).toEqual([true, 'enough']);
});
