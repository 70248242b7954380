/**
 * The program of a worker, which piscina loads in each thread. To piscina a session is one task: it loads the module and takes
 * attempts, one at a time, until the main thread ends it.
 */
import type { Writable } from 'node:stream';
import { THREAD } from '../remote/cloneability.js';
import { loadModule } from '../remote/loaded-module.js';
import { sessionStart } from './messages.js';
import { registerTsx } from './tsx-in-worker.js';
import { WorkerSession } from './worker-session.js';

// Once per thread, for all of its sessions.
let prepared: Promise<void> | undefined;

/**
 * Resolves when the session has ended and its output has been passed on.
 *
 * @internal
 */
export async function session(task: unknown): Promise<void> {
  const start = sessionStart(task);
  // Listened to from the start: the main thread may abandon the session while the module loads.
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
