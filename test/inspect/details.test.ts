/** What a page is told on demand: details of an actor, searches, neighbourhoods; and what its commands do. */
import { describe, expect, it } from 'vitest';
import { type Interpreter, Scheduler } from '../../src/index.js';
import { inspect } from '../../src/inspect/index.js';
import { preview } from '../../src/inspect/server/preview.js';
import { Page } from '../support/inspector-page.js';
import { ManualExecutor } from '../support/manual-executor.js';

const double = (value: number): number => 2 * value;

describe('details', () => {
  it.each<Interpreter>(['compiled', 'xstate'])(
    'tell of a watched task its state, messages, context and why it waits (%s)',
    async (interpreter) => {
      await using scheduler = new Scheduler({ interpreter });
      const queue = scheduler.queue('work', { concurrency: 1 });
      const first = queue.submit({ id: 'first' }, double, 1);
      const second = queue.submit({ id: '<img src=x onerror=alert(1)>' }, double, first);
      await using inspector = await inspect(scheduler);
      const page = await Page.open(inspector.url);
      page.send({ type: 'watch', actor: { kind: 'task', task: 2 } });
      await page.until(() => page.last('details') !== undefined);
      expect(page.last('details')).toMatchObject({
        id: '<img src=x onerror=alert(1)>',
        machine: 'task',
        active: ['pending'],
        why: 'task <img src=x onerror=alert(1)> waits for first (ready)',
        dependencies: [{ task: 1, id: 'first', state: 'ready' }],
        dependencyCount: 1,
        dependentCount: 0,
      });
      scheduler.start();
      await second.result();
      await page.until(() => page.last('details')?.active[0] === 'done');
      const details = page.last('details');
      expect(details?.messages.map(({ type, from, state, isTaken }) => [type, from, state, isTaken])).toEqual([
        ['dependencies.satisfied', undefined, 'ready', true],
        ['start.granted', 'work', 'running', true],
        ['attempt.done', undefined, 'done', true],
      ]);
      expect(JSON.parse(details?.context ?? '')).toMatchObject({ queue: 'work', attempt: 1, outcome: { result: 4 } });
      expect(details?.dependencies[0]?.state).toBe('done');
    },
  );

  it('tell of a command all its words', async () => {
    await using scheduler = new Scheduler();
    const executor = Object.assign(new ManualExecutor(), { runsCommands: true });
    const level = scheduler.queue('work').submit({ id: 'level' }, double, 4);
    const long = 'a b'.repeat(100);
    scheduler.queue('commands', { executor }).run('flac', ['--best', level, long]);
    await using inspector = await inspect(scheduler);
    const page = await Page.open(inspector.url);
    page.send({ type: 'watch', actor: { kind: 'task', task: 2 } });
    await page.until(() => page.last('details') !== undefined);
    const { command } = JSON.parse(page.last('details')?.context ?? '') as { command: unknown };
    expect(command).toEqual(['flac', '--best', '(result of level)', long]);
    await scheduler.terminate();
  });

  it('tell of queues and the scheduler, through what redact leaves of their contexts', async () => {
    await using scheduler = new Scheduler();
    const queue = scheduler.queue('work', { concurrency: 3 });
    queue.pause();
    await using inspector = await inspect(scheduler, {
      redact: (context, { machine, id }) => {
        if (machine === 'scheduler') throw new Error('secret');
        return { ...context, ledger: `of ${id}` };
      },
    });
    const page = await Page.open(inspector.url);
    page.send({ type: 'watch', actor: { kind: 'queue', queue: 0 } });
    await page.until(() => page.last('details')?.machine === 'queue');
    expect(page.last('details')).toMatchObject({ context: '{"name":"work","ledger":"of work"}' });
    expect(page.last('details')?.active).toContain('flow.paused');
    expect(page.last('details')?.why).toContain('0 of 3 slots taken');
    page.send({ type: 'watch', actor: { kind: 'scheduler' } });
    await page.until(() => page.last('details')?.machine === 'scheduler');
    expect(page.last('details')?.context).toBe('"not shown: redact threw Error: secret"');
    scheduler.start();
    await page.until(() => page.last('details')?.messages.some(({ type }) => type === 'start.requested') === true);
  });

  it('observe one actor alone, and stop when nobody watches', async () => {
    await using scheduler = new Scheduler();
    const queue = scheduler.queue('work');
    const [watched, other] = [queue.submit(double, 1), queue.submit(double, 2)];
    await using inspector = await inspect(scheduler);
    const page = await Page.open(inspector.url);
    page.send({ type: 'watch', actor: { kind: 'task', task: 1 } });
    await page.until(() => page.last('details') !== undefined);
    const records = scheduler._engine.unsettled.newestFirst();
    expect(records.map(({ actor }) => actor !== undefined)).toEqual([false, true]);
    page.send({ type: 'watch', actor: null });
    await page.ask('found', (ask) => ({ type: 'find', ask, text: '', limit: 1 }));
    const told = page.messages.length;
    scheduler.start();
    await Promise.all([watched.result(), other.result()]);
    await page.until(() => page.last('totals')?.queues[0]?.counts.done === 2);
    expect(page.messages.slice(told).filter(({ type }) => type === 'details')).toEqual([]);
  });
});

