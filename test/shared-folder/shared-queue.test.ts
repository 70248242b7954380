/** Participants in one process, each with a scheduler of its own, on a real folder. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { threads } from '../../src/executors/index.js';
import { type QueueOptions, Scheduler, SchedulerError, taskContext } from '../../src/index.js';
import { sharedFolder, type SharedFolderOptions, type SharedQueue } from '../../src/shared-folder/index.js';
import { Gate } from '../support/gate.js';
import { refusalOf } from '../support/refusal.js';
import * as arithmetic from '../threads/fixtures/arithmetic.js';
import { namesIn, temporaryFolder } from './temporary-folder.js';

/** Looks far more often than by default, so that nothing waits for long, and gives up nobody. */
const QUICK: SharedFolderOptions = { checkMs: 20, beatMs: 50, expireMs: 600_000 };

interface Participant {
  readonly scheduler: Scheduler;
  readonly queue: SharedQueue;
}

function participant(path: string, options: SharedFolderOptions = {}, queue: QueueOptions = {}): Participant {
  const scheduler = new Scheduler();
  const shared = sharedFolder(path, { ...QUICK, ...options });
  onTestFinished(() => scheduler.close());
  const work = shared.queue(scheduler, 'work', { concurrency: 2, ...queue });
  scheduler.start();
  return { scheduler, queue: work };
}

const outcomeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => value,
    (error: unknown) => error,
  );

describe('a shared task', () => {
  test('runs once, and every participant has its result', async () => {
    const path = temporaryFolder();
    const runs: string[] = [];
    const square = (value: number): number => {
      runs.push(`square ${value}`);
      return value * value;
    };
    const add = (values: number[]): number => {
      runs.push('sum');
      return values.reduce((sum, value) => sum + value, 0);
    };
    const submit = ({ queue }: Participant) => {
      const parts = [1, 2, 3, 4].map((n) => queue.submit(`square ${n}`, square, n));
      return queue.submit('sum', add, parts);
    };
    const sums = [participant(path), participant(path), participant(path)].map(submit);
    expect(await Promise.all(sums.map((sum) => sum.result()))).toEqual([30, 30, 30]);
    expect(runs.sort()).toEqual(['square 1', 'square 2', 'square 3', 'square 4', 'sum']);
  });

  test('leaves nothing in the folder but the logs of the tasks', async () => {
    const path = temporaryFolder();
    const { queue, scheduler } = participant(path);
    await queue.submit('a', () => 1).result();
    await scheduler.close();
    expect(namesIn(path)).toEqual(['task-a.0', 'task-a.1']);
  });

  test('takes its result from the folder when the work is begun again', async () => {
    const path = temporaryFolder();
    await participant(path)
      .queue.submit('a', () => 'first')
      .result();
    expect(
      await participant(path)
        .queue.submit('a', (): string => expect.unreachable('ran twice'))
        .result(),
    ).toBe('first');
  });

  test('takes no slot while somebody else has it', async () => {
    const path = temporaryFolder();
    const [one, other] = [participant(path, {}, { concurrency: 1 }), participant(path, {}, { concurrency: 1 })];
    const [begun, gate] = [new Gate(), new Gate<string>()];
    const slow = one.queue.submit('slow', () => {
      begun.open();
      return gate.promise;
    });
    await begun.promise;
    const awaited = other.queue.submit('slow', (): string => expect.unreachable('ran twice'));
    expect(await other.queue.submit('quick', () => 'quick').result()).toBe('quick');
    expect(awaited.state).not.toBe('done');
    gate.open('slow');
    expect(await Promise.all([slow.result(), awaited.result()])).toEqual(['slow', 'slow']);
  });

  test('may be the dependency of any other task, and have any other for a dependency', async () => {
    const { scheduler, queue } = participant(temporaryFolder());
    const plain = scheduler.queue('plain');
    const shared = queue.submit(
      { id: 'shared', priority: 2 },
      (a: number, b: number) => a + b,
      plain.submit(() => 3),
      4,
    );
    expect(await plain.submit((value: number) => value * 2, shared).result()).toBe(14);
  });

  test('knows itself by its own name', async () => {
    const { queue } = participant(temporaryFolder());
    expect(await queue.submit('a', () => [taskContext().id, taskContext().queue]).result()).toEqual(['a', 'work']);
  });

  test('delivers what a generator has delivered as one array', async () => {
    const path = temporaryFolder();
    const submit = ({ queue }: Participant) =>
      queue.submit(
        'numbers',
        function* (count: number) {
          for (let n = 0; n < count; n += 1) yield n;
        },
        3,
      );
    const both = [participant(path), participant(path)].map((each) => submit(each).result());
    expect(await Promise.all(both)).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ]);
  });

  test('runs on the executor of its queue', async () => {
    const executor = threads(new URL('../threads/fixtures/arithmetic.ts', import.meta.url), { size: 1 });
    const { queue } = participant(temporaryFolder(), {}, { executor });
    expect(await queue.submit('sum', arithmetic.addLater, 1, 2).result()).toBe(3);
    expect(await queue.submit('thread', arithmetic.whichThread).result()).toBeGreaterThan(0);
    const unknown = await outcomeOf(queue.submit('unknown', () => 1).result());
    expect(unknown).toMatchObject({ code: 'FunctionNotFound', tasks: ['unknown'] });
  });

  test('gives all participants the result that the codec makes, and the bytes as they are', async () => {
    const path = temporaryFolder();
    const codec = {
      encode: (value: unknown) => value as Uint8Array,
      decode: (bytes: Uint8Array) => Uint8Array.from(bytes),
    };
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    for (const each of [participant(path, { codec }), participant(path, { codec })]) {
      expect(await each.queue.submit('bytes', () => bytes).result()).toEqual(bytes);
    }
  });
});

