/** What `wait` waits for, and which failures it reports. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Handle, type OnFailure, Scheduler, SchedulerError, TasksFailed } from '../../src/index.js';
import { isKept, quiet } from '../support/event-loop.js';
import { manualQueue, oneQueue } from '../support/one-queue.js';

const nothing = (): void => undefined;

const failing = (text: string): never => {
  throw new RangeError(text);
};

/** What `promise` rejects with. */
async function rejection(promise: Promise<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`expected a rejection, got ${String(value)}`);
}

describe('wait resolves', () => {
  test('when nothing was submitted', async () => {
    const { scheduler } = oneQueue();
    expect(await scheduler.wait()).toBeUndefined();
    scheduler.start();
    expect(await scheduler.wait()).toBeUndefined();
  });

  test('when all has settled, what was submitted meanwhile included', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 3 });
    const a = queue.submit({ id: 'a' }, nothing);
    scheduler.start();
    await quiet();
    const waited = scheduler.wait();
    queue.submit({ id: 'b', after: [a] }, nothing);
    await quiet();
    executor.attemptAt('a').done(1);
    expect(await isKept(waited)).toBe(false);
    executor.attemptAt('b').done(1);
    await waited;
  });

  test('for all who wait', async () => {
    const { scheduler, queue, executor } = manualQueue();
    queue.submit({ id: 'a' }, nothing);
    scheduler.start();
    const waits = [scheduler.wait(), scheduler.wait()];
    expect(await isKept(Promise.race(waits))).toBe(false);
    executor.attemptAt('a').done(1);
    expect(await Promise.all(waits)).toEqual([undefined, undefined]);
  });

  test('when tasks were cancelled, which is no failure', async () => {
    const { scheduler, queue } = oneQueue();
    const handle = queue.submit(nothing);
    handle.cancel();
    scheduler.start();
    expect(await scheduler.wait()).toBeUndefined();
  });

  test('not before a start, and not while stopped', async () => {
    const { scheduler, queue } = oneQueue();
    queue.submit(nothing);
    const waited = scheduler.wait();
    expect(await isKept(waited)).toBe(false);
    scheduler.start();
    await waited;
    await scheduler.stop();
    queue.submit(nothing);
    const again = scheduler.wait();
    expect(await isKept(again)).toBe(false);
    scheduler.start();
    await again;
  });

  test('when the scheduler is closed meanwhile', async () => {
    const { scheduler, queue } = oneQueue();
    queue.submit(nothing);
    const waited = scheduler.wait();
    expect(await isKept(waited)).toBe(false);
    await scheduler.terminate();
    expect(await waited).toBeUndefined();
  });
});

