import { describe, expectTypeOf, test } from 'vitest';
import type { Feed, Handle, StreamHandle } from '../../src/index.js';
import { convert, first, identity, lines, numbers, numeric, queue, read, text, twoKinds } from './typed-tasks.js';

describe('an overloaded function', () => {
  test('gives a handle of what the first signature returns that takes the arguments', () => {
    expectTypeOf(queue.submit(convert, 'a')).toEqualTypeOf<Handle<Date>>();
    expectTypeOf(queue.submit(convert, 1)).toEqualTypeOf<Handle<string>>();
    expectTypeOf(queue.submit(convert, 1, 2)).toEqualTypeOf<Handle<string>>();
    expectTypeOf(queue.submit(convert, [1, 2])).toEqualTypeOf<Handle<number[]>>();
    expectTypeOf(queue.submit(convert, [1], 'a', 'b')).toEqualTypeOf<Handle<number[]>>();
    expectTypeOf(queue.submit(convert, 1, { base: 2 })).toEqualTypeOf<Handle<bigint>>();
    expectTypeOf(queue.submit({ id: 'a' }, convert, 'a')).toEqualTypeOf<Handle<Date>>();
  });

  test('takes handles, also within arrays and objects', () => {
    expectTypeOf(queue.submit(convert, text)).toEqualTypeOf<Handle<Date>>();
    expectTypeOf(queue.submit(convert, numeric, numeric)).toEqualTypeOf<Handle<string>>();
    expectTypeOf(queue.submit(convert, numbers, text)).toEqualTypeOf<Handle<number[]>>();
    expectTypeOf(queue.submit(convert, [numeric, 1], text)).toEqualTypeOf<Handle<number[]>>();
    expectTypeOf(queue.submit(convert, numeric, { base: numeric })).toEqualTypeOf<Handle<bigint>>();
    expectTypeOf(queue.submit({ priority: 1 }, convert, text)).toEqualTypeOf<Handle<Date>>();
  });

  test('refuses what no signature takes', () => {
    expectTypeOf(queue.submit(convert, 'a')).toEqualTypeOf<Handle<Date>>();
    // @ts-expect-error: nothing takes a truth value.
    queue.submit(convert, true);
    const truth = queue.submit(() => true);
    // @ts-expect-error: nor a handle of one.
    queue.submit(convert, truth);
    // @ts-expect-error: a string has no digits.
    queue.submit(convert, text, 1);
    // @ts-expect-error: one argument too many.
    queue.submit(convert, 1, 2, 3);
    // @ts-expect-error: none has no parameters.
    queue.submit(convert);
    // @ts-expect-error: one of the rest is a number.
    queue.submit(convert, [1], 'a', numeric);
  });

  test('gives a handle of many results by the signature of a generator', async () => {
    expectTypeOf(queue.submit(read, text)).toEqualTypeOf<Handle<Uint8Array>>();
    expectTypeOf(queue.submit(read, text, 'utf8')).toEqualTypeOf<StreamHandle<string>>();
  });

  test('may have generic signatures, of which the constraint is known', () => {
    expectTypeOf(queue.submit(first, text)).toEqualTypeOf<Handle<string>>();
    expectTypeOf(queue.submit(first, { a: 1 })).toEqualTypeOf<Handle<object[]>>();
    expectTypeOf(queue.submit(first<Date>, new Date(0))).toEqualTypeOf<Handle<Date[]>>();
  });

  test('may be one of a library', () => {
    expectTypeOf(queue.submit(structuredClone, numeric)).toEqualTypeOf<Handle<number>>();
    expectTypeOf(queue.submit(encodeURIComponent, text)).toEqualTypeOf<Handle<string>>();
    const split = (at: string, limit?: number): string[] => 'a b'.split(at, limit);
    expectTypeOf(queue.submit(split, text)).toEqualTypeOf<Handle<string[]>>();
  });
});

describe('stream', () => {
  function rows(from: string): AsyncGenerator<string, void, undefined>;
  function rows(count: number): number[];
  function rows(what: string | number): AsyncIterable<string> | number[] {
    return typeof what === 'string' ? lines() : [what];
  }

  test('delivers what the fitting signature of an overloaded function yields', () => {
    expectTypeOf(queue.stream(rows, text)).toEqualTypeOf<StreamHandle<string>>();
    expectTypeOf(queue.stream(rows, numeric)).toEqualTypeOf<StreamHandle<number>>();
    expectTypeOf(queue.stream({ ahead: 1 }, rows, 'a')).toEqualTypeOf<StreamHandle<string>>();
    // @ts-expect-error: nothing takes a truth value.
    queue.stream(rows, true);
  });
});

describe('from', () => {
  test('calls an overloaded function with an item', () => {
    expectTypeOf(queue.from(['a'], convert)).toEqualTypeOf<Feed<string, Date>>();
    expectTypeOf(queue.from([1], convert)).toEqualTypeOf<Feed<number, string>>();
    expectTypeOf(queue.from([text], convert)).toEqualTypeOf<Feed<Handle<string>, Date>>();
    // @ts-expect-error: nothing takes a truth value.
    queue.from([true], convert);
  });

  test('calls any other as before', () => {
    expectTypeOf(queue.from([numeric], identity)).toEqualTypeOf<Feed<Handle<number>, number>>();
    expectTypeOf(queue.from([1], twoKinds)).toEqualTypeOf<Feed<number, (number | string)[]>>();
    expectTypeOf(queue.from<number, string>([1], (n) => n.toFixed())).toEqualTypeOf<Feed<number, string>>();
    const feed = queue.from([numeric], (n) => n.toFixed(), {
      onResult: (value, item) => {
        expectTypeOf(value).toBeString();
        expectTypeOf(item).toEqualTypeOf<Handle<number>>();
      },
    });
    expectTypeOf(feed).toEqualTypeOf<Feed<Handle<number>, string>>();
  });
});

describe('a function that passes on what it is given', () => {
  test('submits it with its arguments', () => {
    const submit = <A extends unknown[]>(fn: (...args: A) => number, ...args: A): Handle<number> =>
      queue.submit(fn, ...args);
    expectTypeOf(submit((n: number) => n, 1)).toEqualTypeOf<Handle<number>>();
  });
});
