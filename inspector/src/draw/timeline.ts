/**
 * Draws the timeline into pixels: every attempt that can be seen as a bar in its lane, straight into memory, so that 100,000 of
 * them take a few milliseconds without a graphics card.
 *
 * What a bar tells without its colour: failed and cancelled attempts are striped, a held slot is a thin line after the bar, partial
 * results are ticks in it, and what runs has no end.
 */
import { NO_LANE } from '../../../src/inspect/protocol/frames.js';
import type { TimeScale } from '../model/time-scale.js';
import { FAILED, type Rows } from '../model/rows.js';
import { mixed } from './palette.js';

export interface TimelinePicture {
  readonly pixels: Uint32Array;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  readonly rows: Rows;
  readonly scale: TimeScale;
  /** The position on the axis at the left edge, and how much of the axis is in one pixel. */
  readonly axisFrom: number;
  readonly axisPerPixel: number;
  /** By queue: the top of its first lane; undefined for one without lanes. */
  readonly laneTops: readonly (number | undefined)[];
  readonly laneHeight: number;
  /** By function. */
  readonly colours: Uint32Array;
  readonly ground: number;
  readonly ink: number;
  readonly shade: number;
  /** Spans in which the scheduler was stopped. */
  readonly stops: readonly { readonly from: number; readonly until: number }[];
  /** Nothing later is drawn. */
  readonly at: number;
  /** 1 for the places that stand out; undefined for all. */
  readonly isLit: Uint8Array | undefined;
}

/** Bars of at least so many pixels are returned, to be labelled. */
const LABEL_WIDTH = 34;
const MOST_LABELS = 500;