describe('find and near', () => {
  it('find tasks by id and state, newest first, with the exact number', async () => {
    await using scheduler = new Scheduler();
    const queue = scheduler.queue('work');
    for (let index = 0; index < 50; index += 1) queue.submit({ id: `image-${index}` }, double, index);
    for (let index = 0; index < 50; index += 1) queue.submit({ after: [] }, double, index).cancel();
    await using inspector = await inspect(scheduler);
    for (let index = 0; index < 10; index += 1) queue.submit(double, index).cancel();
    const page = await Page.open(inspector.url);
    const find = (text: string, state?: 'ready' | 'cancelled') =>
      page.ask('found', (ask) => ({ type: 'find', ask, text, limit: 3, ...(state === undefined ? {} : { state }) }));
    expect(await find('image-4')).toMatchObject({ tasks: [50, 49, 48], total: 11 });
    expect(await find('', 'cancelled')).toMatchObject({ tasks: [110, 109, 108], total: 10 });
    expect(await find('#10')).toMatchObject({ tasks: [109, 108, 107], total: 9 });
    expect(await find('none')).toMatchObject({ tasks: [], total: 0 });
    scheduler.start();
    await scheduler.wait();
  });

  it('tell the neighbourhood, the path of demand and the longest path that is left', async () => {
    await using scheduler = new Scheduler();
    const queue = scheduler.queue('work');
    await using inspector = await inspect(scheduler);
    const root = queue.submit(double, 1);
    const left = queue.submit(double, root);
    const middle = queue.submit(double, left);
    queue.submit(double, middle);
    const right = queue.submit(double, root);
    queue.submit((...values: number[]) => values.length, right, 1);
    const page = await Page.open(inspector.url);
    const near = (depth: number, limit = 100) =>
      page.ask('vicinity', (ask) => ({ type: 'near', ask, task: 1, depth, limit }));
    expect(await near(1)).toMatchObject({
      tasks: [{ task: 1 }, { task: 2 }, { task: 5 }],
      edges: [
        [1, 2],
        [1, 5],
      ],
      demand: [6, 5, 1],
      critical: [1, 2, 3, 4],
      leftOut: 0,
    });
    expect(await near(9, 4)).toMatchObject({ tasks: [{}, {}, {}, {}], leftOut: 2 });
    scheduler.start();
    await scheduler.wait();
  });
});

