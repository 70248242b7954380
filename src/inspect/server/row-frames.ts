/** The frames of rows, made from the columns of a recording. */
import { elementAt } from '../../core/element-at.js';
import { encodeFrame } from '../protocol/frames.js';
import type { Recording } from '../recorder/recording.js';
import { ADDED, FIELD, FREED, MOVED, valueAt } from '../recorder/row-store.js';

/** Rows of one frame. @internal */
export const FRAME_ROWS = 16_384;

/** A frame on its way. @internal */
export type FrameBytes = Uint8Array<ArrayBuffer>;

/** The columns of the frame that is being made: used again for each, so that frames leave no garbage but themselves. */
const scratch = {
  place: new Uint32Array(FRAME_ROWS),
  task: new Uint32Array(FRAME_ROWS),
  submitted: new Uint32Array(FRAME_ROWS),
  queue: new Uint32Array(FRAME_ROWS),
  fn: new Uint32Array(FRAME_ROWS),
  edges: new Uint32Array(FRAME_ROWS),
  ready: new Uint32Array(FRAME_ROWS),
  start: new Uint32Array(FRAME_ROWS),
  end: new Uint32Array(FRAME_ROWS),
  lane: new Uint32Array(FRAME_ROWS),
  attempt: new Uint32Array(FRAME_ROWS),
  state: new Uint32Array(FRAME_ROWS),
  at: new Uint32Array(FRAME_ROWS),
};

/** The frames of changed rows, at most `FRAME_ROWS` of them, in the order in which they have to be sent. @internal */
export function framesOf(
  recording: Recording,
  at: number,
  places: ArrayLike<number>,
  news: ArrayLike<number>,
): FrameBytes[] {
  const frames: FrameBytes[] = [];
  for (const [bit, make] of MAKERS) {
    let count = 0;
    for (let index = 0; index < places.length; index += 1) {
      if ((valueAt(news, index) & bit) === 0) continue;
      scratch.place[count] = valueAt(places, index);
      count += 1;
    }
    if (count > 0) frames.push(make(recording, at, count));
  }
  return frames;
}

/** All that there is to tell of a row to somebody who knows nothing of it. @internal */
export function newsOf({ rows }: Recording, place: number): number {
  const end = rows.get(place, FIELD.end);
  const isFreedLater = end !== 0 && rows.get(place, FIELD.freed) > end;
  return ADDED | (rows.get(place, FIELD.state) === 0 ? 0 : MOVED) | (isFreedLater ? FREED : 0);
}

/** Makes the frame of the first `count` places of `scratch`. */
type Maker = (recording: Recording, at: number, count: number) => FrameBytes;

function addedFrame({ books, edges, rows }: Recording, at: number, count: number): FrameBytes {
  const { place: places, task, submitted, queue, fn, edges: edgeCounts } = scratch;
  let total = 0;
  for (let row = 0; row < count; row += 1) {
    const place = valueAt(places, row);
    const use = elementAt(books.uses, rows.get(place, FIELD.use));
    task[row] = rows.get(place, FIELD.task);
    submitted[row] = rows.get(place, FIELD.submitted);
    queue[row] = use.book.index;
    fn[row] = use.fn;
    edgeCounts[row] = rows.get(place, FIELD.edges);
    total += valueAt(edgeCounts, row);
  }
  const tail = new Uint32Array(total);
  let length = 0;
  for (let row = 0; row < count; row += 1) {
    edges.copyTo(tail, length, valueAt(places, row));
    length += valueAt(edgeCounts, row);
  }
  return encodeFrame('added', at, count, scratch, tail);
}

function movedFrame({ rows }: Recording, at: number, count: number): FrameBytes {
  const { place: places, ready, start, end, lane, attempt, state } = scratch;
  for (let row = 0; row < count; row += 1) {
    const place = valueAt(places, row);
    ready[row] = rows.get(place, FIELD.ready);
    start[row] = rows.get(place, FIELD.start);
    end[row] = rows.get(place, FIELD.end);
    lane[row] = rows.get(place, FIELD.lane);
    attempt[row] = rows.get(place, FIELD.attempt);
    state[row] = rows.get(place, FIELD.state);
  }
  return encodeFrame('moved', at, count, scratch);
}

function freedFrame({ rows }: Recording, at: number, count: number): FrameBytes {
  for (let row = 0; row < count; row += 1) {
    const place = valueAt(scratch.place, row);
    scratch.at[row] = rows.get(place, FIELD.freed);
  }
  return encodeFrame('freed', at, count, scratch);
}

const MAKERS: readonly (readonly [bit: number, make: Maker])[] = [
  [ADDED, addedFrame],
  [MOVED, movedFrame],
  [FREED, freedFrame],
];
