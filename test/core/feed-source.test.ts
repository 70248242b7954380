/** The source of a feed by itself: the order in which it is read, what it answers, and how it is left. */
import { describe, expect, test } from 'vitest';
import { type FeedSource, ItemSource, type Pulled } from '../../src/runtime/feeds/source.js';
import { isKept, quiet } from '../support/event-loop.js';
import { Gate } from '../support/gate.js';
import { refusalOf } from '../support/refusal.js';

const ASK = { room: 1, underWay: 0 };
const NOTHING = { kind: 'nothing' };

/** An async iterable whose answers a test gives by hand. */
class Slow implements AsyncIterable<number> {
  readonly answer = new Gate<IteratorResult<number>>();
  readonly cleanup = new Gate();
  left = 0;

  [Symbol.asyncIterator](): AsyncIterator<number> {
    return {
      next: () => this.answer.promise,
      return: async () => {
        this.left += 1;
        await this.cleanup.promise;
        return { done: true, value: undefined };
      },
    };
  }
}

/** Everything that the source has until it answers with nothing. */
async function itemsOf(source: ItemSource<number>): Promise<number[]> {
  const items: number[] = [];
  for (;;) {
    const pulled = await source.pull(ASK);
    if (pulled.kind === 'nothing') return items;
    items.push(pulled.item);
  }
}

/** Closes the source; what it reports from then on. */
function closed(source: ItemSource<number>): string[] {
  const told: string[] = [];
  source.close({ failed: (error) => told.push(String(error)), left: () => told.push('left') });
  return told;
}

describe('a source', () => {
  test('answers with an item, or with nothing at its end', () => {
    const source = new ItemSource([7]);
    expect(source.isEmpty).toBe(false);
    expect(source.pull(ASK)).toEqual({ kind: 'item', item: 7 });
    expect(source.pull(ASK)).toEqual(NOTHING);
    expect(source.isEmpty).toBe(true);
  });

  test('reads a string letter by letter', async () => {
    const letters = new ItemSource<unknown>('ab');
    expect([letters.pull(ASK), letters.pull(ASK), letters.pull(ASK)]).toEqual([
      { kind: 'item', item: 'a' },
      { kind: 'item', item: 'b' },
      NOTHING,
    ]);
  });

  test('reads what was added last first, and goes on with the rest after an empty list', async () => {
    const supplies = [[5], null];
    const source = new ItemSource<number>(() => supplies.shift());
    source.add([3, 4]);
    source.add([1, 2]);
    source.add([]);
    expect(await itemsOf(source)).toEqual([1, 2, 3, 4, 5]);
  });

  test.each<[string, FeedSource<number>]>([
    ['null', () => null],
    ['undefined', () => undefined],
    ['a promise of null', () => Promise.resolve(null)],
    ['an empty list', () => []],
  ])('has nothing for now where its function returns %s', async (_, source) => {
    expect(await new ItemSource(source).pull(ASK)).toEqual(NOTHING);
  });

  test('takes a function as the answer of an iterator, as JavaScript does', () => {
    const result = Object.assign(() => undefined, { done: false, value: 7 });
    const iterator = { next: () => result, [Symbol.iterator]: () => iterator };
    expect(new ItemSource<number>(iterator as never).pull(ASK)).toEqual({ kind: 'item', item: 7 });
  });

  test.each([
    ['no object', 7, '7'],
    ['null', null, 'null'],
  ])('is told of an iterator that answers with %s', (_, answer, shown) => {
    const iterator = { next: () => answer, [Symbol.iterator]: () => iterator };
    const error = refusalOf(() => new ItemSource(iterator as never).pull(ASK));
    const message = `next of an iterator must return an object, got ${shown}`;
    expect([error.code, error.message]).toEqual(['InvalidArgument', message]);
  });

  test.each([
    [7, '7'],
    [null, 'null'],
    [undefined, 'undefined'],
    [{}, '[object Object]'],
  ])('that is %s is refused', (source, shown) => {
    const error = refusalOf(() => new ItemSource(source as never));
    const message = `items must come from an iterable or an async iterable, got ${shown}`;
    expect([error.code, error.message]).toEqual(['InvalidArgument', message]);
  });

  test('that throws when it is opened is refused with what it throws', () => {
    const cause = new RangeError('no');
    const source = {
      [Symbol.iterator]() {
        throw cause;
      },
    };
    const message = 'a source of items cannot be read: RangeError: no';
    expect(refusalOf(() => new ItemSource(source as never))).toMatchObject({ code: 'InvalidArgument', message, cause });
  });
});

