/** What a kept value comes back as, and when two values have the same fingerprint. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CommandResult } from '../../src/core/command-result.js';
import { decode } from '../../src/store/encoding/decode.js';
import { encode } from '../../src/store/encoding/encode.js';
import { property } from '../support/property.js';
import { refusalOf } from '../support/refusal.js';

const bytesOf = (value: unknown): Uint8Array => encode(value, 'the value').bytes;
const roundTrip = (value: unknown): unknown => decode(encode(value, 'the value', { withStacks: true }).bytes);

const cloneable = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withSparseArray: true,
  withNullPrototype: true,
  maxDepth: 4,
});

describe('a kept value', () => {
  property([cloneable])('for any cloneable value, comes back equal, and equal values have the same bytes', (value) => {
    const back = roundTrip(value);
    expect(back).toStrictEqual(value);
    expect(bytesOf(back)).toEqual(bytesOf(value));
  });

  test.each([
    ['-0', -0],
    ['NaN', Number.NaN],
    ['2⁵³', 2 ** 53],
    ['a lone surrogate', 'a\ud800b'],
    ['text beyond 127 bytes', 'é'.repeat(64)],
    ['long text', 'x'.repeat(100_000)],
    ['a negative bigint', -(2n ** 70n)],
    ['a pattern', /a+/giu],
    ['an array with holes', [1, , undefined]], // oxlint-disable-line no-sparse-arrays
    ['a key named __proto__', JSON.parse('{"__proto__": 1}')],
    ['a Buffer', Buffer.from('abc')],
    ['a view of shared memory', new Float64Array(new SharedArrayBuffer(16)).fill(1.5)],
    ['a part of a buffer', new Uint8Array([1, 2, 3, 4]).subarray(1, 3)],
  ])('is exact: %s', (_, value) => {
    const back = roundTrip(value);
    expect(Object.is(back, value) || back).toStrictEqual(Object.is(back, value) || value);
  });

  test('keeps shared memory shared, and a command its class', () => {
    const view = roundTrip(new Uint8Array(new SharedArrayBuffer(2))) as Uint8Array;
    expect(view.buffer).toBeInstanceOf(SharedArrayBuffer);
    const parts = {
      exitCode: 0,
      signal: undefined,
      stdout: Buffer.from('out'),
      stderr: Buffer.from(''),
      truncated: false,
    };
    const back = roundTrip(new CommandResult(parts)) as CommandResult;
    expect(back).toBeInstanceOf(CommandResult);
    expect(back.stdout).toBe('out');
  });

  test('keeps cycles and shared parts', () => {
    const shared = { n: 1 };
    const value: { a: object; b: object; self?: object } = { a: shared, b: shared };
    value.self = value;
    const back = roundTrip(value) as typeof value;
    expect(back.a).toBe(back.b);
    expect(back.self).toBe(back);
    expect(bytesOf({ a: shared, b: shared })).not.toEqual(bytesOf({ a: shared, b: { n: 1 } }));
  });

  test('keeps an error with its class, stack, cause and properties; its stack has no part in the fingerprint', () => {
    const make = (): Error => Object.assign(new RangeError('far', { cause: new Error('near') }), { code: 'E1' });
    const error = make();
    const back = roundTrip(error) as RangeError & { code: string };
    expect(back).toBeInstanceOf(RangeError);
    expect([back.message, back.stack, back.code, (back.cause as Error).message]).toEqual([
      'far',
      error.stack,
      'E1',
      'near',
    ]);
    const several = roundTrip(new AggregateError([error, 'text'], 'all')) as AggregateError;
    expect([several instanceof AggregateError, several.message, several.errors]).toEqual([
      true,
      'all',
      [error, 'text'],
    ]);
    expect(Object.keys(several)).toEqual([]);
    const other = ((): Error => make())();
    expect(other.stack).not.toBe(error.stack);
    expect(bytesOf(other)).toEqual(bytesOf(error));
  });

  class Point {
    x = 1;
  }
  class Frozen extends Map {}
  let deep: unknown = 1;
  for (let level = 0; level < 2_000; level += 1) deep = [deep];

  test.each([
    ['a function', { list: [1, { call: () => 1 }] }, 'the value.list[1].call is a function'],
    ['a symbol', [Symbol('s')], 'the value[0] is a symbol'],
    ['an object of a class', { at: new Point() }, 'the value.at is an object of class Point'],
    ['a map of a class', new Frozen(), 'the value is an object of class Frozen'],
    ['a promise', Promise.resolve(1), 'the value is an object of class Promise'],
    ['a member of a map', new Map([['k', new WeakSet()]]), 'the value.k is an object of class WeakSet'],
    [
      'extra keys of an array',
      Object.assign([1], { extra: 1 }),
      'the value is an array with keys other than its indices',
    ],
    ['symbol keys', { [Symbol('s')]: 1 }, 'the value has properties named by symbols'],
    ['too deep a value', deep, 'lies deeper than 1000 levels'],
  ])('is refused with its path: %s', (_, value, message) => {
    const error = refusalOf(() => bytesOf(value));
    expect(error.code).toBe('NotStorable');
    expect(error.message).toContain(message);
  });

  test('a value that is encoded by a getter of another one disturbs neither', () => {
    const value = {
      get inner() {
        return bytesOf({ other: 'value' }).length;
      },
      last: 'x',
    };
    expect(roundTrip(value)).toEqual({ inner: bytesOf({ other: 'value' }).length, last: 'x' });
  });

  property([fc.uint8Array({ maxLength: 40 })])(
    'for any bytes that are no value, decoding refuses or gives one',
    (bytes) => {
      try {
        decode(bytes);
      } catch (error) {
        expect(error).toMatchObject({ code: 'StoreCorrupt' });
      }
    },
  );
});
