/** What a failure does to the task, to what depends on it, and to everything else. */
import { describe, expect, test } from 'vitest';
import { DependencyFailed, type Handle, type OnFailure, type Queue } from '../../src/index.js';
import { quiet } from '../support/event-loop.js';
import { manualQueue, oneQueue } from '../support/one-queue.js';

const nothing = (): void => undefined;
const pass = (value: unknown): unknown => value;

async function errorOf(handle: Handle<unknown>): Promise<unknown> {
  const outcome = await handle.settled();
  if (outcome.status !== 'failed') throw new Error(`expected ${handle.id} to have failed, it is ${outcome.status}`);
  return outcome.error;
}

describe('what a function throws', () => {
  const own = new RangeError('own');
  test.each([
    [
      'a sync function throws',
      () => {
        throw own;
      },
    ],
    ['an async function rejects with', async () => Promise.reject(own)],
    [
      'a thenable rejects with',
      () => ({
        // oxlint-disable-next-line unicorn/no-thenable
        then: (_: unknown, reject: (reason: unknown) => void) => reject(own),
      }),
    ],
  ])('is passed on as it is: what %s', async (_, fn) => {
    const { scheduler, queue } = oneQueue();
    const handle = queue.submit(fn as () => unknown);
    scheduler.start();
    expect(await errorOf(handle)).toBe(own);
    await expect(handle.result()).rejects.toBe(own);
    expect(handle.state).toBe('failed');
  });

  test.each([undefined, null, 0, 'text', Symbol('thrown')])('may be %s', async (thrown) => {
    const { scheduler, queue } = oneQueue();
    const handle = queue.submit(() => {
      // oxlint-disable-next-line typescript/only-throw-error -- user code may
      throw thrown;
    });
    const dependent = queue.submit(pass, handle);
    scheduler.start();
    expect(await handle.settled()).toEqual({ status: 'failed', error: thrown });
    expect(await errorOf(dependent)).toMatchObject({ code: 'DependencyFailed', cause: thrown, root: thrown });
    expect(handle.why()).toMatchObject({ reason: 'settled', state: 'failed' });
  });

  test('may be something that cannot be made a text', async () => {
    const { scheduler, queue } = oneQueue();
    const handle = queue.submit({ id: 'odd' }, () => {
      throw Object.create(null);
    });
    const dependent = queue.submit(pass, handle);
    scheduler.start();
    expect(await errorOf(dependent)).toBeInstanceOf(DependencyFailed);
    // The failure of the dependent says what it failed for.
    await scheduler.wait();
  });
});

