import { describe, expectTypeOf, test } from 'vitest';
import type { Handle, StreamHandle } from '../../src/index.js';
import { double, identity, matrix, numbers, numeric, pair, queue, repeat, sum, text } from './typed-tasks.js';

describe('an argument', () => {
  test('may be a value or a handle of one', () => {
    expectTypeOf(queue.submit(double, 1)).toEqualTypeOf<Handle<number>>();
    expectTypeOf(queue.submit(double, numeric)).toEqualTypeOf<Handle<number>>();
    expectTypeOf(queue.submit(double, Math.random() > 0.5 ? 1 : numeric)).toEqualTypeOf<Handle<number>>();
    expectTypeOf(queue.submit((all: Float64Array) => all.length, matrix)).toEqualTypeOf<Handle<number>>();
  });

  test('may be left out where the parameter is optional', () => {
    expectTypeOf(queue.submit(repeat, text)).toEqualTypeOf<Handle<string>>();
    expectTypeOf(queue.submit(repeat, text, numeric)).toEqualTypeOf<Handle<string>>();
    expectTypeOf(queue.submit(repeat, text, undefined)).toEqualTypeOf<Handle<string>>();
    // @ts-expect-error: the first is not optional.
    queue.submit(repeat);
  });

  test('may be one of any number of a rest parameter', () => {
    expectTypeOf(queue.submit(sum)).toEqualTypeOf<Handle<number>>();
    expectTypeOf(queue.submit(sum, 1, numeric, 3)).toEqualTypeOf<Handle<number>>();
    // @ts-expect-error: one of them is a string.
    queue.submit(sum, 1, text, 3);
  });

  test('may have handles in arrays and objects, at any depth', () => {
    const report = (rows: readonly number[], meta: { title: string; range: [number, number]; note?: string }): string =>
      `${meta.title} ${rows.length}`;
    expectTypeOf(queue.submit(report, [1, numeric], { title: text, range: [numeric, 2] })).toEqualTypeOf<
      Handle<string>
    >();
    expectTypeOf(queue.submit(report, [], { title: 'a', range: [1, numeric], note: text })).toEqualTypeOf<
      Handle<string>
    >();
    expectTypeOf(queue.submit((byName: Record<string, number>) => byName, { a: numeric, b: 2 })).toEqualTypeOf<
      Handle<Record<string, number>>
    >();
    // @ts-expect-error: a handle of a string stands among the numbers.
    queue.submit(report, [1, text], { title: text, range: [numeric, 2] });
    // @ts-expect-error: the title is a handle of a number.
    queue.submit(report, [1], { title: numeric, range: [numeric, 2] });
    // @ts-expect-error: the range has three numbers.
    queue.submit(report, [1], { title: text, range: [numeric, 2, 3] });
    // @ts-expect-error: the title is missing.
    queue.submit(report, [1], { range: [numeric, 2] });
  });

  test('may be an array of handles that is kept in a variable', () => {
    const handles = [1, 2, 3].map((n) => queue.submit(double, n));
    expectTypeOf(handles).toEqualTypeOf<Handle<number>[]>();
    expectTypeOf(queue.submit((all: number[]) => all.length, handles)).toEqualTypeOf<Handle<number>>();
    expectTypeOf(queue.submit(sum, ...handles)).toEqualTypeOf<Handle<number>>();
  });

  test('may be a handle of many results where all of them are wanted', () => {
    expectTypeOf(queue.submit((all: readonly number[]) => all.length, numbers)).toEqualTypeOf<Handle<number>>();
    // @ts-expect-error: the function takes one number, not all.
    queue.submit(double, numbers);
  });

  test('may be of one type of a union', () => {
    const show = (value: number | string, how?: { base: 10 } | { digits: number }): string =>
      String(value) + typeof how;
    expectTypeOf(queue.submit(show, numeric)).toEqualTypeOf<Handle<string>>();
    expectTypeOf(queue.submit(show, text, { digits: numeric })).toEqualTypeOf<Handle<string>>();
    expectTypeOf(queue.submit((value: number | undefined) => value, numeric)).toEqualTypeOf<
      Handle<number | undefined>
    >();
    const truth = queue.submit(() => true);
    // @ts-expect-error: a truth value is none of them.
    queue.submit(show, truth);
  });

  test('may be a value that is passed as it is', () => {
    const since = (day: Date, what: RegExp): boolean => what.test(day.toISOString());
    expectTypeOf(queue.submit(since, new Date(0), /1970/)).toEqualTypeOf<Handle<boolean>>();
    const size = (known: ReadonlyMap<string, number>): number => known.size;
    expectTypeOf(queue.submit(size, new Map([['a', 1]]))).toEqualTypeOf<Handle<number>>();
    const show = (how: (n: number) => string): string => how(1);
    expectTypeOf(queue.submit(show, (n) => n.toFixed(2))).toEqualTypeOf<Handle<string>>();
    const middle = (kind: 'mean' | 'median'): string => kind;
    expectTypeOf(queue.submit(middle, 'mean')).toEqualTypeOf<Handle<string>>();
    // @ts-expect-error: not one of the two.
    queue.submit(middle, 'sum');
  });

  test('must not be a handle of another type', () => {
    const maybe = queue.submit((): number | undefined => 1);
    expectTypeOf(maybe).toEqualTypeOf<Handle<number | undefined>>();
    // @ts-expect-error: it may be undefined.
    queue.submit(double, maybe);
    // @ts-expect-error: a string where a number is wanted.
    queue.submit(double, text);
    // @ts-expect-error: the second is a number.
    queue.submit(repeat, text, text);
  });

  test('must not be too many or too few', () => {
    expectTypeOf(queue.submit(double, 1)).toEqualTypeOf<Handle<number>>();
    // @ts-expect-error: none for one.
    queue.submit(double);
    // @ts-expect-error: two for one.
    queue.submit(double, 1, 2);
    // @ts-expect-error: one for none.
    queue.submit(() => 1, numeric);
  });
});