export interface Label {
  readonly place: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** Draws all of it, and returns the bars that have room for a label. */
export function drawTimeline(picture: TimelinePicture): Label[] {
  const { pixels, ground } = picture;
  pixels.fill(ground);
  drawStops(picture);
  drawGaps(picture);
  const labels = drawBars(picture);
  if (picture.laneHeight >= 5) drawPartials(picture);
  return labels;
}

/** Light stripes over the whole height while the scheduler was stopped. */
function drawStops(picture: TimelinePicture): void {
  for (const { from, until } of picture.stops) {
    const [left, right] = [xOf(picture, from), xOf(picture, Math.min(until, picture.at))];
    fillStriped(picture, left, right, picture.shade, 8, 4);
  }
}

/** A dense pattern where time is left out. */
function drawGaps(picture: TimelinePicture): void {
  for (const { from, until } of picture.scale.gaps) {
    fillStriped(picture, xOf(picture, from), xOf(picture, until), picture.shade, 4, 2);
  }
}

function fillStriped(
  picture: TimelinePicture,
  left: number,
  right: number,
  colour: number,
  period: number,
  on: number,
): void {
  const { pixels, width, height } = picture;
  const [first, last] = [Math.max(0, left), Math.min(width, right)];
  for (let y = 0; y < height; y += 1) {
    for (let x = first; x < last; x += 1) if ((x + y) % period < on) pixels[y * width + x] = colour;
  }
}

function xOf({ scale, axisFrom, axisPerPixel }: TimelinePicture, time: number): number {
  return Math.round((scale.toAxis(time) - axisFrom) / axisPerPixel);
}

function drawBars(picture: TimelinePicture): Label[] {
  const { rows, width, height, laneHeight, laneTops, at } = picture;
  const labels: Label[] = [];
  // The last pixel column that is full, per lane: many bars within one pixel are drawn once.
  const full = new Map<number, number>();
  for (let place = 0; place < rows.count; place += 1) {
    const start = rows.start[place] ?? 0;
    const lane = rows.lane[place] ?? NO_LANE;
    if (start === 0 || start > at || lane === NO_LANE) continue;
    const queue = rows.queue[place] ?? 0;
    const y = (laneTops[queue] ?? height) + lane * laneHeight;
    if (y >= height || y + laneHeight <= 0) continue;
    const x = xOf(picture, start);
    if (x >= width) continue;
    const end = rows.end[place] ?? 0;
    const isOver = end !== 0 && end <= at;
    const right = Math.max(x + 1, xOf(picture, isOver ? end : at));
    const freed = rows.freed[place] ?? 0;
    if (freed > end && isOver) drawHold(picture, place, right, xOf(picture, Math.min(freed, at)), y);
    if (right <= 0) continue;
    const isMarked = isOver && (rows.state[place] ?? 0) >= FAILED;
    const key = queue * 65_536 + lane;
    if (right - x === 1 && !isMarked && picture.isLit === undefined) {
      if (full.get(key) === x) continue;
      full.set(key, x);
    }
    drawBar(picture, { place, x, right, y, isMarked });
    if (right - x >= LABEL_WIDTH && labels.length < MOST_LABELS) labels.push({ place, x, y, width: right - x });
  }
  return labels;
}

function colourOf({ rows, colours, isLit, ground }: TimelinePicture, place: number): number {
  const colour = colours[(rows.fn[place] ?? 0) % colours.length] ?? 0;
  return isLit === undefined || isLit[place] === 1 ? colour : mixed(colour, ground, 50);
}

interface Bar {
  readonly place: number;
  readonly x: number;
  readonly right: number;
  readonly y: number;
  readonly isMarked: boolean;
}

function drawBar(picture: TimelinePicture, { place, x, right, y, isMarked }: Bar): void {
  const { pixels, width, height, laneHeight, ink } = picture;
  const colour = colourOf(picture, place);
  const stripe = isMarked ? mixed(ink, colour, 200) : colour;
  // A column stays free between neighbours that are wide enough.
  const last = Math.min(width, right - x > 3 ? right - 1 : right);
  const first = Math.max(0, x);
  const bottom = Math.min(height, y + laneHeight - 1);
  for (let line = Math.max(0, y); line < bottom; line += 1) {
    const row = line * width;
    for (let column = first; column < last; column += 1)
      pixels[row + column] = (column + line) % 6 < 2 ? stripe : colour;
  }
}

/** The slot that is held after the end: a thin line in the middle of the lane. */
function drawHold(picture: TimelinePicture, place: number, from: number, until: number, y: number): void {
  const { pixels, width, height, laneHeight } = picture;
  const colour = mixed(colourOf(picture, place), picture.ground, 150);
  const thickness = Math.max(1, laneHeight >> 2);
  const top = y + ((laneHeight - thickness) >> 1);
  for (let line = Math.max(0, top); line < Math.min(height, top + thickness); line += 1) {
    for (let column = Math.max(0, from); column < Math.min(width, until); column += 1)
      pixels[line * width + column] = colour;
  }
}

/** A tick in the lower half of the bar for each partial result. */
function drawPartials(picture: TimelinePicture): void {
  const { rows, pixels, width, height, laneHeight, laneTops, at, ground } = picture;
  const { values: places, count } = rows.partialPlaces;
  const times = rows.partialTimes.values;
  for (let i = 0; i < count; i += 1) {
    const time = times[i] ?? 0;
    const place = places[i] ?? 0;
    const start = rows.start[place] ?? 0;
    if (time > at || start === 0 || time < start) continue;
    const x = xOf(picture, time);
    const y = (laneTops[rows.queue[place] ?? 0] ?? height) + (rows.lane[place] ?? 0) * laneHeight;
    if (x < 0 || x >= width || y >= height || y < -laneHeight) continue;
    // No tick on a bar that is hardly wider than ticks are.
    if (xOf(picture, rows.end[place] ?? at) - xOf(picture, start) < 8 && (rows.end[place] ?? 0) !== 0) continue;
    const bottom = Math.min(height, y + laneHeight - 1);
    for (let line = Math.max(0, y + (laneHeight >> 1)); line < bottom; line += 1) pixels[line * width + x] = ground;
  }
}
