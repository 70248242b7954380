/** The viewer's page in a real browser, which reaches nothing but this computer. */
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Scheduler } from '../../../src/index.js';
import { startBrowser } from '../../../test/inspect/browser.js';
import { bridge } from '../src/bridge.js';
import { pageFiles } from '../src/page-files.js';
import { serveViewer, type ViewerServer } from '../src/viewer-server.js';

describe.skipIf(process.env['PULLGRAPH_SKIP_BROWSER'] === '1')('the page', () => {
  const scheduler = new Scheduler();
  const work = scheduler.queue('<b>work</b>', { concurrency: 1 });
  const shown = bridge(scheduler, { actors: () => true, intervalMs: 5 });
  let browser: Browser;
  let server: ViewerServer;

  beforeAll(async () => {
    [browser, server] = await Promise.all([startBrowser(), pageFiles().then((files) => serveViewer(shown, files))]);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
    await scheduler.terminate();
  });

  test('shows the actors, their states and their charts, and asks nobody else', async () => {
    const page = await browser.newPage();
    const outside: string[] = [];
    const faults: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(new URL(server.url).origin)) outside.push(request.url());
    });
    page.on('pageerror', ({ message }) => faults.push(message));
    await page.goto(server.url);
    const entry = (id: string) => page.getByRole('button', { name: id });
    await entry('<b>work</b>').click();
    await page.getByText('gate: shut').waitFor();
    work.submit({ id: 'answer' }, () => 42);
    scheduler.start();
    await page.getByText('gate: open').waitFor();
    expect(await page.locator('.state.active > strong').allTextContents()).toEqual(
      ['admission', 'open', 'gate', 'open', 'flow', 'flowing', 'activity', 'idle'].map((state) => `● ${state}`),
    );
    await entry('answer').click();
    await page.getByText('done (ended)').waitFor();
    await page.getByText('"result": "42"').waitFor();
    await page.getByText('start.granted to answer').waitFor();
    expect({ outside, faults, bold: await page.locator('b').count() }).toEqual({ outside: [], faults: [], bold: 0 });
    await page.close();
  });

  test('has the notices of the licences of what is bundled, and little else', async () => {
    const { text = '' } = (await pageFiles())['/page.js'] ?? {};
    expect(text.match(/Permission is hereby granted/g)).toHaveLength(2);
    expect(text).toContain('David Mark Clements');
    expect(gzipSync(text).length).toBeLessThan(18_000);
  });

  test('without the token stays empty, and says what to do', async () => {
    const page = await browser.newPage();
    await page.goto(server.url.replace(/#.*/, '#none'));
    await page.getByText('Not connected').waitFor();
    expect(await page.locator('nav button').count()).toBe(0);
    await page.close();
  });
});