describe('a generic function', () => {
  test('gives a handle of what it makes of its arguments', () => {
    expectTypeOf(queue.submit(identity, numeric)).toEqualTypeOf<Handle<number>>();
    expectTypeOf(queue.submit(pair, text, [numeric, 2])).toEqualTypeOf<Handle<[string, number[]]>>();
    expectTypeOf(queue.submit({ id: 'a' }, identity, text)).toEqualTypeOf<Handle<string>>();
  });

  test('can be told its types', () => {
    expectTypeOf(queue.submit(identity<number>, numeric)).toEqualTypeOf<Handle<number>>();
    // @ts-expect-error: a string where a number is wanted.
    queue.submit(identity<number>, text);
  });
});

describe('a function without annotations', () => {
  test('takes the types of its parameters from the arguments', () => {
    expectTypeOf(queue.submit((n) => n.toFixed(2), numeric)).toEqualTypeOf<Handle<string>>();
    expectTypeOf(queue.submit((n, all) => all.length + n, 1, numbers)).toEqualTypeOf<Handle<number>>();
    expectTypeOf(
      queue.submit({ id: 'a' }, (all, { name }) => name + all.length.toFixed(), [numeric], { name: text }),
    ).toEqualTypeOf<Handle<string>>();
    expectTypeOf(queue.stream((n) => [n, 2], numeric)).toEqualTypeOf<StreamHandle<number>>();
  });
});

describe('options', () => {
  test('stand before the function and leave the types of the rest', () => {
    const options = {
      id: 'a',
      resources: { ram: 2 },
      hold: true,
      release: [numeric, numbers],
      after: [text],
      priority: 1,
      signal: new AbortController().signal,
    } as const;
    expectTypeOf(queue.submit(options, double, numeric)).toEqualTypeOf<Handle<number>>();
    // @ts-expect-error: a string where a number is wanted.
    queue.submit(options, double, text);
    // @ts-expect-error: nothing where a number is wanted.
    queue.submit(options, double);
    // @ts-expect-error: options come first.
    queue.submit(double, 1, options);
    // @ts-expect-error: there is no function.
    queue.submit(options);
  });

  test('must be known and of their types', () => {
    expectTypeOf(queue.submit({ id: 'a', priority: 1 }, double, 1)).toEqualTypeOf<Handle<number>>();
    // @ts-expect-error: no such option.
    queue.submit({ name: 'a' }, double, 1);
    // @ts-expect-error: a priority is a number.
    queue.submit({ priority: 'high' }, double, 1);
    // @ts-expect-error: what is waited for are handles.
    queue.submit({ after: ['a'] }, double, 1);
  });
});
