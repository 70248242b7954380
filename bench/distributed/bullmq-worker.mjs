/** A worker of raw BullMQ: calls `nothing` in its own thread. */
import { Worker } from 'bullmq';
import { nothing } from '../thread-functions.mjs';
import { answerUntilEnd } from './answers.mjs';

const [, , queue = '', url = '', concurrency = ''] = process.argv;
const worker = new Worker(queue, async ({ data }) => nothing(Number(data)), {
  connection: { url },
  concurrency: Number(concurrency),
});
await worker.waitUntilReady();
answerUntilEnd(() => worker.close());
