/** Which actor an event comes from, as inspectors are told it. */
import { expect, test } from 'vitest';
import type { AnyActorRef } from 'xstate';
import { Scheduler } from '../../src/index.js';
import { quiet } from '../support/event-loop.js';
import { ManualExecutor } from '../support/manual-executor.js';

const nothing = (): void => undefined;

test('a queue evicts, its scheduler asks it for room, and what its bound leads to comes from no actor', async () => {
  const sources: string[] = [];
  await using scheduler = new Scheduler({
    inspect(message) {
      if (message.type !== '@xstate.event') return;
      const from = (message.sourceRef as AnyActorRef | undefined)?.id ?? 'none';
      const { type, victims = [] } = message.event as { readonly type: string; readonly victims?: readonly string[] };
      if (/evict|bound|room/.test(type)) sources.push([type, ...victims, 'from', from].join(' '));
    },
  });
  const executor = new ManualExecutor();
  const queue = scheduler.queue('q', { concurrency: 1, preempt: true, bound: 1, executor });
  queue.submit({ id: 'low' }, nothing);
  scheduler.start();
  await quiet();
  queue.submit({ id: 'high', priority: 1 }, nothing);
  await quiet();
  executor.attemptAt('low').failed(new Error('evicted'));
  await quiet();
  executor.attemptAt('high').done(1);
  await quiet();
  executor.attemptAt('low').done(1);
  await scheduler.wait();
  expect(sources).toEqual([
    'bound.reached from none',
    'room.made from none',
    'bound.reached from none',
    'room.requested low from scheduler',
    'evict.requested from q',
    'room.made from none',
  ]);
});
