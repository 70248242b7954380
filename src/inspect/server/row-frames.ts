/** The frames of rows, made from the columns of a recording. */
import { elementAt } from '../../core/element-at.js';
import { blankFrame, columnOf, encodeFrame } from '../protocol/frames.js';
import type { Recording } from '../recorder/recording.js';
import { ADDED, BYTE, FIELD, FREED, HALF, MOVED, valueAt } from '../recorder/row-store.js';

/** Rows of one frame. @internal */
export const FRAME_ROWS = 16_384;

/** A frame on its way. @internal */
export type FrameBytes = Uint8Array<ArrayBuffer>;

/** The rows of the frame that is being made. */
const chosen = new Uint32Array(FRAME_ROWS);

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
      chosen[count] = valueAt(places, index);
      count += 1;
    }
    if (count > 0) frames.push(make(recording, at, chosen.subarray(0, count)));
  }
  return frames;
}

/** All that there is to tell of a row to somebody who knows nothing of it. @internal */
export function newsOf({ rows }: Recording, place: number): number {
  const end = rows.get(place, FIELD.end);
  const isFreedLater = end !== 0 && rows.get(place, FIELD.freed) > end;
  return ADDED | (rows.byte(place, BYTE.state) === 0 ? 0 : MOVED) | (isFreedLater ? FREED : 0);
}

/** Makes the frame of rows. */
type Maker = (recording: Recording, at: number, places: Uint32Array) => FrameBytes;

function addedFrame({ books, edges, rows }: Recording, at: number, places: Uint32Array): FrameBytes {
  let total = 0;
  for (const place of places) total += rows.half(place, HALF.edges);
  const frame = blankFrame('added', at, places.length, total);
  const task = columnOf(frame, 'task');
  const submitted = columnOf(frame, 'submitted');
  const queue = columnOf(frame, 'queue');
  const fn = columnOf(frame, 'fn');
  const edgeCounts = columnOf(frame, 'edges');
  columnOf(frame, 'place').set(places);
  let row = 0;
  let length = 0;
  for (const place of places) {
    const use = elementAt(books.uses, rows.half(place, HALF.use));
    const count = rows.half(place, HALF.edges);
    task[row] = rows.get(place, FIELD.task);
    submitted[row] = rows.get(place, FIELD.submitted);
    queue[row] = use.book.index;
    fn[row] = use.fn;
    edgeCounts[row] = count;
    edges.copyTo(frame.tail, length, place);
    length += count;
    row += 1;
  }
  return frame.bytes;
}

function movedFrame({ rows }: Recording, at: number, places: Uint32Array): FrameBytes {
  const frame = blankFrame('moved', at, places.length);
  const ready = columnOf(frame, 'ready');
  const start = columnOf(frame, 'start');
  const end = columnOf(frame, 'end');
  const lane = columnOf(frame, 'lane');
  const attempt = columnOf(frame, 'attempt');
  const state = columnOf(frame, 'state');
  columnOf(frame, 'place').set(places);
  let row = 0;
  for (const place of places) {
    ready[row] = rows.get(place, FIELD.ready);
    start[row] = rows.get(place, FIELD.start);
    end[row] = rows.get(place, FIELD.end);
    lane[row] = rows.half(place, HALF.lane);
    attempt[row] = rows.byte(place, BYTE.attempt);
    state[row] = rows.byte(place, BYTE.state);
    row += 1;
  }
  return frame.bytes;
}

function freedFrame({ rows }: Recording, at: number, places: Uint32Array): FrameBytes {
  const freed = Array.from(places, (place) => rows.get(place, FIELD.freed));
  return encodeFrame('freed', at, places.length, { place: places, at: freed });
}

const MAKERS: readonly (readonly [bit: number, make: Maker])[] = [
  [ADDED, addedFrame],
  [MOVED, movedFrame],
  [FREED, freedFrame],
];
