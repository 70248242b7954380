/** A worker of pullgraph, with the functions of the benchmark: in its own thread, as raw BullMQ runs them, or in threads. */
import { inline } from 'pullgraph/executors';
import { startWorker } from 'pullgraph/distributed';
import { answerUntilEnd } from './answers.mjs';

const [, , name = '', url = '', slots = '', where = ''] = process.argv;
const worker = await startWorker(new URL('../thread-functions.mjs', import.meta.url), {
  connection: url,
  name,
  slots: Number(slots),
  ...(where === 'inline' ? { executor: inline() } : {}),
});
answerUntilEnd(() => worker.drain());
