/** The pool of edges: whatever grows, leaves and waits, each row has the edges that were noted for it. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Scheduler } from '../../src/index.js';
import { EdgePool } from '../../src/inspect/recorder/edge-pool.js';
import { RowStore } from '../../src/inspect/recorder/row-store.js';
import { placeOf } from '../../src/inspect/recorder/task-index.js';
import { property } from '../support/property.js';
import { recorded } from './recorded.js';

const MOST_ROWS = 4;

/** Edges that are noted; `wait` of those noted before have no row yet then. */
const noted = fc.record({ edges: fc.nat({ max: 2_000 }), wait: fc.nat({ max: 3 }) });

property([fc.array(noted, { minLength: 20, maxLength: 60 })])('for any tasks, each row has its own edges', (tasks) => {
  const rows = new RowStore(MOST_ROWS, (place) => pool.drop(place));
  const pool: EdgePool = new EdgePool(rows);
  const waiting: number[][] = [];
  const live: { readonly place: number; readonly edges: readonly number[] }[] = [];
  let edge = 0;
  const giveOne = (): void => {
    const edges = waiting.shift() ?? [];
    if (live.length === MOST_ROWS) rows.retire(live.shift()?.place ?? -1);
    const place = rows.allocate();
    if (edges.length > 0) pool.give(place, edges.length);
    live.push({ place, edges });
  };
  for (const { edges, wait } of tasks) {
    const own = Array.from({ length: edges }, () => (edge += 1));
    if (pool.append(own.map((seq) => ({ seq }))) !== edges) return false;
    waiting.push(own);
    while (waiting.length > wait) giveOne();
    for (const row of live) if (String(pool.of(row.place)) !== String(row.edges)) return false;
  }
  return true;
});

test('keeps the edges of the rows that are there while others make room', async () => {
  const scheduler = new Scheduler();
  const recorder = await recorded(scheduler, 600);
  const queue = scheduler.queue('work', { concurrency: 4 });
  scheduler.start();
  for (let round = 0; round < 60; round += 1) {
    const roots = Array.from({ length: 10 }, (_, root) => queue.submit(() => root));
    const sums = Array.from({ length: 30 }, () => queue.submit({ after: roots }, () => 0));
    await scheduler.wait();
    expect(sums.every(({ state }) => state === 'done')).toBe(true);
  }
  const { edges, index } = recorder.recording;
  const last = 60 * 40;
  expect([...edges.of(placeOf(index.get(last)))]).toEqual(Array.from({ length: 10 }, (_, root) => last - 39 + root));
  expect([...edges.of(placeOf(index.get(last - 400)))]).toHaveLength(10);
  await scheduler.close();
});
