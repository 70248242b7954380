/** Results on shared memory. */
import { describe, expect, test } from 'vitest';
import { onSharedMemory } from '../../src/executors/threads/shared-memory.js';
import * as streams from './fixtures/streams.js';
import * as values from './fixtures/values.js';
import { filePool, testedPool } from './run-in-threads.js';

const sharing = filePool('values.js', { share: true, size: 1 });

const isShared = (view: unknown): boolean => ArrayBuffer.isView(view) && view.buffer instanceof SharedArrayBuffer;

interface Views {
  readonly data: Float64Array;
  readonly again: Float64Array;
  readonly rows: readonly [Uint8Array, DataView];
  readonly n: number;
}

describe('with share', () => {
  test('typed arrays in a result come on shared memory, nested ones too', async () => {
    const result = (await sharing.run(values.views, 4).value()) as Views;
    expect([result.data, ...result.rows].map(isShared)).toEqual([true, true, true]);
    expect([...result.data]).toEqual([0.5, 0.5, 0.5, 0.5]);
    expect([...result.rows[0]]).toEqual([2, 3]);
    expect(result.rows[1]).toBeInstanceOf(DataView);
    expect(result.n).toBe(7);
    expect(result.again.buffer).toBe(result.data.buffer);
  });

  test('a dependent reads and writes the same memory', async () => {
    const { data } = (await sharing.run(values.views, 4).value()) as Views;
    expect(await sharing.run(values.backingIsShared, data).value()).toBe(true);
    await sharing.run(values.writeFirst, data, 9).value();
    expect(data[0]).toBe(9);
  });

  test('partial results come on shared memory', async () => {
    const attempt = testedPool('streams.js', { share: true }).stream(streams.views);
    await attempt.value();
    const [first, second] = attempt.partials as [Float64Array, { of: [Uint8Array, number] }];
    expect([isShared(first), isShared(second.of[0])]).toEqual([true, true]);
    expect([...first]).toEqual([1, 2]);
  });

  test('the array that a function keeps stays its own', async () => {
    const result = (await sharing.run(values.keptArray).value()) as Float64Array;
    result[0] = 100;
    expect(await sharing.run(values.keptFirst).value()).toBe(1);
  });
});

test('without share results are copies', async () => {
  const pool = testedPool('values.js');
  const { data } = (await pool.run(values.views, 4).value()) as Views;
  expect(isShared(data)).toBe(false);
  await pool.run(values.writeFirst, data, 9).value();
  expect(data[0]).toBe(0.5);
});

describe('moving to shared memory', () => {
  test('leaves alone what holds no typed array', () => {
    const value = { a: [1, 'x', { b: null }], d: new Date(0) };
    expect(onSharedMemory(value)).toBe(value);
  });

  test('leaves alone what is shared already', () => {
    const view = new Int8Array(new SharedArrayBuffer(2));
    expect(onSharedMemory(view)).toBe(view);
  });

  test('follows values that refer to themselves', () => {
    const ring: Record<string, unknown> = { view: new Int16Array([5]) };
    ring['self'] = [ring];
    const moved = onSharedMemory(ring) as { view: Int16Array; self: [unknown] };
    expect(moved.self[0]).toBe(moved);
    expect([isShared(moved.view), moved.view[0]]).toEqual([true, 5]);
    expect(isShared(ring['view'])).toBe(false);
  });

  test.each([
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
  ])('keeps the kind and the values of %o', (viewClass) => {
    const moved = onSharedMemory(new viewClass([1, 2, 3]).subarray(1)) as Int8Array;
    expect(moved).toBeInstanceOf(viewClass);
    expect([isShared(moved), moved.byteOffset, ...moved]).toEqual([true, 0, 2, 3]);
  });
});