describe('a failed dependency', () => {
  test('fails its dependents, which do not run, and nothing else', async () => {
    const { scheduler, queue } = oneQueue();
    const calls: string[] = [];
    const bad = queue.submit({ id: 'bad' }, () => {
      throw new RangeError('x');
    });
    const dependent = queue.submit(
      { id: 'dependent' },
      (value: unknown) => calls.push(`dependent ${String(value)}`),
      bad,
    );
    const after = queue.submit({ id: 'after', after: [bad] }, () => calls.push('after'));
    queue.submit({ id: 'other' }, () => calls.push('other'));
    scheduler.start();
    for (const [handle, id] of [
      [dependent, 'dependent'],
      [after, 'after'],
    ] as const) {
      const error = await errorOf(handle);
      expect(error).toBeInstanceOf(DependencyFailed);
      expect(error).toMatchObject({
        code: 'DependencyFailed',
        tasks: [id, 'bad'],
        origin: 'bad',
        cause: new RangeError('x'),
        root: new RangeError('x'),
      });
      expect(String(error)).toContain('bad');
      expect(String(error)).toContain('RangeError: x');
    }
    await quiet();
    expect(calls).toEqual(['other']);
  });

  test('that was cancelled gives its cancellation as the cause', async () => {
    const { queue } = oneQueue();
    const cancelled = queue.submit({ id: 'cancelled' }, nothing);
    const dependent = queue.submit(pass, cancelled);
    cancelled.cancel('no longer needed');
    expect(dependent.state).toBe('failed');
    const error = await errorOf(dependent);
    expect(error).toMatchObject({
      code: 'DependencyFailed',
      origin: 'cancelled',
      cause: { code: 'TaskCancelled', tasks: ['cancelled'], cause: 'no longer needed' },
    });
    expect((error as DependencyFailed).root).toBe((error as DependencyFailed).cause);
  });

  test('gives every task along a chain its own error, its cause, and the first of them', async () => {
    const { scheduler, queue } = oneQueue();
    const root = new RangeError('root');
    const chain: Handle<unknown>[] = [
      queue.submit({ id: 't0' }, () => {
        throw root;
      }),
    ];
    for (let n = 1; n <= 5; n += 1) chain.push(queue.submit({ id: `t${n}` }, pass, chain[n - 1]));
    scheduler.start();
    const errors = await Promise.all(chain.map(errorOf));
    for (let n = 1; n <= 5; n += 1) {
      expect(errors[n]).toMatchObject({ tasks: [`t${n}`, `t${n - 1}`], origin: 't0', root });
      expect((errors[n] as Error).cause).toBe(errors[n - 1]);
    }
  });

  test('fails a task that is submitted later, at once', async () => {
    const { scheduler, queue } = oneQueue();
    const bad = queue.submit({ id: 'bad' }, () => {
      throw new RangeError('x');
    });
    scheduler.start();
    await bad.settled();
    const late = queue.submit({ id: 'late' }, pass, bad);
    expect(late.state).toBe('failed');
    const later = queue.submit({ id: 'later' }, pass, late);
    expect(await errorOf(later)).toMatchObject({ tasks: ['later', 'late'], origin: 'bad', root: new RangeError('x') });
    expect(queue.submit({ id: 'late' }, nothing).id).toBe('late');
  });

  test('settles a task once, however many of its dependencies fail', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 3 });
    const [a, b, c] = ['a', 'b', 'c'].map((id) => queue.submit({ id }, nothing));
    const task = queue.submit({ id: 'task' }, (...args: readonly unknown[]) => args, a, b, [c]);
    const settlements: string[] = [];
    scheduler.on('task', ({ id, state }) => {
      if (id === 'task') settlements.push(state);
    });
    scheduler.start();
    await quiet();
    executor.attemptAt('c').failed(new RangeError('c'));
    expect(task.state).toBe('failed');
    executor.attemptAt('a').done(1);
    executor.attemptAt('b').failed(new RangeError('b'));
    expect(settlements).toEqual(['failed']);
    expect(await errorOf(task)).toMatchObject({ origin: 'c' });
    // It was not told of the second failure.
    expect(scheduler._counts['staleReports']).toBe(0);
  });

  test('fails also a dependent whose actor somebody watches', async () => {
    const { scheduler, queue } = oneQueue();
    const bad = queue.submit(() => {
      throw new RangeError('x');
    });
    const dependent = queue.submit(pass, bad);
    const last = queue.submit(pass, dependent);
    const states: unknown[] = [];
    dependent.actor.subscribe((snapshot) => states.push(snapshot.value));
    scheduler.start();
    expect(await errorOf(last)).toMatchObject({ root: new RangeError('x') });
    expect(states).toEqual(['failed']);
    const root = new RangeError('x');
    expect(dependent.actor.getSnapshot()).toMatchObject({ status: 'error', error: { root }, output: undefined });
  });

  const fates: readonly (readonly [string, (first: Handle<unknown>, queue: Queue) => void])[] = [
    ['fails', nothing],
    ['is cancelled', (first) => void first.cancel()],
  ];
  test.each(fates)('fails a chain of 20,000 when its first task %s', async (_, befall) => {
    const { scheduler, queue } = oneQueue();
    const first = queue.submit({ id: 'first' }, () => {
      throw new RangeError('x');
    });
    let last: Handle<unknown> = first;
    for (let n = 0; n < 20_000; n += 1) last = queue.submit(pass, last);
    befall(first, queue);
    scheduler.start();
    const error = await errorOf(last);
    expect(error).toMatchObject({ origin: 'first' });
    let length = 0;
    for (let cause = error; cause instanceof DependencyFailed; cause = cause.cause) length += 1;
    expect(length).toBe(20_000);
    expect(scheduler._unsettled).toEqual([]);
    await first.settled();
  });

  test('fails 20,000 dependents', async () => {
    const { scheduler, queue } = oneQueue();
    const bad = queue.submit(() => {
      throw new RangeError('x');
    });
    const dependents = Array.from({ length: 20_000 }, () => queue.submit(pass, bad));
    scheduler.start();
    await bad.settled();
    expect(dependents.every(({ state }) => state === 'failed')).toBe(true);
  });
});

