/**
 * Makes a PNG of a screenshot smaller: at most 256 colours, as an index of one byte a pixel. Reads what Chromium writes: 8 bits a
 * channel, RGB or RGBA, not interlaced. The format is that of the PNG specification (W3C, third edition).
 */
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const MOST_COLOURS = 256;
/** The square of the distance from which on two colours both have a place. */
const LEAST_DISTANCE = 40;

interface Picture {
  readonly width: number;
  readonly height: number;
  /** 0xRRGGBB, line after line. */
  readonly colours: Uint32Array;
}

/** The same picture in at most 256 colours; every other becomes the nearest of them. */
export function toPalettePng(png: Buffer): Buffer {
  const { width, height, colours } = read(png);
  const palette = paletteOf(colours);
  const indexOf = new Map(palette.map((colour, index) => [colour, index]));
  const lines = Buffer.alloc((width + 1) * height);
  for (let i = 0; i < colours.length; i += 1) {
    const colour = colours[i] ?? 0;
    let index = indexOf.get(colour);
    if (index === undefined) indexOf.set(colour, (index = nearest(palette, colour)));
    lines[Math.floor(i / width) * (width + 1) + 1 + (i % width)] = index;
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  const table = Buffer.from(palette.flatMap((colour) => [colour >>> 16, (colour >>> 8) & 0xff, colour & 0xff]));
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', head),
    chunk('PLTE', table),
    chunk('IDAT', deflateSync(lines, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const whole = Buffer.alloc(data.length + 12);
  whole.writeUInt32BE(data.length, 0);
  typed.copy(whole, 4);
  whole.writeUInt32BE(crc32(typed), data.length + 8);
  return whole;
}

function read(png: Buffer): Picture {
  const [width, height, depth, type] = [png.readUInt32BE(16), png.readUInt32BE(20), png[24], png[25]];
  if (depth !== 8 || (type !== 2 && type !== 6)) throw new Error(`expected 8 bits of RGB or RGBA, got type ${type}`);
  const parts: Buffer[] = [];
  for (let at = SIGNATURE.length; at < png.length; at += png.readUInt32BE(at) + 12) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + length));
  }
  const channels = type === 2 ? 3 : 4;
  const bytes = unfiltered(inflateSync(Buffer.concat(parts)), width * channels, height, channels);
  const colours = Uint32Array.from({ length: width * height }, (_, i) => bytes.readUIntBE(i * channels, 3));
  return { width, height, colours };
}

/** Undoes the filter of each line (chapter 9 of the specification). */
function unfiltered(raw: Buffer, lineLength: number, height: number, channels: number): Buffer {
  const bytes = Buffer.alloc(lineLength * height);
  for (let line = 0; line < height; line += 1) {
    const filter = raw[line * (lineLength + 1)] ?? 0;
    for (let x = 0; x < lineLength; x += 1) {
      const at = line * lineLength + x;
      const left = x >= channels ? (bytes[at - channels] ?? 0) : 0;
      const up = line > 0 ? (bytes[at - lineLength] ?? 0) : 0;
      const corner = x >= channels && line > 0 ? (bytes[at - lineLength - channels] ?? 0) : 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter] ?? 0;
      bytes[at] = (raw[line * (lineLength + 1) + 1 + x] ?? 0) + guess;
    }
  }
  return bytes;
}

function paeth(left: number, up: number, corner: number): number {
  const [a, b, c] = [left, up, corner].map((value) => Math.abs(left + up - corner - value));
  if ((a ?? 0) <= (b ?? 0) && (a ?? 0) <= (c ?? 0)) return left;
  return (b ?? 0) <= (c ?? 0) ? up : corner;
}

/**
 * The most frequent colours, but none that can hardly be told from one that is there: or the shades of smoothed text would leave no room
 * for the colours of small things.
 */
function paletteOf(colours: Uint32Array): number[] {
  const counts = new Map<number, number>();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const palette: number[] = [];
  for (const [colour] of [...counts].toSorted(([, a], [, b]) => b - a)) {
    if (palette.length === MOST_COLOURS) break;
    if (palette.every((other) => distance(other, colour) >= LEAST_DISTANCE)) palette.push(colour);
  }
  return palette;
}

const distance = (one: number, other: number): number =>
  [16, 8, 0].reduce((sum, shift) => sum + (((one >>> shift) & 0xff) - ((other >>> shift) & 0xff)) ** 2, 0);

function nearest(palette: readonly number[], colour: number): number {
  let best = 0;
  for (const [index, other] of palette.entries()) {
    if (distance(other, colour) < distance(palette[best] ?? 0, colour)) best = index;
  }
  return best;
}
