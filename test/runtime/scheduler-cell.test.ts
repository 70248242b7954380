/** The cell of the scheduler's statechart: what its watcher is told, and for what it asks nothing. */
import { expect, test } from 'vitest';
import { Scheduler } from '../../src/index.js';
import { quiet } from '../support/event-loop.js';

test('a watcher is told of each event that the scheduler receives, and whether it led to a step', async () => {
  const scheduler = new Scheduler();
  const { cell } = scheduler._engine;
  const told: (readonly [string, boolean, string | undefined, string])[] = [];
  cell.watcher = ({ type }, isTaken, from) => void told.push([type, isTaken, from, scheduler.state]);
  await scheduler.stop();
  scheduler.start();
  await quiet();
  scheduler.start();
  cell.watcher = undefined;
  await scheduler.stop();
  expect(scheduler.state).toBe('stopped');
  expect(told).toEqual([
    ['stop.requested', false, undefined, 'stopped'],
    ['start.requested', true, undefined, 'busy'],
    ['selection.ended', true, undefined, 'idle'],
    ['start.requested', false, undefined, 'idle'],
  ]);
});

test('what changes while the scheduler is stopped asks for no selection', async () => {
  const scheduler = new Scheduler();
  scheduler.queue('q').submit(() => 1);
  await quiet();
  const { messages } = scheduler._counts;
  scheduler._engine.cell.changed();
  await quiet();
  expect(scheduler._counts['messages']).toBe(messages);
});
