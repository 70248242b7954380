/** The pool of edges: whatever grows, leaves and waits, each row has the edges that were noted for it. */
import * as fc from 'fast-check';
import { EdgePool } from '../../src/inspect/recorder/edge-pool.js';
import { RowStore } from '../../src/inspect/recorder/row-store.js';
import { property } from '../support/property.js';

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