describe('a source that is closed', () => {
  test('leaves all its iterators, the one that is read first', () => {
    const left: string[] = [];
    const named = (name: string): Iterable<number> => ({
      [Symbol.iterator]: () => ({
        next: () => ({ done: false, value: 1 }),
        return() {
          left.push(name);
          return { done: true, value: undefined };
        },
      }),
    });
    const source = new ItemSource(named('first'));
    source.add(named('second'));
    source.add(named('third'));
    // Those that answer at once are not waited for.
    expect([closed(source), source.isLeaving]).toEqual([[], false]);
    expect(left).toEqual(['third', 'second', 'first']);
  });

  test('waits for the cleanup of those that it has not asked, and tells of the last', async () => {
    const slow = [new Slow(), new Slow(), new Slow()] as const;
    const [first, second, asked] = slow;
    const source = new ItemSource<number>(first);
    source.add(second);
    source.add(asked);
    void source.pull(ASK);
    const told = closed(source);
    expect(slow.map(({ left }) => left)).toEqual([1, 1, 1]);
    asked.cleanup.open();
    await quiet();
    expect([source.isLeaving, told]).toEqual([true, []]);
    second.cleanup.open();
    await quiet();
    expect([source.isLeaving, told]).toEqual([true, []]);
    first.cleanup.fail(new Error('in use'));
    await quiet();
    expect([source.isLeaving, told]).toEqual([false, ['Error: in use', 'left']]);
  });

  test('waits for the cleanup of an iterator that has answered', async () => {
    const answers = [1, 2].map((value) => Promise.resolve({ done: false, value }));
    const slow = new Slow();
    const iterator = { ...slow[Symbol.asyncIterator](), next: () => answers.shift() };
    const source = new ItemSource<number>({ [Symbol.asyncIterator]: () => iterator as never });
    await source.pull(ASK);
    const told = closed(source);
    expect(source.isLeaving).toBe(true);
    slow.cleanup.open();
    await quiet();
    expect([source.isLeaving, told]).toEqual([false, ['left']]);
  });

  test.each<[string, (items: Iterable<number>) => FeedSource<number>]>([
    ['was given', (items) => items],
    ['came from its function', (items) => () => items],
  ])('waits for a cleanup that takes its time, of items that %s and are there at once', async (_, sourceOf) => {
    const slow = new Slow();
    const iterator = { ...slow[Symbol.asyncIterator](), next: () => ({ done: false, value: 1 }) };
    const source = new ItemSource<number>(sourceOf({ [Symbol.iterator]: () => iterator as never }));
    expect(source.pull(ASK)).toEqual({ kind: 'item', item: 1 });
    const told = closed(source);
    expect(source.isLeaving).toBe(true);
    slow.cleanup.open();
    await quiet();
    expect([source.isLeaving, told]).toEqual([false, ['left']]);
  });

  test('does not ask its function any more when an iterator ends that it has left', async () => {
    let calls = 0;
    const source = new ItemSource<number>(() => {
      calls += 1;
      return [calls];
    });
    const answers = [
      { done: false, value: 7 },
      { done: true, value: undefined },
    ].map((answer) => Promise.resolve(answer));
    source.add({ [Symbol.asyncIterator]: () => ({ next: () => answers.shift() as never }) });
    expect(await source.pull(ASK)).toEqual({ kind: 'item', item: 7 });
    const pulled = source.pull(ASK) as Promise<Pulled<number>>;
    closed(source);
    expect([await pulled, calls]).toEqual([NOTHING, 0]);
  });

  test('does not open what its function returns later', async () => {
    const gate = new Gate<Iterable<number>>();
    let opened = 0;
    const source = new ItemSource<number>(() => gate.promise);
    const pulled = source.pull(ASK) as Promise<Pulled<number>>;
    closed(source);
    expect(await isKept(pulled)).toBe(false);
    gate.open({
      [Symbol.iterator]() {
        opened += 1;
        return [][Symbol.iterator]();
      },
    });
    expect([await pulled, opened]).toEqual([NOTHING, 0]);
  });
});
