/**
 * The first byte of every encoded value. The numbers are part of the format: they are never given another meaning, and a change to them
 * is a new format (`FORMAT` in `sqlite-backing.ts`).
 */

/** @internal */
export const TAG = {
  undefined: 0,
  null: 1,
  true: 2,
  false: 3,
  integer: 4,
  double: 5,
  bigint: 6,
  text: 7,
  /** Text with a lone surrogate, which UTF-8 cannot represent. */
  utf16: 8,
  array: 9,
  hole: 10,
  object: 11,
  bareObject: 12,
  map: 13,
  set: 14,
  date: 15,
  regexp: 16,
  error: 17,
  buffer: 18,
  sharedBuffer: 19,
  view: 20,
  sharedView: 21,
  /** The object with that number, counted from 0 in the order in which objects begin. */
  again: 22,
  /** A handle: the dependency with that number. */
  dependency: 23,
  command: 24,
} as const;

/** The classes of views by their number; a `Buffer` is a `Uint8Array` with a class of its own. @internal */
export const VIEWS = [
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'DataView',
  'Buffer',
] as const;

/** The classes of errors that are decoded to what they were; all others are plain `Error`s of that name. @internal */
export const ERRORS = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError } as const;
