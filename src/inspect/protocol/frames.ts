/**
 * The binary frames that the inspector sends to a page: columns of numbers, so that neither side makes an object per task.
 *
 * A frame is little-endian: a head of 16 bytes (kind u8, version u8, two bytes of zero, the number of rows u32, the time at which
 * it was made u32, the number of tail values u32), then each column whole, those of 4 bytes first, then 2, then 1, then zeros up
 * to a multiple of 4, then the tail (u32). Nothing here touches Node: the page decodes with the same code.
 *
 * Invariant: times are tenths of a millisecond since the recording began, plus 1, so that 0 means "has not happened"; they
 * reach 119 hours. What happened before the recording began bears the time 1.
 */

/** The version of the protocol, frames and messages together. @internal */
export const INSPECT_VERSION = 1;

/** A row without a lane: it has not started. @internal */
export const NO_LANE = 0xffff;

/** The states of a task in the order of their numbers in frames. @internal */
export const STATES = ['pending', 'ready', 'running', 'partial', 'done', 'failed', 'cancelled'] as const;

/** Their numbers. @internal */
export const STATE = { pending: 0, ready: 1, running: 2, partial: 3, done: 4, failed: 5, cancelled: 6 } as const;

const WIDTHS = { u32: 4, u16: 2, u8: 1 } as const;
const ARRAYS = { u32: Uint32Array, u16: Uint16Array, u8: Uint8Array } as const;
type Width = keyof typeof WIDTHS;

/**
 * The columns of each kind of frame, widest first.
 *
 * - `added`: rows that are new, or whose place was given to another row. A row is one attempt of a task; the first is there from the
 *   submission on. `task` is the task's number in submission order, from 1; `edges` counts the row's dependencies (only its first
 *   row has them, at most 65,535 are told), whose task numbers stand in the tail, row after row.
 * - `moved`: rows that have changed, each at most once, with all that may change.
 * - `partials`: partial results, in the order in which they came.
 * - `freed`: rows whose slot came back later than their end: held, or an attempt that was dropped and went on.
 */
const COLUMNS = {
  added: [
    ['place', 'u32'],
    ['task', 'u32'],
    ['submitted', 'u32'],
    ['queue', 'u16'],
    ['fn', 'u16'],
    ['edges', 'u16'],
  ],
  moved: [
    ['place', 'u32'],
    ['ready', 'u32'],
    ['start', 'u32'],
    ['end', 'u32'],
    ['lane', 'u16'],
    ['attempt', 'u8'],
    ['state', 'u8'],
  ],
  partials: [
    ['place', 'u32'],
    ['at', 'u32'],
  ],
  freed: [
    ['place', 'u32'],
    ['at', 'u32'],
  ],
} as const satisfies Record<string, readonly (readonly [string, Width])[]>;

/** @internal */
export type FrameKind = keyof typeof COLUMNS;

/** A column of a frame: a view of its buffer. @internal */
export type FrameColumn = Uint32Array | Uint16Array | Uint8Array;

/** A frame: its columns by name, all of the same length. @internal */
export interface Frame {
  readonly kind: FrameKind;
  readonly count: number;
  readonly at: number;
  readonly columns: Readonly<Record<string, FrameColumn>>;
  readonly tail: Uint32Array;
}

/** A frame to be filled, and its bytes. @internal */
export interface BlankFrame extends Frame {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const KINDS: readonly FrameKind[] = ['added', 'moved', 'partials', 'freed'];
const HEAD_BYTES = 16;

function bytesOf(kind: FrameKind, count: number, tail: number): number {
  const row = COLUMNS[kind].reduce((sum, [, width]) => sum + WIDTHS[width], 0);
  return HEAD_BYTES + Math.ceil((row * count) / 4) * 4 + tail * 4;
}

/** The columns and the tail of a frame with that head. */
function viewsOf(buffer: ArrayBuffer, kind: FrameKind, count: number, tail: number): Pick<Frame, 'columns' | 'tail'> {
  const columns: Record<string, FrameColumn> = {};
  let offset = HEAD_BYTES;
  for (const [name, width] of COLUMNS[kind]) {
    columns[name] = new ARRAYS[width](buffer, offset, count);
    offset += WIDTHS[width] * count;
  }
  return { columns, tail: new Uint32Array(buffer, buffer.byteLength - tail * 4) };
}

/** Makes a frame of zeros, with `count` rows and `tail` values at the end. @internal */
export function blankFrame(kind: FrameKind, at: number, count: number, tail = 0): BlankFrame {
  const bytes = new Uint8Array(bytesOf(kind, count, tail));
  const head = new DataView(bytes.buffer);
  head.setUint8(0, KINDS.indexOf(kind));
  head.setUint8(1, INSPECT_VERSION);
  head.setUint32(4, count, true);
  head.setUint32(8, at, true);
  head.setUint32(12, tail, true);
  return { bytes, kind, count, at, ...viewsOf(bytes.buffer, kind, count, tail) };
}

/** Makes a frame of columns of `count` values. Values beyond a column's width must have been cut by the caller. @internal */
export function encodeFrame(
  kind: FrameKind,
  at: number,
  count: number,
  values: Readonly<Record<string, ArrayLike<number>>>,
  tail: ArrayLike<number> = [],
): Uint8Array<ArrayBuffer> {
  const frame = blankFrame(kind, at, count, tail.length);
  for (const [name, column] of Object.entries(frame.columns)) column.set(values[name] ?? []);
  frame.tail.set(tail);
  return frame.bytes;
}

/** Reads a frame; its columns are views of `buffer`. Undefined for what is no frame of this version. @internal */
export function decodeFrame(buffer: ArrayBuffer): Frame | undefined {
  if (buffer.byteLength < HEAD_BYTES) return undefined;
  const head = new DataView(buffer);
  const kind = KINDS[head.getUint8(0)];
  const count = head.getUint32(4, true);
  const tail = head.getUint32(12, true);
  if (kind === undefined || head.getUint8(1) !== INSPECT_VERSION) return undefined;
  if (buffer.byteLength !== bytesOf(kind, count, tail)) return undefined;
  return { kind, count, at: head.getUint32(8, true), ...viewsOf(buffer, kind, count, tail) };
}

/** A column of a frame. @throws Error for one that frames of its kind do not have. @internal */
export function columnOf({ kind, columns }: Frame, name: string): FrameColumn {
  const column = columns[name];
  if (column === undefined) throw new Error(`expected a column ${name} in a frame of kind ${kind}`);
  return column;
}