describe('wait rejects', () => {
  test('with failures that only listeners have heard of', async () => {
    const heard: string[] = [];
    const onSettled = ({ id }: { readonly id: string }): void => void heard.push(id);
    const scheduler = new Scheduler({ onSettled });
    onTestFinished(() => scheduler.close());
    scheduler.on('task', ({ id, state }) => void (state === 'failed' && heard.push(id)));
    const queue = scheduler.queue('q', { onSettled });
    const group = scheduler.group();
    const broken = (): never => {
      throw new RangeError('broken');
    };
    queue.submit({ id: 'a', onSettled, group }, broken);
    void queue.submit({ id: 'b', onSettled }, broken).settled();
    scheduler.start();
    await expect(scheduler.wait()).rejects.toMatchObject({ code: 'TasksFailed', tasks: ['a'] });
    expect([heard, group.failures.length]).toEqual([['b', 'b', 'b', 'b', 'a', 'a', 'a', 'a'], 1]);
  });

  test('with the failures that nobody looked at, in the order in which they came', async () => {
    const { scheduler, queue } = oneQueue();
    queue.submit({ id: 'second' }, failing, 'second');
    const first = queue.submit({ id: 'first' }, failing, 'first');
    queue.submit({ id: 'fine' }, nothing);
    scheduler.start();
    const error = await rejection(scheduler.wait());
    expect(error).toBeInstanceOf(TasksFailed);
    expect(error).toBeInstanceOf(SchedulerError);
    expect(error).toMatchObject({
      code: 'TasksFailed',
      name: 'TasksFailed',
      count: 2,
      tasks: ['first', 'second'],
      errors: [new RangeError('first'), new RangeError('second')],
      cause: new RangeError('first'),
    });
    expect(String(error)).toContain('task first failed and 1 more');
    // Told once, they are no news.
    await scheduler.wait();
    expect(await first.settled()).toEqual({ status: 'failed', error: new RangeError('first') });
  });

  test('with the tasks that failed because another did, each by its own name', async () => {
    const { scheduler, queue } = oneQueue();
    const root = queue.submit({ id: 'root' }, failing, 'root');
    queue.submit({ id: 'dependent' }, (value: unknown) => value, root);
    scheduler.start();
    const error = await rejection(scheduler.wait());
    expect(error).toMatchObject({ count: 2, tasks: ['root', 'dependent'] });
    expect((error as TasksFailed).errors[1]).toMatchObject({ code: 'DependencyFailed', origin: 'root' });
  });

  const looks: readonly (readonly [string, (handle: Handle<unknown>) => unknown])[] = [
    ['result()', (handle) => handle.result().catch(nothing)],
    ['settled()', (handle) => handle.settled()],
  ];

  test.each(looks)('but not with one that was asked for by %s before', async (_, look) => {
    const { scheduler, queue } = oneQueue();
    const seen = queue.submit(failing, 'seen');
    queue.submit({ id: 'unseen' }, failing, 'unseen');
    const asked = look(seen);
    scheduler.start();
    expect(await rejection(scheduler.wait())).toMatchObject({ count: 1, tasks: ['unseen'] });
    await asked;
  });

  test.each(looks)('but not with one that was asked for by %s after it failed', async (_, look) => {
    const { scheduler, queue } = oneQueue();
    const seen = queue.submit(failing, 'seen');
    scheduler.start();
    await quiet();
    expect(seen.state).toBe('failed');
    await look(seen);
    await scheduler.wait();
  });

  test('but not with the one that made a task fail at whose end somebody looks, whatever else that needed', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 2 });
    const inputs = ['first', 'second'].map((id) => queue.submit({ id }, nothing));
    const dependent = queue.submit({ id: 'dependent', after: inputs }, nothing);
    scheduler.start();
    await quiet();
    for (const id of ['second', 'first']) executor.attemptAt(id).failed(new RangeError(id));
    expect(await dependent.settled()).toMatchObject({ error: { origin: 'second' } });
    expect(await rejection(scheduler.wait())).toMatchObject({ tasks: ['first'], count: 1 });
  });

  test('also when others are looked at before their end, after some were reported', async () => {
    const { scheduler, queue } = oneQueue();
    const bad = (): unknown => queue.submit({ id: 'bad' }, () => failing('bad'));
    scheduler.start();
    bad();
    expect(await rejection(scheduler.wait())).toMatchObject({ tasks: ['bad'] });
    const ends = [queue.submit(nothing).settled(), queue.submit({ id: 'good' }, nothing).settled()];
    bad();
    expect(await rejection(scheduler.wait())).toMatchObject({ tasks: ['bad'], count: 1 });
    await Promise.all(ends);
  });

  test('but not with one whose partial results are read', async () => {
    const { scheduler, queue } = oneQueue();
    const stream = queue.submit(function* () {
      yield 1;
      failing('midway');
    });
    const reading = (async () => {
      for await (const value of stream) expect(value).toBe(1);
    })();
    scheduler.start();
    await Promise.all([expect(reading).rejects.toThrow('midway'), scheduler.wait()]);
  });

  test('but not with one of which only the state was read', async () => {
    const { scheduler, queue } = oneQueue();
    const handle = queue.submit({ id: 'looked past' }, failing, 'x');
    scheduler.start();
    await quiet();
    expect([handle.state, handle.why().reason]).toEqual(['failed', 'settled']);
    // The state tells that it failed, not of what: that is still to be reported.
    expect(await rejection(scheduler.wait())).toMatchObject({ tasks: ['looked past'] });
  });

  test('with at most 1,000 errors, and the number of all', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 8 });
    const handles = Array.from({ length: 1_200 }, () => queue.submit(failing, 'x'));
    scheduler.start();
    const error = (await rejection(scheduler.wait())) as TasksFailed;
    expect([error.count, error.errors.length, error.tasks.length]).toEqual([1_200, 1_000, 1_000]);
    await scheduler.wait();
    // Whoever looks at what was told as one of many does not hide the next.
    for (const handle of handles) await handle.settled();
    queue.submit({ id: 'next' }, failing, 'y');
    expect(await rejection(scheduler.wait())).toMatchObject({ count: 1, tasks: ['next'] });
  });

  test.each<OnFailure>(['stop', 'abort'])(
    'once nothing runs any more after a failure under onFailure %s',
    async (onFailure) => {
      const { scheduler, queue, executor } = manualQueue({ concurrency: 2, onFailure });
      const left = queue.submit({ id: 'left' }, nothing);
      queue.submit({ id: 'running' }, nothing);
      queue.submit({ id: 'failing' }, nothing);
      scheduler.start();
      await quiet();
      executor.attemptAt('failing').failed(new RangeError('x'));
      const waited = rejection(scheduler.wait());
      expect(await isKept(waited)).toBe(false);
      executor.attemptAt('running').done(1);
      expect(await waited).toMatchObject({ code: 'TasksFailed', tasks: ['failing'], errors: [new RangeError('x')] });
      expect(left.state).toBe('ready');
      // A failure that has been looked at does not make the rest done.
      expect(await rejection(scheduler.wait())).toMatchObject({ code: 'TasksFailed' });
      scheduler.start();
      await quiet();
      executor.attemptAt('left').done(1);
      await scheduler.wait();
    },
  );
});

