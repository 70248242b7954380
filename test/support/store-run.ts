/** One run of a program over a store, with what it has run and found. */
import { onTestFinished } from 'vitest';
import type { Store } from '../../src/core/store-port.js';
import {
  type Queue,
  type QueueOptions,
  Scheduler,
  type SchedulerOptions,
  type SchedulerOrder,
} from '../../src/index.js';

export interface Run {
  readonly scheduler: Scheduler;
  readonly queue: Queue;
  /** Ids of the tasks that were started, in order. */
  readonly ran: string[];
  readonly restored: string[];
}

/** One run of a program over the store. */
export function run(
  store: Store,
  options: QueueOptions & Omit<SchedulerOptions, 'store' | 'order'> = {},
  order: SchedulerOrder = 'newest',
): Run {
  const { durability, onStoreError, ...ofQueue } = options;
  const scheduler = new Scheduler({
    store,
    order,
    ...(durability === undefined ? {} : { durability }),
    ...(onStoreError === undefined ? {} : { onStoreError }),
  });
  onTestFinished(() => scheduler.terminate());
  const ran: string[] = [];
  const restored: string[] = [];
  scheduler.on('task', ({ id, state }) => void (state === 'running' && ran.push(id)));
  scheduler.on('restored', ({ id, key }) => void restored.push(`${id}=${key}`));
  return { scheduler, queue: scheduler.queue('q', { concurrency: 1, ...ofQueue }), ran, restored };
}

/** Runs what was submitted, and closes. */
export async function toItsEnd({ scheduler }: Run): Promise<void> {
  scheduler.start();
  await scheduler.wait();
  await scheduler.close();
}
