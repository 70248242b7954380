/** The inspector as its users have it: the built package, a running scheduler, and the page in a browser. */
import { Scheduler } from 'pullgraph';
import { inspect } from 'pullgraph/inspect';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { STATES } from '../../src/inspect/protocol/frames.js';
import { startBrowser } from './browser.js';
import { findTask, shownCounts } from './page-actions.js';

let browser: Browser;

interface Opened {
  readonly page: Page;
  readonly errors: readonly string[];
}

async function opened(url: string): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(url);
  await page.locator('[data-scheduler]').waitFor();
  return { page, errors };
}

const counts = (some: Partial<Record<(typeof STATES)[number], number>>): number[] =>
  STATES.map((state) => some[state] ?? 0);

/** Presses a button and confirms it. */
async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name, exact: true }).click();
}

describe.skipIf(process.env['PULLGRAPH_SKIP_BROWSER'] === '1')('an inspected run', () => {
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  test.each([1_000, 100_000])('of %i tasks shows what the scheduler says, attached in the middle', async (tasks) => {
    await using scheduler = new Scheduler();
    const queue = scheduler.queue('work', { concurrency: 4 });
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const gates = Array.from({ length: 4 }, () => queue.submit({ priority: 1 }, () => held));
    const before = Array.from({ length: tasks / 2 }, () => queue.submit({ after: gates }, () => 1));
    scheduler.start();
    await using inspector = await inspect(scheduler);
    const fail = (): never => {
      throw new Error('disk 3 is full');
    };
    for (let index = 0; index < 10; index += 1)
      queue
        .submit(fail)
        .settled()
        .catch(() => undefined);
    for (let index = 0; index < tasks / 2 - 14; index += 1) queue.submit({ after: [] }, () => index);
    const { page, errors } = await opened(inspector.url);
    await expect
      .poll(() => shownCounts(page))
      .toEqual(counts({ pending: tasks / 2, running: 4, ready: tasks / 2 - 4 }));
    release();
    await scheduler.wait();
    expect(before.every(({ state }) => state === 'done')).toBe(true);
    await expect.poll(() => shownCounts(page)).toEqual(counts({ done: tasks - 10, failed: 10 }));
    await page.getByText('Error: disk').first().waitFor();
    expect(errors).toEqual([]);
  });

  test('is stopped, started and retried from the page, which can be loaded again', async () => {
    await using scheduler = new Scheduler();
    const queue = scheduler.queue('work', { concurrency: 1 });
    await using inspector = await inspect(scheduler, { control: true });
    const { page, errors } = await opened(inspector.url);
    await press(page, 'Start');
    await expect.poll(() => scheduler.state).toBe('idle');
    await press(page, 'Stop');
    await expect.poll(() => scheduler.state).toBe('stopped');
    const waiting = queue.submit({ id: '<img src=x onerror=alert(1)>' }, () => 'done');
    await page.reload();
    await expect.poll(() => shownCounts(page)).toEqual(counts({ ready: 1 }));
    await findTask(page, '<img');
    await expect.poll(() => page.getByRole('complementary').innerText()).toContain('the scheduler is stopped');
    expect(await page.locator('img').count()).toBe(0);
    await press(page, 'Start');
    expect(await waiting.result()).toBe('done');
    let calls = 0;
    const flaky = queue.submit({ id: 'flaky' }, () => {
      calls += 1;
      if (calls === 1) throw new Error('once');
    });
    expect((await flaky.settled()).status).toBe('failed');
    await findTask(page, 'flaky');
    await page.getByRole('complementary').getByRole('button', { name: 'Retry…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Retry', exact: true }).click();
    await expect.poll(() => shownCounts(page)).toEqual(counts({ done: 2, failed: 1 }));
    expect(calls).toBe(2);
    expect(errors).toEqual([]);
  });
});
