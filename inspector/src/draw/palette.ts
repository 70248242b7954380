/**
 * Colours as ImageData has them on little-endian machines (0xAABBGGRR). Functions by the palette of Okabe and Ito ("Color Universal
 * Design", 2008), which colour-blind people can tell apart, and darker variants of it when there are more.
 */
import type { State } from '../../../src/inspect/protocol/messages.js';

/** 0xRRGGBB as a pixel. */
const pixel = (rgb: number): number => (0xff000000 | ((rgb & 0xff) << 16) | (rgb & 0xff00) | (rgb >>> 16)) >>> 0;

export const FUNCTION_COLOURS: readonly number[] = [
  0x0072b2, 0xe69f00, 0x009e73, 0xcc79a7, 0x56b4e9, 0xd55e00, 0x8f7ee0, 0x9a8b00, 0x4d4d9f, 0xa05a2c, 0x5f7d5f,
  0xa3485f,
];

export const STATE_COLOURS: Readonly<Record<State, number>> = {
  pending: 0x9aa4b2,
  ready: 0x56b4e9,
  running: 0x0072b2,
  partial: 0x8f5fb8,
  done: 0x009e73,
  failed: 0xd55e00,
  cancelled: 0x6b7280,
};

export const cssColour = (rgb: number): string => `#${rgb.toString(16).padStart(6, '0')}`;

/** 0xRRGGBB, a third of the way to white. */
export const lightened = (rgb: number): number =>
  [16, 8, 0].reduce((mix, shift) => mix + (Math.round((((rgb >>> shift) & 0xff) * 2 + 255) / 3) << shift), 0);

/** The pixel of each function number. */
export const functionPixels = (count: number): Uint32Array =>
  Uint32Array.from({ length: Math.max(1, count) }, (_, fn) =>
    pixel(FUNCTION_COLOURS[fn % FUNCTION_COLOURS.length] ?? 0),
  );

export const pixelOf = pixel;

/** A pixel mixed with another; `share` of the first, from 0 to 256. */
export function mixed(first: number, second: number, share: number): number {
  const part = (shift: number): number =>
    ((((first >>> shift) & 0xff) * share + ((second >>> shift) & 0xff) * (256 - share)) >>> 8) << shift;
  return (0xff000000 | part(16) | part(8) | part(0)) >>> 0;
}

/** Whether black text reads better than white on a function's colour. */
export function isBright(fn: number): boolean {
  const rgb = FUNCTION_COLOURS[fn % FUNCTION_COLOURS.length] ?? 0;
  return (0.3 * (rgb >>> 16) + 0.59 * ((rgb >>> 8) & 0xff) + 0.11 * (rgb & 0xff)) / 255 > 0.5;
}
