/** Handles where they would not be replaced by their results: which are found, and what the refusal says. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Handle, type Queue, Scheduler } from '../../src/index.js';
import { checkHidden } from '../../src/runtime/tasks/hidden-handles.js';
import { refusalOf } from '../support/refusal.js';

function idleQueue(): Queue {
  const scheduler = new Scheduler();
  onTestFinished(() => scheduler.terminate());
  return scheduler.queue('q');
}

class Holder {
  readonly kind = 'holder';

  constructor(members: object) {
    Object.assign(this, members);
  }
}

const REST = 'of the arguments, where it is not replaced by its result: only arrays and plain objects are searched';

describe('a handle is refused', () => {
  test.each<[string, (handle: Handle<unknown>) => readonly unknown[]]>([
    ['[0].raw', (raw) => [new Holder({ first: 1, raw })]],
    ['[2].raw', (raw) => [1, 'two', new Holder({ raw })]],
    ['[0].options.list[2].raw', (raw) => [{ options: { list: [1, null, new Holder({ raw })] } }]],
    ['[1][0].raw', (raw) => [{ a: [] }, [new Holder({ raw })]]],
    ['[0][0].raw', (raw) => [[new Holder({ raw }), null, 'text', 5]]],
    ['[0].get("name")', (raw) => [new Map([['name', raw]])]],
    ['[0].get("a \\"b\\"")', (raw) => [new Map([['a "b"', raw]])]],
    ['[0].get(number)', (raw) => [new Map([[7, raw]])]],
    ['[0].get(object)', (raw) => [new Map<unknown, unknown>([[{}, raw]])]],
    [
      '[0] (a key of a Map)',
      (raw) => [
        new Map<unknown, unknown>([
          ['other', 1],
          [raw, raw],
        ]),
      ],
    ],
    ['[0] (a member of a Set)', (raw) => [new Set<unknown>([1, null, raw])]],
    ['[0].raw', (raw) => [Object.assign(new Map([['a', 1]]), { raw })]],
    ['[0].raw', (raw) => [Object.assign(new Set([1]), { raw })]],
    ['[0].raw', (raw) => [Object.assign(new Date(0), { raw })]],
  ])('at %s', (path, argsWith) => {
    const queue = idleQueue();
    const args = argsWith(queue.submit(() => 1));
    const error = refusalOf(() => queue.submit((...given: readonly unknown[]) => given, ...args));
    expect([error.code, error.message]).toEqual(['InvalidArgument', `a handle stands at ${path} ${REST}`]);
  });

  test('in an object that stands in an argument which is part of itself', () => {
    const queue = idleQueue();
    const ring: Record<string, unknown> = {};
    ring['ring'] = ring;
    ring['held'] = new Holder({ raw: queue.submit(() => 1) });
    const error = refusalOf(() => queue.submit((given: unknown) => given, ring));
    expect(error.message).toBe(`a handle stands at [0].held.raw ${REST}`);
  });

  test('also where the way to it cannot be told', () => {
    const queue = idleQueue();
    const held = new Holder({ raw: queue.submit(() => 1) });
    expect(refusalOf(() => checkHidden(held, [])).message).toBe(`a handle stands at .raw ${REST}`);
  });
});

describe('a handle is left alone', () => {
  const entries = (count: number, last: unknown): unknown[] => [...Array.from({ length: count }, (_, n) => n), last];
  const properties = (count: number, raw: unknown): object => {
    const members = Object.fromEntries(Array.from({ length: count }, (_, n) => [`m${n}`, n]));
    return new Holder({ ...members, raw });
  };

  test.each<[string, (count: number, handle: Handle<unknown>) => object]>([
    ['an entry of a map', (count, raw) => new Map(entries(count, raw).map((value, key) => [`k${key}`, value]))],
    ['a member of a set', (count, raw) => new Set(entries(count, raw))],
    ['a property', (count, raw) => properties(count - 1, raw)],
  ])('as %s after a thousand others, and no sooner', (_, make) => {
    const queue = idleQueue();
    const handle = queue.submit(() => 1);
    const take = (given: unknown): unknown => given;
    expect(refusalOf(() => queue.submit(take, make(999, handle))).code).toBe('InvalidArgument');
    expect(queue.submit(take, make(1_000, handle)).state).toBe('ready');
  });

  test.each<[string, (handle: Handle<unknown>) => unknown]>([
    [
      'behind a getter, which is not called',
      (raw) =>
        Object.defineProperty(new Holder({}), 'raw', { enumerable: true, get: () => expect.unreachable(raw.id) }),
    ],
    ['as a property that is not enumerable', (raw) => Object.defineProperty(new Holder({}), 'raw', { value: raw })],
    ['as a property of a typed array', (raw) => Object.assign(new Uint8Array(2), { raw })],
    ['deeper in an object of a class', (raw) => new Holder({ list: [raw] })],
  ])('%s', (_, make) => {
    const queue = idleQueue();
    const task = queue.submit((given: unknown) => given, make(queue.submit(() => 1)));
    expect([task.state, task.why().reason]).toEqual(['ready', 'stopped']);
  });
});
