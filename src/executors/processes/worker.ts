/**
 * The program of a worker process. It loads the module named by its last argument and takes attempts, one at a time, until it is
 * told to end; it does not outlive the process that started it.
 */
import { PROCESS } from '../remote/cloneability.js';
import { loadModule } from '../remote/loaded-module.js';
import { encodeThrown } from '../remote/thrown-value.js';
import { CRASHING, type FromWorker, isToWorker, READY } from './messages.js';
import { WorkerSession } from './worker-session.js';

const moduleHref = process.argv.at(-1) ?? '';

process.on('uncaughtExceptionMonitor', (error) => send([CRASHING, encodeThrown(PROCESS, error)]));
process.on('disconnect', endWithGroup);
const session = new WorkerSession(await loadModule(moduleHref, PROCESS, async () => {}), send, () => process.exit());
process.on('message', (message) => {
  if (isToWorker(message)) session.received(message);
});
send([READY]);

function send(message: FromWorker): void {
  // If the other side is gone, `disconnect` follows.
  process.send?.(message, undefined, undefined, () => {});
}

/** Ends this process with all that its functions have started, which no other process is left to do. */
function endWithGroup(): void {
  if (process.platform === 'win32') process.exit(1);
  process.kill(-process.pid, 'SIGKILL');
}