describe('a shared task that throws', () => {
  test('has failed for everybody, and runs no more', async () => {
    const path = temporaryFolder();
    let runs = 0;
    const fail = (): number => {
      runs += 1;
      throw new RangeError('no paper');
    };
    const here = participant(path).queue.submit('bad', fail);
    await expect(here.result()).rejects.toThrow(new RangeError('no paper'));
    const there = await outcomeOf(participant(path).queue.submit('bad', fail).result());
    expect(there).toMatchObject({
      code: 'SharedTaskFailed',
      message: 'task bad failed in the shared folder: RangeError: no paper',
      tasks: ['bad'],
      cause: { name: 'RangeError', message: 'no paper' },
    });
    expect(runs).toBe(1);
  });

  test('is tried `attempts` times in all, whoever tries', async () => {
    const path = temporaryFolder();
    let runs = 0;
    const fail = (): number => {
      runs += 1;
      throw new Error(`failure ${runs}`);
    };
    const both = [participant(path, { attempts: 3 }), participant(path, { attempts: 3 })];
    await Promise.all(both.map(({ queue }) => outcomeOf(queue.submit('bad', fail).result())));
    expect(runs).toBe(3);
  });

  test('is done when a later attempt succeeds', async () => {
    const path = temporaryFolder();
    let runs = 0;
    const { queue } = participant(path, { attempts: 2 });
    const handle = queue.submit('unsteady', () => {
      runs += 1;
      if (runs === 1) throw new Error('once');
      return 'at last';
    });
    expect(await handle.result()).toBe('at last');
  });

  test('fails what depends on it with its own error as the root', async () => {
    const { queue } = participant(temporaryFolder());
    const cause = new Error('no paper');
    const bad = queue.submit('bad', (): number => {
      throw cause;
    });
    const dependent = queue.submit('dependent', (value: number) => value, bad);
    expect(await outcomeOf(dependent.result())).toMatchObject({ code: 'DependencyFailed', origin: 'bad', root: cause });
  });
});

describe('a shared task that is cancelled', () => {
  test('is given back, and another participant does it', async () => {
    const path = temporaryFolder();
    const [one, other] = [participant(path), participant(path)];
    const begun = new Gate();
    const controller = new AbortController();
    const given = one.queue.submit({ id: 'a', signal: controller.signal }, async () => {
      const { signal } = taskContext();
      begun.open();
      await new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('told to end')));
      });
    });
    await begun.promise;
    const taken = other.queue.submit('a', () => 'by the other');
    controller.abort('enough');
    expect(await given.settled()).toEqual({ status: 'cancelled', reason: 'enough' });
    expect(await taken.result()).toBe('by the other');
    expect(namesIn(path, 'task')).toEqual(['task-a.0', 'task-a.1', 'task-a.2', 'task-a.3']);
  });

  test('ends the wait for another participant at once', async () => {
    const path = temporaryFolder();
    const [one, other] = [participant(path), participant(path)];
    const [begun, gate] = [new Gate(), new Gate()];
    one.queue.submit('a', () => {
      begun.open();
      return gate.promise;
    });
    await begun.promise;
    const waiting = other.queue.submit('a', () => gate.promise);
    const running = new Promise<void>((resolve) => {
      other.scheduler.on('task', ({ id, state }) => {
        if (id === 'a' && state === 'running') resolve();
      });
    });
    await running;
    waiting.cancel('enough');
    expect(await waiting.settled()).toEqual({ status: 'cancelled', reason: 'enough' });
    // Waits for what is running: nothing is.
    await other.scheduler.close();
    gate.open();
  });
});

