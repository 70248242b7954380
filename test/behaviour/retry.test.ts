/** What is tried again, when, and what is left of the attempts before. */
import { describe, expect, test } from 'vitest';
import { outcomeKind, type SchedulerEvents } from '../../src/index.js';
import { isKept, quiet } from '../support/event-loop.js';
import { oneQueue } from '../support/one-queue.js';
import { refusalOf } from '../support/refusal.js';
import { timedQueue } from './timed-queue.js';

const nothing = (): void => undefined;
const echo = (value: unknown): unknown => value;
const error = (text: string): Error => new Error(text);

describe('a task with retry', () => {
  test('runs again at once until it is done', async () => {
    const { scheduler, queue } = oneQueue();
    let calls = 0;
    const task = queue.submit({ retry: { attempts: 3 } }, () => {
      calls += 1;
      if (calls < 3) throw error(`call ${calls}`);
      return calls;
    });
    scheduler.start();
    expect(await task.result()).toBe(3);
    expect(calls).toBe(3);
  });

  test('fails with its last error when its attempts are used up', async () => {
    const { scheduler, queue } = oneQueue({ retry: { attempts: 2 } });
    let calls = 0;
    const task = queue.submit(() => {
      calls += 1;
      throw error(`call ${calls}`);
    });
    scheduler.start();
    await expect(task.result()).rejects.toThrow('call 2');
    expect(calls).toBe(2);
  });

  test('pauses longer each time, up to the longest pause, less what is left to chance', async () => {
    const retry = { attempts: 5, backoffMs: 100, factor: 3, maxBackoffMs: 500, jitter: 0.5 };
    const { scheduler, queue, executor, clock, pass } = timedQueue({ retry }, () => 0.5);
    queue.submit({ id: 'a' }, nothing);
    scheduler.start();
    await quiet();
    const pauses: number[] = [];
    for (let attempt = 1; attempt < 5; attempt += 1) {
      const failedAt = clock.now();
      executor.attemptAt('a').failed(error('no'));
      await quiet();
      const next = clock.nextAt() ?? Number.NaN;
      pauses.push(next - failedAt);
      expect(executor.started.length).toBe(attempt);
      await pass(next - failedAt);
      expect(executor.attemptAt('a').attempt).toBe(attempt + 1);
    }
    expect(pauses).toEqual([75, 225, 375, 375]);
  });

  test('is pending while it pauses, says so, and keeps its slot from nobody', async () => {
    const { scheduler, queue, executor, started, pass } = timedQueue({ retry: { attempts: 2, backoffMs: 50 } });
    const [a, b] = [queue.submit({ id: 'a' }, nothing), queue.submit({ id: 'b', priority: -1 }, nothing)];
    scheduler.start();
    await quiet();
    executor.attemptAt('a').failed(error('no'));
    await quiet();
    expect([a.state, b.state]).toEqual(['pending', 'running']);
    expect(a.why()).toMatchObject({ reason: 'pause', attempt: 2 });
    expect(scheduler.state).toBe('busy');
    executor.attemptAt('b').done(1);
    await quiet();
    expect(scheduler.state).toBe('busy');
    expect(await isKept(scheduler.wait())).toBe(false);
    await pass(50);
    expect(started()).toEqual(['a', 'b', 'a']);
    executor.attemptAt('a').done(1);
    await scheduler.wait();
  });

  test('pauses on while the scheduler is stopped, and starts when it is resumed', async () => {
    const { scheduler, queue, executor, started, pass } = timedQueue({ retry: { attempts: 2, backoffMs: 50 } });
    const task = queue.submit({ id: 'a' }, nothing);
    scheduler.start();
    await quiet();
    const stopped = scheduler.stop();
    executor.attemptAt('a').failed(error('no'));
    await stopped;
    await pass(50);
    expect([task.state, ...started()]).toEqual(['ready', 'a']);
    scheduler.start();
    await quiet();
    executor.attemptAt('a').done('second');
    expect(await task.result()).toBe('second');
  });

  test('asks whether that error is worth it', async () => {
    const asked: unknown[] = [];
    const when = (reason: unknown, attempt: number): boolean => {
      asked.push([String(reason), attempt]);
      return attempt < 2;
    };
    const { scheduler, queue } = oneQueue();
    const task = queue.submit({ retry: { attempts: 9, when } }, () => {
      throw error('no');
    });
    scheduler.start();
    await expect(task.result()).rejects.toThrow('no');
    expect(asked).toEqual([
      ['Error: no', 1],
      ['Error: no', 2],
    ]);
  });

  test('fails with what the question throws', async () => {
    const when = (): boolean => {
      throw error('the question');
    };
    const { scheduler, queue } = oneQueue();
    const task = queue.submit({ retry: { attempts: 9, when } }, () => {
      throw error('no');
    });
    scheduler.start();
    await expect(task.result()).rejects.toThrow('the question');
  });

  test('fails when the question is answered with a promise, which would always mean yes', async () => {
    const when: unknown = () => Promise.reject(error('too late'));
    const { scheduler, queue } = oneQueue();
    const task = queue.submit({ retry: { attempts: 9, when: when as () => boolean } }, () => {
      throw error('no');
    });
    scheduler.start();
    await expect(task.result()).rejects.toMatchObject({
      code: 'InvalidArgument',
      message: 'retry.when must answer at once, got a promise',
    });
  });

  test('keeps to what was said when its queue was added', async () => {
    const retry = { attempts: 2 };
    const { scheduler, queue } = oneQueue({ retry });
    let calls = 0;
    const task = queue.submit(() => {
      calls += 1;
      throw error('no');
    });
    retry.attempts = 3;
    scheduler.start();
    await task.settled();
    expect(calls).toBe(2);
  });

  test('can be cancelled while it pauses, and nothing keeps the process alive then', async () => {
    const { scheduler, queue, executor, clock } = timedQueue({ retry: { attempts: 2, backoffMs: 50 } });
    const task = queue.submit({ id: 'a' }, nothing);
    scheduler.start();
    await quiet();
    executor.attemptAt('a').failed(error('no'));
    await quiet();
    expect(clock.nextAt()).toBe(50);
    task.cancel('enough');
    expect([task.state, clock.nextAt()]).toEqual(['cancelled', undefined]);
    await scheduler.wait();
    expect(scheduler.state).toBe('idle');
  });

  test('goes on in demand order: it is started before what is demanded later', async () => {
    const { scheduler, queue, executor, started } = timedQueue({ retry: { attempts: 2 } });
    const a = queue.submit({ id: 'a' }, nothing);
    queue.submit({ id: 'other' }, nothing);
    queue.submit({ id: 'sink' }, echo, a);
    scheduler.start();
    await quiet();
    expect(started()).toEqual(['a']);
    executor.attemptAt('a').failed(error('no'));
    await quiet();
    expect(started()).toEqual(['a', 'a']);
  });

  test('tells by events how often it was tried', async () => {
    const { scheduler, queue } = oneQueue({ retry: { attempts: 2 } });
    const seen: string[] = [];
    scheduler.on('task', ({ previous, state, attempt }) => seen.push(`${previous} ${state} ${attempt}`));
    let calls = 0;
    queue.submit(() => {
      calls += 1;
      if (calls < 2) throw error('no');
    });
    scheduler.start();
    await scheduler.wait();
    expect(seen).toEqual([
      'pending ready 0',
      'ready running 1',
      'running ready 1',
      'ready running 2',
      'running done 2',
    ]);
  });
});

