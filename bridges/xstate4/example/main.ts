/**
 * Shows a scheduler at work in a viewer that knows XState 4 only. Prints an address to open; ends with the first SIGINT.
 *
 * Usage: npm run example --workspace bridges/xstate4
 */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Scheduler } from '../../../src/index.js';
import { bridge } from '../src/bridge.js';
import { pageFiles } from '../src/page-files.js';
import { serveViewer } from '../src/viewer-server.js';

const scheduler = new Scheduler();
const loads = scheduler.queue('loads', { concurrency: 2 });
const sums = scheduler.queue('sums', { concurrency: 1 });
const shown = bridge(scheduler, { actors: ({ kind, id }) => kind !== 'task' || id.startsWith('sum') });
const server = await serveViewer(shown, await pageFiles());
console.log(`open ${server.url}`);

const interrupted = new AbortController();
const ended = once(process, 'SIGINT').then(() => interrupted.abort());
scheduler.start();
for (let round = 1; !interrupted.signal.aborted; round += 1) {
  const parts = [1, 2, 3].map((n) => loads.submit(() => pause(300 * n, n)));
  const sum = sums.submit(
    { id: `sum ${round}` },
    (numbers: number[]) =>
      pause(
        500,
        numbers.reduce((a, b) => a + b),
      ),
    parts,
  );
  await Promise.race([sum.settled(), ended]);
}
await scheduler.terminate();
shown.stop();
await server.close();
