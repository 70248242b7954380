/** Participants in one process, each with a scheduler of its own, on a real folder. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { taskContext } from '../../src/index.js';
import { encodeEntry } from '../../src/shared-folder/entry.js';
import { entryFileName } from '../../src/shared-folder/file-name.js';
import { Gate } from '../support/gate.js';
import { begunTask, outcomeOf, type Participant, participant, pauseOf } from './participant.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { namesIn } from './names-in.js';

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
      const parts = [1, 2, 3, 4].map((n) => queue.submit({ id: `square ${n}` }, square, n));
      return queue.submit({ id: 'sum' }, add, parts);
    };
    const sums = [participant(path), participant(path), participant(path)].map(submit);
    expect(await Promise.all(sums.map((sum) => sum.result()))).toEqual([30, 30, 30]);
    expect(runs.sort()).toEqual(['square 1', 'square 2', 'square 3', 'square 4', 'sum']);
  });

  test('leaves nothing in the folder but the logs of the tasks', async () => {
    const path = temporaryFolder();
    const { queue, scheduler } = participant(path);
    await queue.submit({ id: 'a' }, () => 1).result();
    await scheduler.close();
    expect(namesIn(path)).toEqual(['task-a.0', 'task-a.1']);
  });

  test('takes its result from the folder when the work is begun again', async () => {
    const path = temporaryFolder();
    await participant(path)
      .queue.submit({ id: 'a' }, () => 'first')
      .result();
    expect(
      await participant(path)
        .queue.submit({ id: 'a' }, (): string => expect.unreachable('ran twice'))
        .result(),
    ).toBe('first');
  });

  test('takes no slot while somebody else has it', async () => {
    const path = temporaryFolder();
    const [one, other] = [participant(path, {}, { concurrency: 1 }), participant(path, {}, { concurrency: 1 })];
    const gate = new Gate<string>();
    const slow = await begunTask(one.queue, 'slow', gate);
    const awaited = other.queue.submit({ id: 'slow' }, (): string => expect.unreachable('ran twice'));
    expect(await other.queue.submit({ id: 'quick' }, () => 'quick').result()).toBe('quick');
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
    const about = queue.submit({ id: 'a' }, () => {
      const { id, queue: on, attempt } = taskContext();
      return [id, on, attempt];
    });
    expect(await about.result()).toEqual(['a', 'work', 1]);
  });

  test('delivers what a generator delivers, to everybody', async () => {
    const path = temporaryFolder();
    const submit = ({ queue }: Participant) =>
      queue.submit(
        { id: 'numbers' },
        function* (count: number) {
          for (let n = 0; n < count; n += 1) yield n;
        },
        3,
      );
    for (const numbers of [participant(path), participant(path)].map(submit)) {
      const seen: number[] = [];
      for await (const number of numbers) seen.push(number);
      expect(seen).toEqual([0, 1, 2]);
      expect(await numbers.at(1).result()).toBe(1);
    }
  });

  test('gives all participants the result that the codec makes, and the bytes as they are', async () => {
    const path = temporaryFolder();
    const codec = {
      encode: (value: unknown) => value as Uint8Array,
      decode: (bytes: Uint8Array) => Uint8Array.from(bytes),
    };
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    for (const each of [participant(path, { codec }), participant(path, { codec })]) {
      expect(await each.queue.submit({ id: 'bytes' }, () => bytes).result()).toEqual(bytes);
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
    const here = participant(path).queue.submit({ id: 'bad' }, fail);
    await expect(here.result()).rejects.toThrow(new RangeError('no paper'));
    const there = await outcomeOf(participant(path).queue.submit({ id: 'bad' }, fail).result());
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
    await Promise.all(both.map(({ queue }) => outcomeOf(queue.submit({ id: 'bad' }, fail).result())));
    expect(runs).toBe(3);
  });

  test('is not tried again by a scheduler that is closed, but by others', async () => {
    const path = temporaryFolder();
    const runs: string[] = [];
    const submit = ({ queue }: Participant, name: string) =>
      queue.submit({ id: 'bad' }, (): never => {
        runs.push(name);
        throw new Error('no paper');
      });
    const one = participant(path, { attempts: 2 });
    const handle = submit(one, 'one');
    await pauseOf(one, 'bad');
    void handle.settled();
    void one.scheduler.stop();
    await one.scheduler.close();
    expect((await handle.settled()).status).toBe('cancelled');
    expect(runs).toEqual(['one']);
    await outcomeOf(submit(participant(path, { attempts: 2 }), 'other').result());
    expect(runs).toEqual(['one', 'other']);
  });

  test('gives its slot to others before it is tried again', async () => {
    const { queue } = participant(temporaryFolder(), { attempts: 2 }, { concurrency: 1 });
    const runs: string[] = [];
    const bad = queue.submit({ id: 'bad', priority: 1 }, (): never => {
      runs.push('bad');
      throw new Error('no paper');
    });
    const good = queue.submit({ id: 'good' }, () => void runs.push('good'));
    await Promise.all([outcomeOf(bad.result()), good.result()]);
    expect(runs).toEqual(['bad', 'good', 'bad']);
  });

  test('is done when a later attempt succeeds', async () => {
    const path = temporaryFolder();
    let runs = 0;
    const { queue } = participant(path, { attempts: 2 });
    const handle = queue.submit({ id: 'unsteady' }, () => {
      runs += 1;
      if (runs === 1) throw new Error('once');
      return 'at last';
    });
    expect(await handle.result()).toBe('at last');
  });

  test('fails what depends on it with its own error as the root', async () => {
    const { queue } = participant(temporaryFolder());
    const cause = new Error('no paper');
    const bad = queue.submit({ id: 'bad' }, (): number => {
      throw cause;
    });
    const dependent = queue.submit({ id: 'dependent' }, (value: number) => value, bad);
    expect(await outcomeOf(dependent.result())).toMatchObject({ code: 'DependencyFailed', origin: 'bad', root: cause });
  });
});

describe('a scheduler that waits for another participant', () => {
  test('stops at once, and goes on waiting when it is started again', async () => {
    const path = temporaryFolder();
    const [one, other] = [participant(path), participant(path)];
    const gate = new Gate<string>();
    await begunTask(one.queue, 'a', gate);
    const waiting = other.queue.submit({ id: 'a' }, (): string => expect.unreachable('ran twice'));
    await pauseOf(other, 'a');
    await other.scheduler.stop();
    gate.open('by the one');
    other.scheduler.start();
    expect(await waiting.result()).toBe('by the one');
  });
});

describe('a shared task that takes too long', () => {
  test('has failed for everybody', async () => {
    const path = temporaryFolder();
    const endless = (): Promise<never> => {
      const { signal } = taskContext();
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('told to end')));
      });
    };
    const here = participant(path).queue.submit({ id: 'a', timeoutMs: 100 }, endless);
    expect(await outcomeOf(here.result())).toMatchObject({ code: 'TaskTimedOut' });
    const there = participant(path).queue.submit({ id: 'a' }, (): never => expect.unreachable('ran twice'));
    expect(await outcomeOf(there.result())).toMatchObject({
      code: 'SharedTaskFailed',
      cause: { name: 'TaskTimedOut' },
    });
  });

  test('is tried again where several attempts are allowed', async () => {
    let runs = 0;
    const { queue } = participant(temporaryFolder(), { attempts: 100 });
    // On a slow machine an attempt may time out before its function runs.
    const handle = queue.submit({ id: 'a', timeoutMs: 300 }, () => {
      runs += 1;
      if (runs > 1) return Promise.resolve(taskContext().attempt);
      const { signal } = taskContext();
      return new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('told to end')));
      });
    });
    expect(await handle.result()).toBeGreaterThan(1);
    expect(runs).toBeGreaterThan(1);
  });
});

describe('a shared task whose owners fall silent', () => {
  /** A folder in which two participants, of which nothing was heard again, have had the task. */
  const abandoned = (): string => {
    const path = temporaryFolder();
    for (const [slot, owner] of ['first', 'second'].entries()) {
      const happening = { kind: 'claimed', owner, label: owner } as const;
      writeFileSync(join(path, entryFileName('a', slot)), encodeEntry({ id: 'a', token: owner, happening }));
    }
    return path;
  };
  const hasty = { beatMs: 20, expireMs: 40 };

  test('is taken over, as many times as is allowed', async () => {
    const { queue } = participant(abandoned(), { ...hasty, takeovers: 2 });
    expect(await queue.submit({ id: 'a' }, () => taskContext().attempt).result()).toBe(3);
  });

  test('has failed for everybody after that', async () => {
    const path = abandoned();
    for (const takeovers of [1, 100]) {
      const { queue } = participant(path, { ...hasty, takeovers });
      const handle = queue.submit({ id: 'a' }, (): never => expect.unreachable('ran'));
      expect(await outcomeOf(handle.result())).toMatchObject({
        code: 'SharedTaskFailed',
        cause: { message: '2 participants fell silent while running it, the last one second' },
      });
    }
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
    const taken = other.queue.submit({ id: 'a' }, () => 'by the other');
    controller.abort('enough');
    expect(await given.settled()).toEqual({ status: 'cancelled', reason: 'enough' });
    expect(await taken.result()).toBe('by the other');
    expect(namesIn(path, 'task')).toEqual(['task-a.0', 'task-a.1', 'task-a.2', 'task-a.3']);
  });

  test('ends the wait for another participant at once', async () => {
    const path = temporaryFolder();
    const [one, other] = [participant(path), participant(path)];
    const gate = new Gate();
    await begunTask(one.queue, 'a', gate);
    const waiting = other.queue.submit({ id: 'a' }, () => gate.promise);
    await pauseOf(other, 'a');
    expect(waiting.why()).toMatchObject({ reason: 'pause' });
    waiting.cancel({ reason: 'enough' });
    expect(await waiting.settled()).toEqual({ status: 'cancelled', reason: 'enough' });
    gate.open();
  });
});

describe('a task on a shared queue', () => {
  test('fails when it has no id', async () => {
    const { queue } = participant(temporaryFolder());
    const error = await outcomeOf(queue.submit((): number => expect.unreachable('ran')).result());
    expect(error).toMatchObject({ code: 'InvalidArgument', message: expect.stringContaining('needs an id') as string });
  });

  test('fails when its id is half of a character, which would be the half of any other on disk', async () => {
    const { queue } = participant(temporaryFolder());
    const error = await outcomeOf(queue.submit({ id: 'a\ud800' }, (): number => expect.unreachable('ran')).result());
    expect(error).toMatchObject({
      code: 'InvalidArgument',
      message: expect.stringContaining('"a\\ud800"') as string,
    });
  });

  test('does not wait for another participant when it has a retry of its own', async () => {
    const path = temporaryFolder();
    const [one, other] = [participant(path), participant(path)];
    const gate = new Gate();
    await begunTask(one.queue, 'a', gate);
    const impatient = other.queue.submit({ id: 'a', retry: { attempts: 1 } }, () => gate.promise);
    expect(await outcomeOf(impatient.result())).toMatchObject({ code: 'ClaimedElsewhere', tasks: ['a'] });
    gate.open();
  });
});