describe('a task of many results that is tried again', () => {
  test('delivers each result once, whatever the attempts before have delivered', async () => {
    const { scheduler, queue } = oneQueue({ retry: { attempts: 3 } });
    const lines: string[] = [];
    scheduler.on('task', ({ id, previous, state }) => id === 's' && lines.push(`${previous} ${state}`));
    let calls = 0;
    const stream = queue.submit({ id: 's' }, function* () {
      calls += 1;
      for (const value of ['a', 'b', 'c']) {
        yield `${value}${calls}`;
        if (calls === 1 && value === 'b') throw error('no');
        if (calls === 2 && value === 'a') throw error('no');
      }
    });
    const second = queue.submit((value: string) => value, stream.at(1));
    scheduler.start();
    expect(await stream.result()).toEqual(['a1', 'b1', 'c3']);
    expect(await second.result()).toBe('b1');
    expect(lines).toEqual([
      'pending ready',
      'ready running',
      'running partial',
      'partial ready',
      'ready running',
      'running ready',
      'ready running',
      'running partial',
      'partial done',
    ]);
  });

  test('fails when it ends before it comes to what was delivered', async () => {
    const { scheduler, queue } = oneQueue({ retry: { attempts: 2 } });
    let calls = 0;
    const stream = queue.submit(function* () {
      calls += 1;
      yield 1;
      if (calls === 2) return;
      yield 2;
      throw error('no');
    });
    scheduler.start();
    await expect(stream.result()).rejects.toMatchObject({ code: 'PartialCountMismatch', announced: 2, delivered: 1 });
  });
});

