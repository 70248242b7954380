/**
 * Takes the pictures of the inspector's page for docs/pictures: each view in light, all of them in dark and on a narrow screen. The run
 * that they show is made by arithmetic and is the same each time. Also prints how long a frame of the timeline takes with 100,000 tasks.
 *
 * Usage: npm run docs:inspector
 */
import { writeFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { startBrowser } from '../test/inspect/browser.js';
import { PageServer } from '../test/inspect/page-server.js';
import { type SyntheticRun, syntheticRun } from '../test/inspect/synthetic-run.js';
import { toPalettePng } from './palette-png.js';

const PICTURES = new URL('../docs/pictures/', import.meta.url);
/** A picture of more does not belong into the package. */
const MOST_BYTES = 80_000;
const TASK = '#78';

const VIEWS: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  Overview: async () => undefined,
  Timeline: async (page) => select(page),
  Graph: async (page) => page.locator('.node.group').nth(2).click(),
  Statechart: async (page) => {
    await select(page);
    await page.locator('[data-active="true"]').first().waitFor();
  },
  Events: async () => undefined,
};

async function select(page: Page): Promise<void> {
  await page.getByRole('combobox', { name: /Find/ }).fill(TASK);
  await page.keyboard.press('Enter');
  await page.getByRole('combobox', { name: /Find/ }).fill('');
  await page.keyboard.press('Escape');
}

interface Look {
  readonly width: number;
  readonly height: number;
  readonly isDark: boolean;
}

async function opened(browser: Browser, url: string, { width, height, isDark }: Look): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: isDark ? 'dark' : 'light',
    locale: 'en-GB',
    timezoneId: 'UTC',
  });
  const page = await context.newPage();
  await page.goto(url);
  await page.locator('[data-count]').first().waitFor();
  return page;
}

/** A picture of each view. */
async function pictures(browser: Browser, url: string, look: Look): Promise<Map<string, Buffer>> {
  const taken = new Map<string, Buffer>();
  for (const [view, prepare] of Object.entries(VIEWS)) {
    const page = await opened(browser, url, look);
    await page.getByRole('navigation').getByRole('button', { name: view }).click();
    await prepare(page);
    await page.mouse.move(0, 0);
    await page.evaluate('document.activeElement.blur()');
    await page.waitForTimeout(600);
    taken.set(view, await page.screenshot());
    await page.context().close();
  }
  return taken;
}

/** Several pictures side by side, each so wide. */
async function sideBySide(browser: Browser, list: Iterable<Buffer>, width: number, columns: number): Promise<Buffer> {
  const page = await browser.newPage({ viewport: { width: columns * (width + 12) + 12, height: 100 } });
  const images = [...list].map((png) => `<img width="${width}" src="data:image/png;base64,${png.toString('base64')}">`);
  await page.setContent(
    `<body style="margin:12px;display:flex;flex-wrap:wrap;gap:12px;background:#8b93a0">${images.join('')}</body>`,
  );
  const picture = await page.screenshot({ fullPage: true });
  await page.close();
  return picture;
}

function write(name: string, png: Buffer): void {
  const small = toPalettePng(png);
  if (small.length > MOST_BYTES) throw new Error(`${name}: expected at most ${MOST_BYTES} bytes, got ${small.length}`);
  writeFileSync(new URL(name, PICTURES), small);
  console.log(`${name}: ${small.length} bytes`);
}

/** The median and the 95th percentile, without the first ten. */
function told(list: readonly number[]): string {
  const sorted = list.slice(10).toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1);
  return `median ${at(0.5)} ms, 95th percentile ${at(0.95)} ms`;
}

/** Pans over the whole timeline, a step a frame, and prints the times between the frames and those of drawing. */
async function measureFrames(browser: Browser, url: string): Promise<void> {
  const page = await opened(browser, url, { width: 1280, height: 800, isDark: false });
  await page.getByRole('navigation').getByRole('button', { name: 'Timeline' }).click();
  const place = page.getByRole('application');
  for (let step = 0; step < 3; step += 1) await place.press('+');
  const times: unknown = await page.evaluate(`new Promise((resolve) => {
    const [place, canvas] = [document.querySelector('.canvas-place'), document.querySelector('canvas.base')];
    const frames = [], drawn = [];
    let last = performance.now();
    const step = () => {
      const now = performance.now();
      frames.push(now - last);
      drawn.push(Number(canvas.dataset.drawMs));
      last = now;
      if (frames.length === 120) return resolve({ frames, drawn });
      place.dispatchEvent(new KeyboardEvent('keydown', { key: frames.length % 40 < 20 ? 'ArrowRight' : 'ArrowLeft', bubbles: true }));
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  })`);
  const { frames, drawn } = times as { readonly frames: number[]; readonly drawn: number[] };
  console.log(`pan over 100,000 tasks: frames ${told(frames)}; drawing ${told(drawn)}`);
  await page.context().close();
}

async function withRun(run: SyntheticRun, part: number, use: (url: string) => Promise<void>): Promise<void> {
  const server = new PageServer(run);
  server.at = Math.round(run.endsAt * part);
  await use(await server.listen());
  await server.close();
}

const browser = await startBrowser();
await withRun(syntheticRun(1200), 0.62, async (url) => {
  for (const [view, png] of await pictures(browser, url, { width: 1280, height: 800, isDark: false })) {
    write(`inspector-${view.toLowerCase()}.png`, png);
  }
  const dark = await pictures(browser, url, { width: 1280, height: 800, isDark: true });
  write('inspector-dark.png', await sideBySide(browser, [...dark.values()].slice(0, 4), 640, 2));
  const narrow = await pictures(browser, url, { width: 390, height: 760, isDark: false });
  write('inspector-narrow.png', await sideBySide(browser, narrow.values(), 270, 5));
});
await withRun(syntheticRun(100_000), 0.9, (url) => measureFrames(browser, url));
await browser.close();
