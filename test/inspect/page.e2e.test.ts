/** The inspector's page in a browser, against runs whose every state is known: what it shows is compared with what happened. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { FUNCTION_COLOURS } from '../../inspector/src/draw/palette.js';
import { STATES } from '../../src/inspect/protocol/frames.js';
import { startBrowser } from './browser.js';
import { findTask, shownCounts } from './page-actions.js';
import { PageServer } from './page-server.js';
import { countsOf, stateOf, type SyntheticRun, syntheticRun } from './synthetic-run.js';

const VIEWS = ['Overview', 'Timeline', 'Graph', 'Statechart', 'Events'] as const;
const FILES = fileURLToPath(new URL('../../dist/inspector/', import.meta.url));
/** Gzipped, all of it. */
const MOST_BYTES = 120 * 1024;

const small = syntheticRun(1000);
let browser: Browser;

interface Options {
  readonly isDark?: boolean;
  readonly width?: number;
  readonly control?: boolean;
  readonly at?: number;
}

interface Opened {
  readonly page: Page;
  readonly server: PageServer;
  /** What went wrong in the page, also what its policy refused. */
  readonly errors: string[];
}

async function opened(run: SyntheticRun, options: Options = {}): Promise<Opened> {
  const server = new PageServer(run, { control: options.control ?? false });
  server.at = options.at ?? Math.round(run.endsAt * 0.6);
  const url = await server.listen();
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: 800 },
    colorScheme: options.isDark === true ? 'dark' : 'light',
    locale: 'en-GB',
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  onTestFinished(async () => {
    await context.close();
    await server.close();
  });
  await page.goto(url);
  await page.locator('[data-scheduler]').waitFor();
  return { page, server, errors };
}

const show = (page: Page, view: (typeof VIEWS)[number]): Promise<void> =>
  page.getByRole('navigation').getByRole('button', { name: view }).click();

const written = (count: number): string => new Intl.NumberFormat('en').format(count);

async function expectCounts(page: Page, run: SyntheticRun, at: number): Promise<void> {
  const counts = countsOf(run.rows, at);
  await expect.poll(() => shownCounts(page)).toEqual(STATES.map((state) => counts[state]));
}

async function slideTo(page: Page, step: number): Promise<void> {
  await page.getByRole('slider').fill(String(step));
}

/** The moment that a step of the slider means. */
const momentOf = (last: number, step: number): number => Math.max(1, Math.round(1 + ((last - 1) * step) / 1000));

async function checkTotals(run: SyntheticRun, { page, server, errors }: Opened): Promise<void> {
  await expectCounts(page, run, server.at);
  const later = Math.round(run.endsAt * 0.8);
  server.play(later);
  await expectCounts(page, run, later);
  for (const step of [3, 250, 700]) {
    await slideTo(page, step);
    await expectCounts(page, run, momentOf(later, step));
  }
  await page.getByRole('button', { name: 'Back to live' }).click();
  await expectCounts(page, run, later);
  expect(errors).toEqual([]);
}

interface TimelineLayout {
  readonly tops: Readonly<Record<string, number>>;
  readonly laneHeight: number;
  readonly first: number;
  readonly last: number;
}

const FAULTS = `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map((node) => node.html.slice(0, 120)).join(' | ')))`;
const OVERFLOW = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
/** The colour of a pixel of the timeline, as 0xRRGGBB. */
const pixelAt = (page: Page, x: number, y: number): Promise<unknown> =>
  page.evaluate(
    `document.querySelector('canvas.base').getContext('2d').getImageData(${x}, ${y}, 1, 1).data.slice(0, 3)
      .reduce((sum, part) => sum * 256 + part, 0)`,
  );

async function checkTimeline(run: SyntheticRun, { page, server }: Opened): Promise<void> {
  const row = run.rows.findLast(
    ({ fn, outcome, end, task }) => fn === 1 && outcome === 'done' && end < server.at && task > 1,
  );
  if (row === undefined) throw new Error('expected an inversion that is done');
  await findTask(page, `#${row.task}`);
  await page.getByRole('complementary').getByRole('button', { name: 'Timeline' }).click();
  const place = page.locator('.canvas-place');
  const box = await place.boundingBox();
  const layout = JSON.parse((await place.getAttribute('data-layout')) ?? '{}') as TimelineLayout;
  const x = (((row.start + row.end) / 2 - layout.first) / (layout.last - layout.first)) * (box?.width ?? 0);
  const y = (layout.tops[row.queue] ?? 0) + (row.lane + 0.5) * layout.laneHeight;
  await expect.poll(() => pixelAt(page, Math.round(x), Math.round(y) - 24)).toBe(FUNCTION_COLOURS[row.fn]);
  await page.getByRole('complementary').getByRole('button', { name: 'Close' }).click();
  const again = await place.boundingBox();
  await page.mouse.click((again?.x ?? 0) + (x * (again?.width ?? 0)) / (box?.width ?? 1), (again?.y ?? 0) + y);
  await expect.poll(() => page.getByRole('complementary').innerText()).toContain(`invert #${row.task}\n`);
  expect(await page.locator('[data-selected-state]').innerText()).toContain('done');
}

