/** The inspector's server, as a page sees it. */
import { describe, expect, it } from 'vitest';
import { Scheduler } from '../../src/index.js';
import { inspect } from '../../src/inspect/index.js';
import { Page, signIn } from '../support/inspector-page.js';

const double = (value: number): number => 2 * value;

describe('inspect', () => {
  it('gives a trace of all attempts to those with a session', async () => {
    await using scheduler = new Scheduler();
    const queue = scheduler.queue('work', { concurrency: 2 });
    await using inspector = await inspect(scheduler);
    const stream = queue.submit({ id: 'stream' }, function* () {
      yield 1;
      yield 2;
    });
    queue.submit((values: number[]) => values.length, stream);
    scheduler.start();
    await scheduler.wait();
    const { origin, cookie } = await signIn(inspector.url);
    const response = await fetch(`${origin}/trace.json`, { headers: { cookie } });
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="trace.json"');
    const { traceEvents } = (await response.json()) as {
      traceEvents: { ph: string; name: string }[];
    };
    const phases = traceEvents.filter(({ name }) => name !== 'stopped').map(({ ph }) => ph);
    expect(phases.filter((ph) => ph === 'X')).toHaveLength(2);
    expect(phases.filter((ph) => ph === 's')).toHaveLength(1);
    expect(phases.filter((ph) => ph === 'i' || ph === 'n')).toHaveLength(2);
  });

  it('shows a page what was there before it came, and what comes then', async () => {
    await using scheduler = new Scheduler();
    const queue = scheduler.queue('work', { concurrency: 2 });
    const first = queue.submit({ id: 'first' }, double, 1);
    queue.submit(double, first);
    await using inspector = await inspect(scheduler);
    const early = await Page.open(inspector.url);
    await early.until(() => early.rows.size === 2);
    expect(early.counts()).toEqual({ pending: 1, ready: 1 });
    expect(early.ids.get(1)).toBe('first');
    expect(early.rows.get(1)?.dependencies).toEqual([1]);

    scheduler.start();
    for (let index = 0; index < 100; index += 1) queue.submit(double, index);
    await scheduler.wait();
    const late = await Page.open(inspector.url);
    for (const page of [early, late]) {
      await page.until(() => page.counts()['done'] === 102 && page.last('totals')?.queues[0]?.counts.done === 102);
      const [use] = page.last('totals')?.functions ?? [];
      expect(use).toMatchObject({ fn: 0, queue: 0, ran: 102 });
      expect(page.last('totals')?.scheduler).toBe('running.idle');
      expect(page.messages.map(({ type }) => type).slice(0, 2)).toEqual(['hello', 'names']);
      expect(page.last('hello')?.product).toMatch(/^pullgraph \d+\.\d+\.\d+/);
      expect(page.last('names')?.functions).toEqual([{ index: 0, name: 'double', isStream: false }]);
      expect(page.last('periods')?.periods.at(-1)?.state).toBe('running');
    }
    expect(late.rows).toEqual(early.rows);
    expect(inspector.pages).toBe(2);
  });

  it('sends a large present state slice by slice, and the page ends up with all of it', async () => {
    await using scheduler = new Scheduler();
    const queue = scheduler.queue('work', { concurrency: 4 });
    for (let index = 0; index < 20_000; index += 1) queue.submit(double, index);
    await using inspector = await inspect(scheduler);
    const page = await Page.open(inspector.url);
    scheduler.start();
    await scheduler.wait();
    await page.until(() => page.counts()['done'] === 20_000);
    expect(page.rows.size).toBe(20_000);
  });

  it('tells failures by cause, a stall, and what is missing', async () => {
    await using scheduler = new Scheduler();
    const queue = scheduler.queue('work', { concurrency: 1 });
    await using inspector = await inspect(scheduler, { maxRows: 100 });
    const page = await Page.open(inspector.url);
    const failing = queue.submit(() => {
      throw new Error('disk 7 is full');
    });
    for (let index = 0; index < 300; index += 1) queue.submit(double, index);
    scheduler.start();
    await expect(failing.result()).rejects.toThrow('disk 7');
    await scheduler.wait();
    const held = queue.submit({ hold: true, id: 'holder' }, double, 1);
    const blocked = queue.submit({ id: 'blocked' }, double, held);
    blocked.result().catch(() => undefined);
    await page.until(() => page.last('stall')?.message?.includes('blocked') === true);
    await page.until(() => (page.last('missing')?.rows ?? 0) > 0);
    expect(page.last('failures')?.groups).toMatchObject([{ cause: 'Error: disk … is full', count: 1, tasks: [1] }]);
    expect(page.last('missing')).toMatchObject({ rows: 203 });
    await scheduler.terminate();
  });

  it('allows one inspector at a time, and leaves nothing when it is closed', async () => {
    await using scheduler = new Scheduler();
    const inspector = await inspect(scheduler);
    await expect(inspect(scheduler)).rejects.toMatchObject({ code: 'NotSupported' });
    const page = await Page.open(inspector.url);
    const closed = new Promise((resolve) => page.socket.once('close', resolve));
    await inspector.close();
    expect(await closed).toBe(1001);
    expect(scheduler._engine.hub.tap).toBeUndefined();
    await using again = await inspect(scheduler);
    expect(again.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=[\da-f]{32}$/);
  });
});
