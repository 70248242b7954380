/**
 * Raw BullMQ, as a service uses it that needs results: a job a call, its end by the events of the queue. Either as many jobs are out at a
 * time as there are slots, since the caller decides late what comes next, as a scheduler does; or all are added at once.
 */
import { Queue, QueueEvents } from 'bullmq';
import { type Program, startProgram } from './program.js';

/** Those of more jobs than are ever out at a time. */
const MOST_EVENTS = 1_000_000;

/** @internal */
export interface RawQueue {
  /** Calls `nothing` of thread-functions.mjs with 0 … count - 1, at most `inFlight` at a time. Returns the sum of the results. */
  run(count: number, inFlight: number): Promise<number>;
  close(): Promise<void>;
}

/** With `workers` processes of `slots` slots each. @internal */
export async function rawQueue(url: string, workers: number, slots: number): Promise<RawQueue> {
  const name = `raw-${workers}-${slots}`;
  const connection = { url };
  const queue = new Queue(name, {
    connection,
    // It drops what is older than the last 10,000 events, four a job, before a client that is behind has read their ends.
    streams: { events: { maxLen: MOST_EVENTS } },
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true, attempts: 1 },
  });
  const events = new QueueEvents(name, { connection });
  events.setMaxListeners(0);
  await Promise.all([queue.waitUntilReady(), events.waitUntilReady()]);
  const programs: Program[] = [];
  for (let each = 0; each < workers; each += 1) {
    programs.push(await startProgram(new URL('./bullmq-worker.mjs', import.meta.url), [name, url, `${slots}`]));
  }
  const ended = new Map<string, (value: unknown) => void>();
  events.on('completed', ({ jobId, returnvalue }: { jobId: string; returnvalue: unknown }) => {
    ended.get(jobId)?.(returnvalue);
    ended.delete(jobId);
  });
  let jobs = 0;
  const call = async (argument: number): Promise<number> => {
    jobs += 1;
    const jobId = `job-${jobs}`;
    const end = new Promise<unknown>((resolve) => ended.set(jobId, resolve));
    await queue.add('nothing', argument, { jobId });
    return Number(await end);
  };
  return {
    async run(count, inFlight) {
      let next = 0;
      let sum = 0;
      const caller = async (): Promise<void> => {
        while (next < count) {
          const result = await call(next++);
          sum += result;
        }
      };
      await Promise.all(Array.from({ length: Math.min(inFlight, count) }, caller));
      return sum;
    },
    async close() {
      for (const program of programs) await program.end();
      await queue.obliterate({ force: true });
      await Promise.all([queue.close(), events.close()]);
    },
  };
}