describe('timeoutMs', () => {
  test('ends the attempt by its signal, fails the task at once, and keeps the slot until the attempt has ended', async () => {
    const { scheduler, queue, executor, started, pass } = timedQueue({ timeoutMs: 100 });
    const task = queue.submit({ id: 'a' }, nothing);
    queue.submit({ id: 'b', priority: -1 }, nothing);
    scheduler.start();
    await quiet();
    const { signal } = executor.attemptAt('a');
    await pass(99);
    expect([task.state, signal.aborted]).toEqual(['running', false]);
    await pass(1);
    expect(task.state).toBe('failed');
    expect(signal.reason).toMatchObject({ code: 'TaskTimedOut', timeoutMs: 100, tasks: ['a'] });
    const outcome = await task.settled();
    expect(outcomeKind(outcome)).toBe('timed-out');
    expect([...executor.aborted, ...started()]).toEqual(['a', 'a']);
    executor.attemptAt('a').done('too late');
    await quiet();
    expect(started()).toEqual(['a', 'b']);
    expect(await task.settled()).toBe(outcome);
    expect(scheduler._counts['staleReports']).toBe(1);
  });

  test('of a task comes before that of its queue', async () => {
    const { scheduler, queue, pass } = timedQueue({ timeoutMs: 100, concurrency: 2 });
    const [short, usual] = [queue.submit({ timeoutMs: 10 }, nothing), queue.submit(nothing)];
    scheduler.start();
    await quiet();
    await pass(10);
    expect([short.state, usual.state]).toEqual(['failed', 'running']);
  });

  test('does nothing to a task that is done in time, and keeps nothing alive after it', async () => {
    const { scheduler, queue, executor, clock } = timedQueue({ timeoutMs: 100 });
    const task = queue.submit({ id: 'a' }, nothing);
    scheduler.start();
    await quiet();
    expect(clock.nextAt()).toBe(100);
    executor.attemptAt('a').done(1);
    await quiet();
    expect([task.state, clock.nextAt()]).toEqual(['done', undefined]);
  });

  test('lets the task be tried again beside an attempt that does not end, whose results are not delivered', async () => {
    const { scheduler, queue, executor, pass } = timedQueue({ concurrency: 2, timeoutMs: 100, retry: { attempts: 2 } });
    const stream = queue.stream({ id: 'a' }, (): string[] => []);
    scheduler.start();
    await quiet();
    const first = executor.attemptAt('a');
    first.partial('one of the first');
    first.partial('two of the first');
    await pass(100);
    const second = executor.attemptAt('a');
    expect([first.attempt, second.attempt]).toEqual([1, 2]);
    first.partial('late');
    second.partial('one of the second');
    second.partial('two of the second');
    second.partial('three of the second');
    first.done(undefined);
    second.done(undefined);
    expect(await stream.result()).toEqual(['one of the first', 'two of the first', 'three of the second']);
    expect(scheduler._counts['staleReports']).toBe(2);
    await quiet();
    expect(queue.actor.getSnapshot().context.ledger.slotsTaken).toBe(0);
  });
});

describe('a task that settles', () => {
  test('calls the task, its queue and the scheduler, in this order, with what came of it', async () => {
    const seen: string[] = [];
    const note =
      (who: string) =>
      ({ id, queue, kind, attempt, outcome }: SchedulerEvents['settled']): void => {
        seen.push(`${who}: ${id}@${queue} ${kind} ${attempt} ${outcome.status}`);
      };
    const { scheduler, queue } = oneQueue({ onSettled: note('queue') });
    scheduler.on('settled', note('scheduler'));
    const a = queue.submit({ id: 'a', onSettled: note('task') }, () => {
      throw error('no');
    });
    queue.submit({ id: 'b' }, echo, a);
    queue.submit({ id: 'c' }, nothing).cancel();
    scheduler.start();
    await expect(scheduler.wait()).rejects.toThrow('no');
    expect(seen).toEqual([
      'queue: c@q cancelled 0 cancelled',
      'scheduler: c@q cancelled 0 cancelled',
      'task: a@q failed 1 failed',
      'queue: a@q failed 1 failed',
      'scheduler: a@q failed 1 failed',
      'queue: b@q dependency-failed 0 failed',
      'scheduler: b@q dependency-failed 0 failed',
    ]);
  });
});

describe('wrong options are refused, by name:', () => {
  test.each([
    [{ retry: 3 }, /retry must be an object/],
    [{ retry: {} }, /retry\.attempts/],
    [{ retry: { attempts: 0 } }, /retry\.attempts/],
    [{ retry: { attempts: 2, backoffMs: -1 } }, /retry\.backoffMs/],
    [{ retry: { attempts: 2, factor: 0.5 } }, /retry\.factor/],
    [{ retry: { attempts: 2, jitter: 1.5 } }, /retry\.jitter/],
    [{ retry: { attempts: 2, maxBackoffMs: Number.POSITIVE_INFINITY } }, /retry\.maxBackoffMs/],
    [{ retry: { attempts: 2, when: 'always' } }, /retry\.when/],
    [{ retry: { attempts: 2, delay: 1 } }, /retry has no option delay/],
    [{ timeoutMs: 0 }, /timeoutMs/],
    [{ timeoutMs: Number.NaN }, /timeoutMs/],
    [{ onSettled: 'tell me' }, /onSettled/],
  ])('%j', (options, message) => {
    const { scheduler, queue } = oneQueue();
    for (const call of [
      () => queue.submit(options as never, nothing),
      () => scheduler.queue('other', options as never),
    ]) {
      const refused = refusalOf(call);
      expect(refused.code).toBe('InvalidOption');
      expect(refused.message).toMatch(message);
    }
  });
});