describe('onFailure', () => {
  interface Scene {
    readonly states: () => Record<string, string>;
    readonly aborted: ReadonlySet<string>;
  }

  /** Two run, one of them fails, a third is ready. */
  async function sceneOf(onFailure: OnFailure | undefined): Promise<Scene & ReturnType<typeof manualQueue>> {
    const manual = manualQueue({ concurrency: 2, ...(onFailure === undefined ? {} : { onFailure }) });
    const { scheduler, queue, executor } = manual;
    const handles = ['ready', 'running', 'failing'].map((id) => queue.submit({ id }, nothing));
    scheduler.start();
    await quiet();
    executor.attemptAt('failing').failed(new RangeError('x'));
    await quiet();
    const states = (): Record<string, string> => Object.fromEntries(handles.map(({ id, state }) => [id, state]));
    return { ...manual, states, aborted: executor.aborted };
  }

  test.each<OnFailure | undefined>([undefined, 'continue'])('%s goes on with the rest', async (onFailure) => {
    const { scheduler, states, aborted } = await sceneOf(onFailure);
    expect(states()).toEqual({ failing: 'failed', running: 'running', ready: 'running' });
    expect([scheduler.state, aborted.size]).toEqual(['busy', 0]);
  });

  test('stop starts nothing more, and lets what runs end', async () => {
    const { scheduler, queue, executor, states, aborted } = await sceneOf('stop');
    expect(states()).toEqual({ failing: 'failed', running: 'running', ready: 'ready' });
    expect([scheduler.state, aborted.size]).toEqual(['stopped', 0]);
    executor.attemptAt('running').done(1);
    queue.submit({ id: 'new' }, nothing);
    await quiet();
    expect(states()).toEqual({ failing: 'failed', running: 'done', ready: 'ready' });
    expect(executor.started).toHaveLength(2);
  });

  test('abort starts nothing more, and cancels what runs', async () => {
    const { scheduler, executor, states, aborted } = await sceneOf('abort');
    expect(states()).toEqual({ failing: 'failed', running: 'cancelled', ready: 'ready' });
    expect([scheduler.state, [...aborted]]).toEqual(['stopped', ['running']]);
    expect(executor.attemptAt('running').signal.aborted).toBe(true);
  });

  test.each<OnFailure>(['stop', 'abort'])(
    '%s resumes with start, and answers the next failure again',
    async (onFailure) => {
      const { scheduler, queue, executor, states, started } = await sceneOf(onFailure);
      executor.attemptAt('running').done(1);
      scheduler.start();
      await quiet();
      expect(states()['ready']).toBe('running');
      queue.submit({ id: 'next' }, nothing);
      queue.submit({ id: 'unlucky' }, nothing);
      await quiet();
      executor.attemptAt('unlucky').failed('again');
      await quiet();
      expect(scheduler.state).toBe('stopped');
      expect(started()).toEqual(['failing', 'running', 'ready', 'unlucky']);
    },
  );

  test.each<OnFailure>(['stop', 'abort'])('%s takes a failed dependency for a failure as well', async (onFailure) => {
    const { scheduler, queue } = oneQueue({ onFailure });
    const cancelled = queue.submit(nothing);
    const dependent = queue.submit(pass, cancelled);
    scheduler.start();
    cancelled.cancel();
    await quiet();
    // Start may have begun the first before it was cancelled; its dependent has failed either way.
    expect([dependent.state, scheduler.state]).toEqual(['failed', 'stopped']);
  });

  test('takes a cancellation for no failure', async () => {
    const { scheduler, queue } = oneQueue({ onFailure: 'stop' });
    scheduler.start();
    queue.submit(nothing).cancel();
    await scheduler.wait();
    expect(scheduler.state).not.toBe('stopped');
    expect(await queue.submit(() => 1).result()).toBe(1);
  });
});
