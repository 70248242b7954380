import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnOf, decodeFrame, encodeFrame, type Frame } from '../../src/inspect/protocol/frames.js';
import { property } from '../support/property.js';

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u8 = fc.integer({ min: 0, max: 0xff });

const MOVED = { place: u32, ready: u32, start: u32, end: u32, lane: u16, attempt: u8, state: u8 };
const ADDED = { place: u32, task: u32, submitted: u32, queue: u16, fn: u16, edges: u16 };

const columnsOf = (rows: readonly Record<string, number>[], names: readonly string[]): Record<string, number[]> =>
  Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name] ?? 0)]));

function decoded(bytes: Uint8Array<ArrayBuffer>): Frame {
  const frame = decodeFrame(bytes.buffer);
  if (frame === undefined) throw new Error('expected a frame');
  return frame;
}

property([fc.array(fc.record(MOVED)), u32])('for any rows, a frame has the columns that were encoded', (rows, at) => {
  const columns = columnsOf(rows, Object.keys(MOVED));
  const frame = decoded(encodeFrame('moved', at, rows.length, columns));
  expect([frame.kind, frame.at, frame.count]).toEqual(['moved', at, rows.length]);
  for (const name of Object.keys(MOVED)) expect(Array.from(columnOf(frame, name))).toEqual(columns[name]);
});

property([fc.array(fc.record(ADDED)), fc.array(u32)])('for any rows and tail, the tail comes back', (rows, tail) => {
  const columns = columnsOf(rows, Object.keys(ADDED));
  const frame = decoded(encodeFrame('added', 1, rows.length, columns, tail));
  expect(Array.from(frame.tail)).toEqual(tail);
  for (const name of Object.keys(ADDED)) expect(Array.from(columnOf(frame, name))).toEqual(columns[name]);
});

test('a frame that is cut, or of another kind or version, is none', () => {
  const whole = encodeFrame('partials', 1, 2, { place: [1, 2], at: [3, 4] });
  expect(decodeFrame(whole.buffer.slice(0, 20))).toBeUndefined();
  expect(decodeFrame(new ArrayBuffer(3))).toBeUndefined();
  for (const [at, value] of [
    [0, 9],
    [1, 2],
  ] as const) {
    const other = whole.slice();
    other[at] = value;
    expect(decodeFrame(other.buffer)).toBeUndefined();
  }
});