async function checkEvents(run: SyntheticRun, { page, server }: Opened): Promise<void> {
  await show(page, 'Events');
  await page.getByLabel('Type').selectOption('failed');
  const failed = run.rows.filter((row) => row.outcome === 'failed' && !row.isFollowed && row.end <= server.at);
  await expect.poll(() => page.locator('[data-events]').innerText()).toBe(written(failed.length));
  const newest = Math.max(...failed.map((row) => row.end));
  const ids = failed.filter((row) => row.end === newest).map((row) => `#${row.task}`);
  const first = await page.locator('.line').first().getByRole('button').innerText();
  expect(ids.some((id) => first.endsWith(id)) || first.includes('product-')).toBe(true);
}

async function checkSearch(run: SyntheticRun, { page, server }: Opened): Promise<void> {
  await page.getByRole('combobox', { name: /Find/ }).fill('multiply');
  await page.getByLabel('Only failed').check();
  const products = run.rows.filter((row) => row.fn === 2);
  const total = page.locator('[data-total]');
  await expect.poll(() => total.getAttribute('data-total')).toBe(String(countsOf(products, server.at).failed));
  await page.getByLabel('Only failed').uncheck();
  await page.keyboard.press('Escape');
}

async function checkGraph(run: SyntheticRun, { page, server, errors }: Opened): Promise<void> {
  await show(page, 'Graph');
  const card = page.locator('.node.group', { hasText: 'multiply' });
  const { done } = countsOf(
    run.rows.filter((row) => row.fn === 2),
    server.at,
  );
  await expect.poll(() => card.innerText()).toContain(`done ${written(done)}`);
  await page.getByRole('button', { name: 'All tasks' }).click();
  await page.locator('.points').click({ position: { x: 1, y: 25 } });
  await expect.poll(() => page.getByRole('complementary').innerText()).toContain('acquire #1\n');
  expect(errors).toEqual([]);
}