describe('commands', () => {
  it('start, stop, pause, resume, cancel and retry with control', async () => {
    await using scheduler = new Scheduler();
    const queue = scheduler.queue('work', { concurrency: 1 });
    await using inspector = await inspect(scheduler, { control: true });
    const page = await Page.open(inspector.url);
    const command = (given: Parameters<typeof send>[0]) => send(given);
    const send = (given: Extract<Parameters<Page['send']>[0], { type: 'command' }>['command']) =>
      page.ask('answer', (ask) => ({ type: 'command', ask, command: given }));

    let isBroken = true;
    const input = queue.submit({ id: 'input' }, double, 4);
    const flaky = queue.submit(
      { id: 'flaky' },
      (value: number) => {
        if (isBroken) throw new Error('broken');
        return value;
      },
      input,
    );
    const unwanted = queue.submit({ after: [flaky] }, double, 1);
    const failed = flaky.settled();
    expect(await command({ name: 'cancel', task: 3 })).toMatchObject({ ok: true });
    expect(unwanted.state).toBe('cancelled');
    expect(await command({ name: 'cancel', task: 3 })).toMatchObject({ ok: false });
    expect(await command({ name: 'pause', queue: 0 })).toMatchObject({ ok: true, message: 'queue work was paused' });
    expect(queue.isPaused).toBe(true);
    expect(await command({ name: 'start' })).toMatchObject({ ok: true });
    expect(scheduler.state).not.toBe('stopped');
    expect(await command({ name: 'retry', task: 2 })).toMatchObject({ ok: false });
    expect(await command({ name: 'resume', queue: 0 })).toMatchObject({ ok: true });
    expect(await command({ name: 'resume', queue: 7 })).toMatchObject({ ok: false });
    expect((await failed).status).toBe('failed');

    isBroken = false;
    const settled = new Promise<unknown>((resolve) => {
      scheduler.on('settled', ({ outcome }) => resolve(outcome));
    });
    const answer = await command({ name: 'retry', task: 2 });
    expect(answer).toMatchObject({
      ok: true,
      message: 'the work of task flaky was submitted anew, as task flaky (#4)',
    });
    expect(await settled).toEqual({ status: 'done', result: 8 });
    expect(flaky.state).toBe('failed');
    expect(await command({ name: 'retry', task: 2 })).toMatchObject({ ok: false });
    expect(await command({ name: 'stop' })).toMatchObject({ ok: true });
    expect(scheduler.state).toBe('stopped');
  });

  it('retry ends the pause between two attempts', async () => {
    await using scheduler = new Scheduler();
    const queue = scheduler.queue('work');
    let calls = 0;
    const task = queue.submit({ retry: { attempts: 2, backoffMs: 3_600_000 } }, () => {
      calls += 1;
      if (calls === 1) throw new Error('once');
      return 'done';
    });
    await using inspector = await inspect(scheduler, { control: true });
    const page = await Page.open(inspector.url);
    scheduler.start();
    await page.until(() => page.rows.size === 2);
    const answer = await page.ask('answer', (ask) => ({ type: 'command', ask, command: { name: 'retry', task: 1 } }));
    expect(answer).toMatchObject({ ok: true });
    expect(await task.result()).toBe('done');
  });
});

describe('preview', () => {
  it('shows any value within its bounds, without calling anything of its own', () => {
    const circle: Record<string, unknown> = {
      bytes: new Float64Array(1_000_000),
      list: Array.from({ length: 1_000 }, (_, index) => index),
      text: 'x'.repeat(100_000),
      error: new RangeError('no'),
      map: new Map([[1, 2]]),
      big: 12n,
      get getter(): never {
        throw new Error('called');
      },
      hostile: new Proxy(
        {},
        {
          ownKeys() {
            throw new Error('trap');
          },
        },
      ),
    };
    circle['self'] = circle;
    const text = preview(circle);
    expect(text.length).toBeLessThan(600_000);
    expect(JSON.parse(text)).toMatchObject({
      bytes: '(Float64Array of 8000000 bytes)',
      error: { name: 'RangeError', message: 'no' },
      map: '(Map of 1)',
      big: '12n',
      getter: '(getter)',
      hostile: '(cannot be read)',
    });
    expect(preview(undefined)).toBe('"(undefined)"');
  });
});
