/**
 * Draws all tasks as points into pixels: a square each, in the colour of its state, and from six pixels on in the shape of it, so that
 * the states can be told apart without colours.
 */
import { STATES } from '../../../src/inspect/protocol/frames.js';
import { stateAt } from '../model/counts.js';
import type { Rows } from '../model/rows.js';
import type { TaskBlocks } from '../model/task-blocks.js';
import { mixed, pixelOf, STATE_COLOURS } from './palette.js';

export interface PointsPicture {
  readonly pixels: Uint32Array;
  readonly width: number;
  readonly height: number;
  readonly rows: Rows;
  /** In CSS pixels. */
  readonly layout: TaskBlocks;
  readonly ratio: number;
  readonly ground: number;
  readonly at: number;
  /** The state that stands out; undefined for all. */
  readonly only: number | undefined;
}

/** Squares of fewer pixels have no shape. */
const LEAST_SHAPE = 6;

export function drawPoints(picture: PointsPicture): void {
  const { pixels, width, height, rows, layout, ratio, ground, at, only } = picture;
  pixels.fill(ground);
  const step = Math.floor(layout.cell * ratio);
  const side = step > 3 ? step - 2 : Math.max(1, step - (step > 2 ? 1 : 0));
  const colours = STATES.map((state, index) => {
    const colour = pixelOf(STATE_COLOURS[state]);
    return only === undefined || only === index ? colour : mixed(colour, ground, 46);
  });
  const shapes = STATES.map((_, state) => shapeOf(state, side));
  for (const { top, places } of layout.blocks) {
    for (let index = 0; index < places.length; index += 1) {
      const state = stateAt(rows, places[index] ?? 0, at);
      const left = (index % layout.columns) * step;
      const y = Math.round(top * ratio) + Math.floor(index / layout.columns) * step;
      if (y >= height || left + side > width) continue;
      const [colour, shape] = [colours[state] ?? ground, shapes[state]];
      for (let line = 0; line < side && y + line < height; line += 1) {
        const row = (y + line) * width + left;
        for (let column = 0; column < side; column += 1)
          if (shape?.[line * side + column] === 1) pixels[row + column] = colour;
      }
    }
  }
}

/** 1 where the shape of a state covers a square of `side` pixels. */
function shapeOf(state: number, side: number): Uint8Array {
  const shape = new Uint8Array(side * side).fill(1);
  if (side < LEAST_SHAPE) return shape;
  const last = side - 1;
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) shape[y * side + x] = covers(STATES[state], x, y, last) ? 1 : 0;
  }
  return shape;
}

function covers(state: (typeof STATES)[number] | undefined, x: number, y: number, last: number): boolean {
  const isRim = x === 0 || y === 0 || x === last || y === last;
  const isTriangle = x <= 2 * Math.min(y, last - y);
  switch (state) {
    case 'pending':
      return isRim;
    case 'ready':
      return isTriangle && (x === 0 || x >= 2 * Math.min(y, last - y) - 2);
    case 'running':
      return isTriangle;
    case 'partial':
      return isRim || x <= last / 2;
    case 'failed':
      // A triangle that stands.
      return Math.abs(2 * x - last) <= y + 1;
    case 'cancelled':
      return Math.abs(x - y) <= 1 || Math.abs(x + y - last) <= 1;
    case 'done':
    case undefined:
      return true;
  }
}