describe.skipIf(process.env['PULLGRAPH_SKIP_BROWSER'] === '1')('the page', () => {
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  test('shows the exact totals now, later, and at any moment before', async () =>
    checkTotals(small, await opened(small)));

  test('draws bars where the attempts were, and selects the one that is clicked', async () =>
    checkTimeline(small, await opened(small)));

  test('lists every event that a filter lets through, the newest first', async () =>
    checkEvents(small, await opened(small)));

  test('finds failed tasks among all, and says how many there are', async () =>
    checkSearch(small, await opened(small)));

  test('counts every function of the graph, and draws every task as a point', async () =>
    checkGraph(small, await opened(small)));

  test('does all this with 100,000 tasks', async () => {
    const run = syntheticRun(100_000);
    const open = await opened(run);
    await checkTotals(run, open);
    await checkTimeline(run, open);
    await checkEvents(run, open);
    await checkSearch(run, open);
    await checkGraph(run, open);
  });

  test('shows a queue with its chart, and the chart of a task at an earlier moment', async () => {
    const { page, server } = await opened(small);
    await show(page, 'Statechart');
    await page.locator('.statechart').getByRole('button', { name: 'compute' }).click();
    await page.locator('[data-state="gate.open"][data-active="true"]').waitFor();
    const late = small.rows.find(
      (row) => row.fn === 2 && row.start > server.at * 0.9 && row.end < server.at && row.task % 8 !== 0,
    );
    await findTask(page, `#${late?.task}`);
    await page.locator(`[data-state="${late?.outcome}"][data-active="true"]`).waitFor();
    await slideTo(page, 500);
    const before = late === undefined ? undefined : stateOf(late, momentOf(server.at, 500));
    await page.locator(`[data-state="${before}"][data-active="true"]`).waitFor();
    expect(await page.locator('[data-active="true"]').count()).toBe(1);
  });

  test('writes ids that are markup as text', async () => {
    const { page, errors } = await opened(small, { at: small.endsAt });
    await findTask(page, '<img');
    await expect.poll(() => page.getByRole('complementary').innerText()).toContain('<img src=x onerror=alert(1)>');
    expect(await page.locator('img').count()).toBe(0);
    expect(errors).toEqual([]);
  });

  test('sends a command once it is confirmed, and offers none where it may only look', async () => {
    const looking = await opened(small);
    await looking.page.locator('[data-queue="compute"]').waitFor();
    expect(await looking.page.getByRole('button', { name: /^(Stop|Start|Pause|Resume)/ }).count()).toBe(0);
    const { page, server } = await opened(small, { control: true });
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'No' }).click();
    await page.getByRole('button', { name: 'Pause compute' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click();
    await expect.poll(() => page.locator('.notices').innerText()).toContain('Done: pause.');
    expect(server.commands).toEqual([{ name: 'pause', queue: 1 }]);
  });

  test('connects again after a loss, and keeps the view and the selection', async () => {
    const { page, server } = await opened(small);
    await show(page, 'Timeline');
    await findTask(page, '#30');
    server.cut();
    await page.getByText('Connection lost.').waitFor();
    await page.getByText('Connection lost.').waitFor({ state: 'detached' });
    expect(await page.getByRole('complementary').innerText()).toContain('#30');
    expect(await page.locator('.canvas-place').count()).toBe(1);
    server.epochMs += 1;
    server.cut();
    await page.getByText('The scheduler was started again').waitFor();
    expect(await page.getByRole('complementary').count()).toBe(0);
  });

  test('takes the key out of the address, and says what to do without one', async () => {
    const { page, server } = await opened(small);
    expect(new URL(page.url()).hash).toBe('');
    await page.reload();
    await page.locator('[data-count]').first().waitFor();
    const stranger = await (await browser.newContext({ locale: 'en-GB' })).newPage();
    await stranger.goto(`http://127.0.0.1:${server.port}/`);
    await stranger.getByText('This page needs its key').waitFor();
    await stranger.context().close();
  });

  test('is there where the browser tells a language that does not exist', async () => {
    const { page, server } = await opened(small);
    await page.addInitScript("Object.defineProperty(Navigator.prototype, 'language', { get: () => 'en-US@posix' })");
    await page.reload();
    await expectCounts(page, small, server.at);
  });

  test('says what to do while there is no task', async () => {
    const { page } = await opened({ ...small, rows: [] });
    for (const view of ['Overview', 'Timeline', 'Graph'] as const) {
      await show(page, view);
      expect(await page.getByRole('main').innerText()).toContain('queue.submit');
    }
  });

  test('can be used by keyboard alone', async () => {
    const { page } = await opened(small);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    await page.getByRole('button', { name: 'Timeline' }).press('Enter');
    await page.getByRole('application').press('n');
    await page.getByRole('application').press('n');
    await expect.poll(() => page.getByRole('complementary').innerText()).toContain('acquire');
    await page.getByRole('slider').press('ArrowLeft');
    await page.getByRole('button', { name: 'Back to live' }).waitFor();
  });

  test.each([
    { isDark: false, width: 1280 },
    { isDark: true, width: 390 },
  ])('has no fault that axe finds and is no wider than the screen: %o', async (options) => {
    const { page, errors } = await opened(small, { ...options, control: true });
    await page.evaluate(axe.source);
    const judge = async (what: string): Promise<void> => {
      expect({ what, faults: await page.evaluate(FAULTS) }).toEqual({ what, faults: [] });
      expect({ what, overflow: await page.evaluate(OVERFLOW) }).toEqual({ what, overflow: 0 });
    };
    for (const view of VIEWS) {
      await show(page, view);
      if (view === 'Timeline') await page.getByRole('application').press('n');
      if (view === 'Statechart') await page.locator('[data-active="true"]').first().waitFor();
      if (view === 'Graph') await page.locator('.node.group').first().click();
      await judge(view);
    }
    await show(page, 'Graph');
    await page.getByRole('button', { name: 'Around a task' }).click();
    await page.locator('.node').first().waitFor();
    await judge('around a task');
    await page.getByRole('button', { name: 'All tasks' }).click();
    await page.getByRole('combobox', { name: /Find/ }).fill('save');
    await judge('all tasks, and the search');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Stop' }).click();
    await judge('a question');
    await page.getByRole('dialog').getByRole('button', { name: 'No' }).click();
    await slideTo(page, 400);
    await show(page, 'Overview');
    await judge('the past');
    expect(await page.getByRole('button', { name: /^(Stop|Pause)/ }).count()).toBe(0);
    expect(errors).toEqual([]);
  });
});

test('the whole page is small', () => {
  const files = readdirSync(FILES, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const bytes = files
    .filter(({ name }) => name !== 'LICENSES.txt')
    .map((entry) => gzipSync(readFileSync(`${entry.parentPath}/${entry.name}`)).length);
  expect(bytes.length).toBeGreaterThanOrEqual(5);
  expect(bytes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(MOST_BYTES);
});
