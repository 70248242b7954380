/** The frames of rows, made from the columns of a recording. */
import { encodeFrame } from '../protocol/frames.js';
import type { Recording } from '../recorder/recording.js';
import { ADDED, CHUNK_MASK, FREED, MOVED, type RowChunk, valueAt } from '../recorder/row-store.js';

/** Rows of one frame. @internal */
export const FRAME_ROWS = 16_384;

/** A frame on its way. @internal */
export type FrameBytes = Uint8Array<ArrayBuffer>;

/** The frames of changed rows, at most `FRAME_ROWS` of them, in the order in which they have to be sent. @internal */
export function framesOf(
  recording: Recording,
  at: number,
  places: readonly number[],
  news: readonly number[],
): FrameBytes[] {
  const withBit = (bit: number): readonly number[] => places.filter((_, index) => ((news[index] ?? 0) & bit) !== 0);
  const frames: FrameBytes[] = [];
  const added = withBit(ADDED);
  const moved = withBit(MOVED);
  const freed = withBit(FREED);
  if (added.length > 0) frames.push(addedFrame(recording, at, added));
  if (moved.length > 0) frames.push(movedFrame(recording, at, moved));
  if (freed.length > 0) {
    frames.push(
      encodeFrame('freed', at, freed.length, { place: freed, at: column(recording, freed, (row) => row.freed) }),
    );
  }
  return frames;
}

/** All that there is to tell of a row to somebody who knows nothing of it. @internal */
export function newsOf(recording: Recording, place: number): number {
  const chunk = recording.rows.chunkOf(place);
  const index = place & CHUNK_MASK;
  const end = valueAt(chunk.end, index);
  const isFreedLater = end !== 0 && valueAt(chunk.freed, index) > end;
  return ADDED | (chunk.state[index] === 0 ? 0 : MOVED) | (isFreedLater ? FREED : 0);
}

function addedFrame(recording: Recording, at: number, places: readonly number[]): FrameBytes {
  const { books, edges } = recording;
  const uses = column(recording, places, (row) => row.use);
  const tail: number[] = [];
  for (const place of places) for (const dependency of edges.of(place)) tail.push(dependency);
  const columns = {
    place: places,
    task: column(recording, places, (row) => row.task),
    submitted: column(recording, places, (row) => row.submitted),
    queue: uses.map((use) => books.uses[use]?.book.index ?? 0),
    fn: uses.map((use) => books.uses[use]?.fn ?? 0),
    edges: column(recording, places, (row) => row.edges),
  };
  return encodeFrame('added', at, places.length, columns, tail);
}

function movedFrame(recording: Recording, at: number, places: readonly number[]): FrameBytes {
  const columns = {
    place: places,
    ready: column(recording, places, (row) => row.ready),
    start: column(recording, places, (row) => row.start),
    end: column(recording, places, (row) => row.end),
    lane: column(recording, places, (row) => row.lane),
    attempt: column(recording, places, (row) => row.attempt),
    state: column(recording, places, (row) => row.state),
  };
  return encodeFrame('moved', at, places.length, columns);
}

function column(
  { rows }: Recording,
  places: readonly number[],
  of: (chunk: RowChunk) => ArrayLike<number>,
): readonly number[] {
  return places.map((place) => valueAt(of(rows.chunkOf(place)), place & CHUNK_MASK));
}