describe('wait rejects as stalled', () => {
  test('naming the tasks and who holds what', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 1 });
    const other = scheduler.queue('other', { concurrency: 1, resources: { ram: 2 } });
    const holder = queue.submit({ id: 'holder', hold: true }, nothing);
    const ram = other.submit({ id: 'ram', hold: true, resources: { ram: 1 } }, nothing);
    queue.submit({ id: 'blocked', after: [holder] }, nothing);
    other.submit({ id: 'hungry', after: [ram], resources: { ram: 2 } }, nothing);
    queue.submit({ id: 'behind', after: [queue.submit({ id: 'middle', after: [holder] }, nothing)] }, nothing);
    scheduler.start();
    const error = await rejection(scheduler.wait());
    expect(error).toBeInstanceOf(SchedulerError);
    expect(error).toMatchObject({ code: 'Stalled', tasks: ['blocked', 'hungry', 'middle', 'behind'] });
    const message = String(error);
    for (const part of ['blocked', 'hungry', 'middle', 'behind', 'held by holder', 'held by ram', 'queue q', 'other']) {
      expect(message).toContain(part);
    }
    expect(scheduler.state).toBe('stalled');
  });

  test('at once when it is asked later, for all who wait', async () => {
    const { scheduler, queue } = oneQueue();
    const holder = queue.submit({ id: 'holder', hold: true }, nothing);
    queue.submit({ id: 'blocked', after: [holder] }, nothing);
    scheduler.start();
    await quiet();
    const errors = await Promise.all([rejection(scheduler.wait()), rejection(scheduler.wait())]);
    expect(errors.map((error) => (error as SchedulerError).code)).toEqual(['Stalled', 'Stalled']);
  });

  test('not while somebody may still release, and no more once that has happened', async () => {
    const { scheduler, queue } = oneQueue();
    const other = scheduler.queue('other');
    const holder = queue.submit({ id: 'holder', hold: true }, nothing);
    const blocked = queue.submit({ id: 'blocked', after: [holder] }, () => 'went on');
    scheduler.start();
    expect(await rejection(scheduler.wait())).toMatchObject({ code: 'Stalled', tasks: ['blocked'] });
    const waited = scheduler.wait();
    other.submit({ release: [holder] }, () => quiet());
    await waited;
    expect(await blocked.result()).toBe('went on');
    expect(scheduler.state).toBe('idle');
  });

  test('no more once what is stuck has been cancelled', async () => {
    const { scheduler, queue } = oneQueue();
    const holder = queue.submit({ hold: true }, nothing);
    const blocked = queue.submit({ after: [holder] }, nothing);
    scheduler.start();
    await rejection(scheduler.wait());
    blocked.cancel();
    await scheduler.wait();
    expect(scheduler.state).toBe('idle');
  });

  test('no more, and leaves the failures that nobody has waited for to the next who asks', async () => {
    const { scheduler, queue } = oneQueue();
    queue.submit({ id: 'holder', hold: true, priority: 1 }, nothing);
    const stuck = queue.submit({ id: 'stuck' }, nothing);
    queue.submit({ id: 'dependent', after: [stuck] }, nothing);
    scheduler.start();
    await quiet();
    expect(scheduler.state).toBe('stalled');
    stuck.cancel();
    await quiet();
    expect(await rejection(scheduler.wait())).toMatchObject({ code: 'TasksFailed', tasks: ['dependent'] });
  });

  test('not while stopped', async () => {
    const { scheduler, queue } = oneQueue();
    const holder = queue.submit({ hold: true }, nothing);
    queue.submit({ after: [holder] }, nothing);
    scheduler.start();
    await rejection(scheduler.wait());
    await scheduler.stop();
    const waited = rejection(scheduler.wait());
    expect(await isKept(waited)).toBe(false);
    scheduler.start();
    expect(await waited).toMatchObject({ code: 'Stalled' });
  });
});

test('wait answers when a failure stops the scheduler while a producer is held back', async () => {
  const { scheduler, queue, executor } = manualQueue({ onFailure: 'stop', concurrency: 2 });
  const producer = queue.stream({ id: 'producer', ahead: 1 }, () => [1, 2]);
  queue.submit({ id: 'bad' }, nothing);
  scheduler.start();
  await quiet();
  void executor.attemptAt('producer').partial(1);
  const waited = scheduler.wait();
  executor.attemptAt('bad').failed(new RangeError('x'));
  await expect(waited).rejects.toMatchObject({ code: 'TasksFailed', tasks: ['bad'] });
  expect(producer.state).toBe('partial');
});
