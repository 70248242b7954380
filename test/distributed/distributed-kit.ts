/** What tests of distributed attempts share: a Redis, schedulers, and workers in processes of their own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { Scheduler, type Queue, type QueueOptions, type SchedulerOptions } from 'pullgraph';
import { distributed, type DistributedOptions } from 'pullgraph/distributed';
import { startLine } from './cut-line.js';
import { redisServer, type RedisServer } from './redis-server.js';

export const MODULE = new URL('./fixtures/jobs.js', import.meta.url);

/** Short, so that what is noticed by silence is noticed soon; nothing that is tested depends on it. */
export const BEATS = { beatMs: 100 };

const WORKER = fileURLToPath(new URL('./fixtures/worker.js', import.meta.url));

/** A worker in a process of its own. */
export interface WorkerProcess {
  readonly child: ChildProcess;
  readonly id: string;
  readonly ended: Promise<unknown>;
}

/** A Redis of its own for one test. */
export async function aRedis(options: readonly string[] = []): Promise<RedisServer> {
  const redis = await redisServer(options, true);
  onTestFinished(() => redis.close());
  return redis;
}

/** Starts a worker and waits until it takes attempts; it is killed when the test has ended. */
export async function aWorker(redis: RedisServer, options: object = {}): Promise<WorkerProcess> {
  const all = { connection: redis.url, prefix: redis.prefix, slots: 2, expireMs: 3_000, ...BEATS, ...options };
  const child = spawn(process.execPath, [WORKER, MODULE.href, JSON.stringify(all)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const [first] = await Promise.race([once(child.stdout, 'data'), ended.then(() => [''])]);
  return { child, id: String(first).trim(), ended };
}

/** A way to Redis that can be cut: nothing passes then, and no connection is closed. */
export async function aCable(redis: RedisServer): Promise<{ readonly url: string; cut(): void; join(): void }> {
  const line = await startLine(Number(new URL(redis.url).port));
  onTestFinished(() => line.end());
  return { url: `redis://127.0.0.1:${line.port}`, cut: line.cut, join: line.join };
}

/** A scheduler that runs, with one queue on Redis. */
export function aQueue(
  redis: RedisServer,
  options: QueueOptions = {},
  own: Partial<DistributedOptions> = {},
  ofScheduler: SchedulerOptions = {},
): { readonly scheduler: Scheduler; readonly queue: Queue } {
  const scheduler = new Scheduler(ofScheduler);
  const executor = distributed(MODULE, { connection: redis.url, prefix: redis.prefix, ...BEATS, ...own });
  const queue = scheduler.queue('q', { executor, concurrency: 'workers', ...options });
  onTestFinished(() => scheduler.terminate());
  scheduler.start();
  return { scheduler, queue };
}

/** Resolves when `holds` does, which is asked again and again. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) {
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}

/** The lines of a file; none if it is not there. */
export function linesOf(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
}
