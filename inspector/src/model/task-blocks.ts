/** All tasks as points: a block per function and queue, in it a square per task in the order of submission. */
import { ABSENT, stateAt } from './counts.js';
import { groupKey } from './run-times.js';
import type { Rows } from './rows.js';

/** CSS pixels. */
export const BLOCK_HEAD = 24;
const BLOCK_GAP = 10;
const MOST_CELL = 16;
const LEAST_CELL = 2;

export interface TaskBlock {
  readonly queue: number;
  readonly fn: number;
  /** Of the first square. */
  readonly top: number;
  readonly places: Uint32Array;
}

export interface TaskBlocks {
  readonly blocks: readonly TaskBlock[];
  /** The side of a square with the gap beside it. */
  readonly cell: number;
  readonly columns: number;
  readonly height: number;
}

/** Squares as large as the room allows, and never smaller than can be seen: then it is higher than the room. */
export function layoutBlocks(rows: Rows, at: number, width: number, room: number): TaskBlocks {
  const groups = new Map<number, { queue: number; fn: number; places: number[] }>();
  for (let place = 0; place < rows.count; place += 1) {
    if (stateAt(rows, place, at) === ABSENT) continue;
    const [queue, fn] = [rows.queue[place] ?? 0, rows.fn[place] ?? 0];
    const key = groupKey(queue, fn);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { queue, fn, places: [place] });
    else group.places.push(place);
  }
  let cell = MOST_CELL;
  while (cell > LEAST_CELL && heightOf(groups.values(), width, cell) > room) cell -= 1;
  const columns = Math.max(1, Math.floor(width / cell));
  let top = 0;
  const blocks = [...groups.values()].map(({ queue, fn, places }): TaskBlock => {
    const block = { queue, fn, top: top + BLOCK_HEAD, places: Uint32Array.from(places) };
    top = block.top + Math.ceil(places.length / columns) * cell + BLOCK_GAP;
    return block;
  });
  return { blocks, cell, columns, height: top };
}

function heightOf(groups: Iterable<{ readonly places: readonly number[] }>, width: number, cell: number): number {
  const columns = Math.max(1, Math.floor(width / cell));
  let height = 0;
  for (const { places } of groups) height += BLOCK_HEAD + Math.ceil(places.length / columns) * cell + BLOCK_GAP;
  return height;
}

/** The place of the task whose square is at a point; undefined for none. */
export function placeAt({ blocks, cell, columns }: TaskBlocks, x: number, y: number): number | undefined {
  const column = Math.floor(x / cell);
  if (column < 0 || column >= columns) return undefined;
  for (const { top, places } of blocks) {
    const line = Math.floor((y - top) / cell);
    if (line >= 0 && line * columns + column < places.length && y >= top) return places[line * columns + column];
  }
  return undefined;
}

/** The middle of each task's square, by place. */
export function centreOf({ blocks, cell, columns }: TaskBlocks, place: number): { x: number; y: number } | undefined {
  for (const { top, places } of blocks) {
    const index = indexIn(places, place);
    if (index >= 0) return { x: ((index % columns) + 0.5) * cell, y: top + (Math.floor(index / columns) + 0.5) * cell };
  }
  return undefined;
}

/** Places within a block rise: found by halving. */
function indexIn(places: Uint32Array, wanted: number): number {
  let [low, high] = [0, places.length - 1];
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const place = places[middle] ?? 0;
    if (place === wanted) return middle;
    if (place < wanted) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
