/**
 * What a worker runs: the file that piscina loads in each thread. A session is one task to piscina; in it the module is
 * loaded and attempts are taken, one at a time, until the main thread ends it.
 */
import type { Writable } from 'node:stream';
import { THREAD } from '../remote/cloneability.js';
import { loadModule } from '../remote/loaded-module.js';
import { sessionStart } from './messages.js';
import { registerTsx } from './tsx-in-worker.js';
import { WorkerSession } from './worker-session.js';

// A thread of this process keeps it over all its sessions.
let prepared: Promise<void> | undefined;

/**
 * Resolves when the session has ended and what it printed is on its way.
 *
 * @internal
 */
export async function session(task: unknown): Promise<void> {
  const start = sessionStart(task);
  // Heard from the beginning: the main thread may give the session up while the module loads.
  const closed = new Promise<void>((resolve) => {
    start.port.once('close', resolve);
  });
  const module = await loadModule(start.moduleHref, THREAD, prepare);
  await Promise.race([new WorkerSession(start, module).serve(), closed]);
  start.port.close();
  await Promise.all([drained(process.stdout), drained(process.stderr)]);
}

async function prepare(): Promise<void> {
  prepared ??= registerTsx();
  await prepared;
}

async function drained(stream: Writable): Promise<void> {
  if (stream.writableLength === 0) return;
  await new Promise<void>((resolve) => {
    stream.write('', () => resolve());
  });
}
