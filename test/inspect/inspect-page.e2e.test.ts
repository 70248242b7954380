/** The page in a browser in front of a running scheduler: what it shows is what the scheduler says, and what it asks for is done. */
import type { Browser, Page } from 'playwright-core';
import { type Handle, type Queue, Scheduler } from 'pullgraph';
import { inspect, type Inspector, type InspectOptions } from 'pullgraph/inspect';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { sentence } from '../../inspector/src/model/format.js';
import { startBrowser } from './browser.js';
import { findTask } from './page-actions.js';

let browser: Browser;

/** A gate that many tasks wait at, and that opens for as many as are asked for. */
class Gate {
  readonly #waiting: (() => void)[] = [];
  #isOpen = false;

  pass(): Promise<void> {
    return this.#isOpen ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve));
  }

  open(): void {
    this.#isOpen = true;
    for (const go of this.#waiting.splice(0)) go();
  }

  get waiting(): number {
    return this.#waiting.length;
  }
}

interface Opened {
  readonly page: Page;
  readonly inspector: Inspector;
  readonly errors: string[];
}

async function opened(scheduler: Scheduler, options: InspectOptions = {}): Promise<Opened> {
  const inspector = await inspect(scheduler, options);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  onTestFinished(async () => {
    await context.close();
    await inspector.close();
    await scheduler.terminate();
  });
  await page.goto(inspector.url);
  await page.locator('[data-scheduler]').waitFor();
  return { page, inspector, errors };
}

const shown = async (page: Page, state: string): Promise<number> =>
  Number((await page.locator(`[data-count="${state}"]`).innerText()).replaceAll(',', ''));

/** The counts on the page become those of the handles, which are counted again at each look, as tasks end meanwhile. */
async function expectCountsOf(page: Page, handles: readonly Handle<unknown>[]): Promise<void> {
  const states = ['pending', 'ready', 'running', 'partial', 'done', 'failed', 'cancelled'];
  const count = (state: string): number => handles.filter((handle) => handle.state === state).length;
  const differences = async (): Promise<string[]> => {
    const counts = await Promise.all(states.map((state) => shown(page, state)));
    return states.flatMap((state, at) =>
      counts[at] === count(state) ? [] : [`${state}: ${counts[at]} shown, ${count(state)} held`],
    );
  };
  await expect.poll(differences).toEqual([]);
}

/** Sources that wait at a gate, and two tasks for each that need them; every fiftieth source fails. */
function submitAll(queue: Queue, count: number, gate: Gate): Handle<unknown>[] {
  const source = async (number: number): Promise<number> => {
    await gate.pass();
    if (number % 50 === 7) throw new RangeError(`no reading ${number}`);
    return number;
  };
  const twice = (value: number): number => value * 2;
  const handles: Handle<unknown>[] = [];
  for (let number = 0; handles.length < count; number += 1) {
    const made = queue.submit(source, number);
    handles.push(made, queue.submit(twice, made), queue.submit({ id: `last-${number}` }, twice, made));
  }
  for (const handle of handles) handle.result().catch(() => undefined);
  return handles;
}

describe.skipIf(process.env['PULLGRAPH_SKIP_BROWSER'] === '1')('the page of a running scheduler', () => {
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  test('shows its tasks when it is opened in the middle, and at the end', async () => {
    const count = 999;
    const scheduler = new Scheduler();
    const queue = scheduler.queue('work', { concurrency: 8 });
    const [first, second] = [new Gate(), new Gate()];
    const early = submitAll(queue, count / 3, first);
    scheduler.start();
    first.open();
    await Promise.allSettled(early.map((handle) => handle.result()));
    const late = submitAll(queue, (count / 3) * 2, second);
    while (second.waiting < 8) await new Promise((resolve) => setImmediate(resolve));
    const { page, errors } = await opened(scheduler);
    expect(await shown(page, 'running')).toBe(8);
    const before = early.length;
    await expect
      .poll(() => page.locator('.lacks').allInnerTexts())
      .toEqual([expect.stringContaining('settled before')]);
    await expectCountsOf(page, late);
    second.open();
    await Promise.allSettled(late.map((handle) => handle.result()));
    await expectCountsOf(page, late);
    expect(before + late.length).toBe(count);
    await page.getByRole('button', { name: 'Events' }).click();
    await page.getByLabel('Type').selectOption('failed');
    const failed = late.filter((handle) => handle.state === 'failed').length;
    await expect.poll(() => page.locator('[data-events]').innerText()).toBe(new Intl.NumberFormat('en').format(failed));
    expect(errors).toEqual([]);
  });

  test('starts, stops and pauses it, and cancels a task, from the page', async () => {
    const scheduler = new Scheduler();
    const queue = scheduler.queue('work', { concurrency: 2 });
    const gate = new Gate();
    const handles = submitAll(queue, 30, gate);
    const { page } = await opened(scheduler, { control: true });
    const confirm = (name: string): Promise<void> =>
      page.getByRole('dialog').getByRole('button', { name, exact: true }).click();
    await page.getByText('Nothing starts until').waitFor();
    await page.getByRole('banner').getByRole('button', { name: 'Start' }).click();
    await confirm('Start');
    await expect.poll(() => scheduler.state).toBe('busy');
    await expectCountsOf(page, handles);
    await findTask(page, 'last-3');
    await page.getByRole('button', { name: 'Cancel the task' }).click();
    await confirm('Cancel the task');
    await expect.poll(() => handles[11]?.state).toBe('cancelled');
    await page.getByRole('banner').getByRole('button', { name: 'Stop' }).click();
    await confirm('Stop');
    await expect.poll(() => scheduler.state).toBe('stopped');
    await page.getByRole('banner').getByRole('button', { name: 'Start' }).click();
    await confirm('Start');
    await expect.poll(() => scheduler.state).toBe('busy');
    await page.getByRole('button', { name: 'Pause work' }).click();
    await confirm('Pause');
    await expect.poll(() => queue.isPaused).toBe(true);
    gate.open();
    await expect.poll(() => queue.running).toBe(0);
    await expectCountsOf(page, handles);
    await page.getByRole('button', { name: 'Resume work' }).click();
    await confirm('Resume');
    await Promise.allSettled(handles.map((handle) => handle.result()));
    await expectCountsOf(page, handles);
  });

  test('explains a waiting task, its chart, its messages and its surroundings', async () => {
    const scheduler = new Scheduler();
    const queue = scheduler.queue('work', { concurrency: 1 });
    const gate = new Gate();
    const handles = submitAll(queue, 6, gate);
    scheduler.start();
    const { page, errors } = await opened(scheduler);
    await findTask(page, 'last-0');
    const why = handles[2]?.why().message ?? '';
    await expect.poll(() => page.locator('.why').innerText()).toBe(sentence(why));
    await page.getByRole('complementary').getByRole('button', { name: 'Statechart' }).click();
    await page.locator('[data-state="pending"][data-active="true"]').waitFor();
    gate.open();
    await page.locator('[data-state="done"][data-active="true"]').waitFor();
    await page.locator('.sequence').getByText('start.granted').first().waitFor();
    await page.getByRole('navigation').getByRole('button', { name: 'Graph' }).click();
    await page.getByRole('button', { name: 'Around a task' }).click();
    await page.locator('.node', { hasText: 'last-0' }).waitFor();
    expect(await page.locator('.node', { hasText: 'source' }).count()).toBe(1);
    expect(errors).toEqual([]);
  });
});
