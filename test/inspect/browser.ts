/** The browser of the tests: an installed Chromium or Chrome, or the one inside @sparticuz/chromium. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const INSTALLED = [
  process.env['PULLGRAPH_BROWSER'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const WHAT_TO_DO =
  'The tests of the inspector need a browser. Install Chromium or Chrome, or name one in PULLGRAPH_BROWSER; on Linux on x64, ' +
  '"npm ci" brings one in @sparticuz/chromium. PULLGRAPH_SKIP_BROWSER=1 leaves these tests out.';

async function browserPath(): Promise<string> {
  const installed = INSTALLED.find((path) => path !== undefined && path !== '' && existsSync(path));
  if (installed !== undefined) return installed;
  const { default: packed } = await import('@sparticuz/chromium');
  return packed.executablePath();
}

/** Starts the browser with a profile of its own. @throws Error that says what to do when there is none. */
export async function startBrowser(): Promise<Browser> {
  try {
    return await chromium.launch({ executablePath: await browserPath(), headless: true, args: ARGUMENTS });
  } catch (cause) {
    throw new Error(WHAT_TO_DO, { cause });
  }
}