describe('a result that cannot be stored', () => {
  test.each([
    ['a number that is none', () => Number.NaN, 'the result, number NaN'],
    ['a map in it', () => ({ places: new Map() }), 'its part places, [object Map]'],
    ['a date', () => new Date(0), 'the result, [object Date]'],
    ['a hole in an array', () => [undefined], 'its part 0, undefined undefined'],
    ['a typed array', () => new Float64Array(1), 'the result, [object Float64Array]'],
    ['a big integer', () => 1n, 'the result, bigint 1'],
  ])('fails the task: %s', async (_, fn, what) => {
    const { queue } = participant(temporaryFolder());
    const error = await outcomeOf(queue.submit('a', fn).result());
    expect(error).toMatchObject({ code: 'NotStorable' });
    expect((error as Error).message).toContain(`JSON cannot hold ${what}:`);
  });

  test('fails the task when it is too large, for everybody', async () => {
    const path = temporaryFolder();
    const submit = () =>
      outcomeOf(
        participant(path, { maxBytes: 10 })
          .queue.submit('a', () => '123456789')
          .result(),
      );
    expect(await submit()).toMatchObject({ code: 'NotStorable' });
    expect(await submit()).toMatchObject({ code: 'SharedTaskFailed' });
  });

  test.each([[undefined], [null], [0], [''], [[]], [{ a: [1, { b: 'ü' }] }]])('is not %j', async (value) => {
    const { queue } = participant(temporaryFolder());
    expect(await queue.submit('a', () => value).result()).toEqual(value);
  });
});

describe('a folder with something else in it', () => {
  test.each([
    ['nothing', ''],
    ['no JSON', 'what\n'],
    ['an entry without its fields', '{"pullgraph":1,"id":"a","token":"t","kind":"done"}\n'],
    ['an entry of another version', '{"pullgraph":2,"id":"a","token":"t","kind":"released"}\n'],
    ['an entry of another task', '{"pullgraph":1,"id":"b","token":"t","kind":"released"}\n'],
    ['an entry of no known kind', '{"pullgraph":1,"id":"a","token":"t","kind":"__proto__"}\n'],
    ['half a result', '{"pullgraph":1,"id":"a","token":"t","kind":"done","bytes":9}\n"12'],
    ['a result that is no JSON', '{"pullgraph":1,"id":"a","token":"t","kind":"done","bytes":1}\n"'],
  ])('fails the task whose file holds %s', async (_, content) => {
    const path = temporaryFolder();
    writeFileSync(join(path, 'task-a.0'), content);
    const { queue } = participant(path);
    const error = await outcomeOf(queue.submit('a', () => 1).result());
    expect(error).toBeInstanceOf(SchedulerError);
    expect(error).toMatchObject({ code: 'FolderCorrupt', tasks: ['a'] });
    expect(await queue.submit('b', () => 2).result()).toBe(2);
    expect(readFileSync(join(path, 'task-a.0'), 'utf8')).toBe(content);
  });
});

describe('sharedFolder', () => {
  test('makes the folder', () => {
    const path = join(temporaryFolder(), 'deep', 'er');
    sharedFolder(path);
    expect(existsSync(path)).toBe(true);
  });

  test('refuses a path that can be no folder', () => {
    const path = join(temporaryFolder(), 'file');
    writeFileSync(path, '');
    expect(refusalOf(() => sharedFolder(path))).toMatchObject({ code: 'FolderUnavailable' });
  });

  test.each([
    [{ attempts: 0 }, 'attempts'],
    [{ takeovers: 0.5 }, 'takeovers'],
    [{ beatMs: 1_000, expireMs: 1_500 }, 'expireMs'],
    [{ patienceMs: -1 }, 'patienceMs'],
    [{ maxBytes: Number.NaN }, 'maxBytes'],
    [{ label: 7 }, 'label'],
    [{ codec: {} }, 'codec'],
    [{ what: 1 }, 'what'],
  ])('refuses %j', (options, name) => {
    const error = refusalOf(() => sharedFolder(temporaryFolder(), options as SharedFolderOptions));
    expect(error.code).toBe('InvalidOption');
    expect(error.message).toContain(name);
  });

  test.each([
    ['no id', undefined],
    ['an empty id', ''],
    ['an id that is none', { id: 7 }],
    ['a hold', { id: 'a', hold: true }],
  ])('refuses a task with %s', (_, task) => {
    const { queue } = participant(temporaryFolder());
    expect(refusalOf(() => queue.submit(task as string, () => 1)).code).toBe('InvalidOption');
  });

  test('refuses a second task of the same id, and leaves no trace of it', async () => {
    const { scheduler, queue } = participant(temporaryFolder());
    const plain = scheduler.queue('plain');
    const gate = new Gate();
    plain.submit({ id: 'a' }, () => gate.promise);
    expect(refusalOf(() => queue.submit('a', () => 1)).code).toBe('DuplicateTask');
    gate.open();
    await scheduler.wait();
    expect(await queue.submit('a', () => 2).result()).toBe(2);
  });
});
