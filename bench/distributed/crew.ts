/** A scheduler over workers of pullgraph that run beside it, and what all of them take of the processors. */
import { Redis } from 'ioredis';
import { type Handle, type Queue, Scheduler } from 'pullgraph';
import { distributed } from 'pullgraph/distributed';
import * as functions from '../thread-functions.mjs';
import { type Program, startProgram } from './program.js';

/** Processor time in microseconds since the crew was asked last. @internal */
export interface Spent {
  readonly scheduler: number;
  readonly redis: number;
  /** Sum over all workers. */
  readonly workers: number;
}

/** @internal */
export interface Crew {
  /** Calls `nothing` with 0 … count - 1. Returns the sum of the results. */
  run(count: number): Promise<number>;
  /** One generator of so many results. Returns their sum. */
  stream(count: number): Promise<number>;
  spent(): Promise<Spent>;
  close(): Promise<void>;
}

/** @internal */
export interface CrewSize {
  /** Of Redis. */
  readonly url: string;
  readonly workers: number;
  /** Of each worker. */
  readonly slots: number;
  readonly where: 'inline' | 'threads';
}

/** Starts everything; the first task finds all workers there. @internal */
export async function startCrew({ url, workers, slots, where }: CrewSize): Promise<Crew> {
  const name = `bench-${where}-${workers}-${slots}`;
  const programs: Program[] = [];
  for (let each = 0; each < workers; each += 1) {
    const args = [name, url, `${slots}`, where];
    programs.push(await startProgram(new URL('./pullgraph-worker.mjs', import.meta.url), args));
  }
  const redis = new Redis(url);
  const scheduler = new Scheduler();
  const queue = scheduler.queue('bench', {
    executor: distributed(new URL('../thread-functions.mjs', import.meta.url), { connection: url, name }),
    concurrency: workers * slots,
  });
  scheduler.start();
  const cpu = async (): Promise<Spent> => {
    const { user, system } = process.cpuUsage();
    const times = await Promise.all(programs.map((program) => program.cpuUs()));
    return { scheduler: user + system, redis: await redisCpuUs(redis), workers: times.reduce((a, b) => a + b, 0) };
  };
  let last: Spent = { scheduler: 0, redis: 0, workers: 0 };
  return {
    run: (count) => runNothing(queue, count),
    async stream(count) {
      let sum = 0;
      for await (const value of queue.submit(functions.numbers, count)) sum += value;
      return sum;
    },
    async spent() {
      const before = last;
      last = await cpu();
      return {
        scheduler: last.scheduler - before.scheduler,
        redis: last.redis - before.redis,
        workers: last.workers - before.workers,
      };
    },
    async close() {
      await scheduler.close();
      for (const program of programs) await program.end();
      redis.disconnect();
    },
  };
}

async function runNothing(queue: Queue, count: number): Promise<number> {
  const handles: Handle<number>[] = [];
  for (let index = 0; index < count; index += 1) handles.push(queue.submit(functions.nothing, index));
  let sum = 0;
  for (const handle of handles) sum += await handle.result();
  return sum;
}

async function redisCpuUs(redis: Redis): Promise<number> {
  const info = await redis.info('cpu');
  const seconds = (field: string): number => Number(new RegExp(`^${field}:([\\d.]+)`, 'm').exec(info)?.[1]);
  return (seconds('used_cpu_user') + seconds('used_cpu_sys')) * 1e6;
}
