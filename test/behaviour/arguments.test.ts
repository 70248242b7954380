/** Handles among the arguments: where they are found, and what arrives in their place. */
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Handle, type Queue, Scheduler } from '../../src/index.js';
import { scaledRuns } from '../support/property-runs.js';
import { property } from '../support/property.js';
import { refusalOf } from '../support/refusal.js';

function runningQueue(): Queue {
  const scheduler = new Scheduler();
  onTestFinished(() => scheduler.terminate());
  scheduler.start();
  return scheduler.queue('q', { concurrency: 4 });
}

/** What a task is called with when it is submitted with `args`. */
async function received(queue: Queue, ...args: readonly unknown[]): Promise<readonly unknown[]> {
  const handle = queue.submit((...values: readonly unknown[]) => ({ values }), ...args);
  return (await handle.result()).values;
}

describe('a handle', () => {
  test('arrives as its value wherever arrays and plain objects have it', async () => {
    const queue = runningQueue();
    const a = queue.submit(() => 'a');
    const b = queue.submit(async () => 'b');
    expect(await received(queue, a, [1, b], { deep: { er: [a, { b }] } }, 2)).toEqual([
      'a',
      [1, 'b'],
      { deep: { er: ['a', { b: 'b' }] } },
      2,
    ]);
  });

  test('arrives at each place where it stands, as a whole or as one partial result', async () => {
    const queue = runningQueue();
    const a = queue.submit(() => 'a');
    const b = queue.submit(() => 'b');
    const stream = queue.stream(() => [7, 8]);
    expect(await received(queue, a, b, a)).toEqual(['a', 'b', 'a']);
    expect(await received(queue, stream.at(1), stream, stream.at(1), b)).toEqual([8, [7, 8], 8, 'b']);
    const after = queue.submit({ after: [b] }, (...values: readonly unknown[]) => ({ values }), a);
    expect((await after.result()).values).toEqual(['a']);
  });

  test('is a dependency from anywhere among the arguments', () => {
    const queue = new Scheduler().queue('q');
    const a = queue.submit({ id: 'a' }, () => 1);
    const b = queue.submit({ id: 'b' }, () => 1);
    const task = queue.submit((...args: readonly unknown[]) => args, { deep: [{ b }] }, [[a]]);
    expect(task.state).toBe('pending');
    expect(task.why()).toMatchObject({ reason: 'dependencies', waitingFor: ['b (ready)', 'a (ready)'] });
  });

  test('given several times is one dependency and arrives each time', async () => {
    const queue = runningQueue();
    let calls = 0;
    const once = queue.submit({ id: 'once' }, () => {
      calls += 1;
      return { calls };
    });
    const task = queue.submit({ after: [once, once] }, (...args: readonly unknown[]) => args, once, [once], { once });
    expect(task.why()).toMatchObject({ reason: 'dependencies', waitingFor: ['once (ready)'] });
    const [direct, [inArray], { once: inObject }] = (await task.result()) as [unknown, [unknown], { once: unknown }];
    expect(direct).toEqual({ calls: 1 });
    expect(inArray).toBe(direct);
    expect(inObject).toBe(direct);
  });

  test('of a stream arrives as the array of all results, of one result as that result', async () => {
    const queue = runningQueue();
    const stream = queue.submit(function* () {
      yield* ['x', 'y', 'z'];
    });
    expect(await received(queue, stream, { last: stream.at(2) }, [stream.at(0)])).toEqual([
      ['x', 'y', 'z'],
      { last: 'z' },
      ['x'],
    ]);
  });

  test('may be one that has settled long ago', async () => {
    const queue = runningQueue();
    const early = queue.submit(() => 7);
    await early.result();
    expect(await received(queue, [early])).toEqual([[7]]);
  });

  test('with the value undefined arrives as that', async () => {
    const queue = runningQueue();
    const nothing = queue.submit(() => undefined);
    expect(await received(queue, nothing, [nothing], { nothing })).toEqual([
      undefined,
      [undefined],
      { nothing: undefined },
    ]);
  });

  test('is found among values of every other kind, which arrive as they are', async () => {
    const queue = runningQueue();
    const handle = queue.submit(() => 'value');
    const others = [undefined, null, 'text', 5, Symbol.iterator, 1n, true, runningQueue];
    expect(await received(queue, ...others, handle)).toEqual([...others, 'value']);
    expect(await received(queue, [...others, handle], { others, handle }, ...others)).toEqual([
      [...others, 'value'],
      { others, handle: 'value' },
      ...others,
    ]);
  });

  test('given twice arrives twice, whatever else the task waits for', async () => {
    const queue = runningQueue();
    const [a, b] = [queue.submit(() => 'a'), queue.submit(() => 'b')];
    const task = queue.submit({ after: [b] }, (...values: readonly unknown[]) => values, a, a);
    expect(await task.result()).toEqual(['a', 'a']);
  });

  test.each([15, 16, 17, 40])('beside others arrives in its place: %i of them', async (count) => {
    const queue = runningQueue();
    const handles = Array.from({ length: count }, (_, n) => queue.submit(() => n));
    const numbers = handles.map((_, n) => n);
    expect(await received(queue, ...handles)).toEqual(numbers);
    expect(await received(queue, ...handles, ...handles)).toEqual([...numbers, ...numbers]);
    expect(await received(queue, ...numbers, ...handles)).toEqual([...numbers, ...numbers]);
  });

  test('whose value is a handle is not looked through', async () => {
    const queue = runningQueue();
    const inner = queue.submit(() => 'inner');
    const outer = queue.submit(() => ({ inner }));
    expect(await received(queue, outer)).toEqual([{ inner }]);
  });
});

describe('a container of a handle', () => {
  test('that is part of itself arrives as part of itself', async () => {
    const queue = runningQueue();
    const handle = queue.submit(() => 'value');
    const ring: Record<string, unknown> = { handle };
    const list: unknown[] = [ring, handle];
    ring['ring'] = ring;
    ring['list'] = list;
    list.push(list);
    const [arrived] = (await received(queue, ring)) as [{ handle: unknown; ring: unknown; list: unknown[] }];
    expect(arrived.handle).toBe('value');
    expect(arrived.ring).toBe(arrived);
    expect(arrived.list[0]).toBe(arrived);
    expect(arrived.list[1]).toBe('value');
    expect(arrived.list[2]).toBe(arrived.list);
    expect(ring['handle']).toBe(handle);
  });

  test('that is given twice arrives as one', async () => {
    const queue = runningQueue();
    const shared = { handle: queue.submit(() => 1) };
    const [first, [second]] = (await received(queue, shared, [shared])) as [unknown, [unknown]];
    expect(first).toEqual({ handle: 1 });
    expect(second).toBe(first);
  });

  test('that is given twice takes nothing from another one between', async () => {
    const queue = runningQueue();
    const handle = queue.submit(() => 1);
    const shared = { handle };
    const [first, between, again] = await received(queue, shared, [handle], shared);
    expect([first, between]).toEqual([{ handle: 1 }, [1]]);
    expect(again).toBe(first);
  });

  test('keeps a key named __proto__ as a plain one', async () => {
    const queue = runningQueue();
    const parsed = JSON.parse('{ "__proto__": { "isAdmin": true }, "handle": null }') as Record<string, unknown>;
    parsed['handle'] = queue.submit(() => 'value');
    const under = Object.defineProperty({}, '__proto__', { value: queue.submit(() => 'below'), enumerable: true });
    const [first, second] = (await received(queue, parsed, under)) as [object, object];
    expect(Object.getPrototypeOf(first)).toBe(Object.prototype);
    expect('isAdmin' in first).toBe(false);
    expect(Object.entries(first)).toEqual([
      ['__proto__', { isAdmin: true }],
      ['handle', 'value'],
    ]);
    expect(Object.getPrototypeOf(second)).toBe(Object.prototype);
    expect(Object.entries(second)).toEqual([['__proto__', 'below']]);
  });

  test('keeps having no prototype', async () => {
    const queue = runningQueue();
    const bare = Object.assign(Object.create(null) as Record<string, unknown>, { handle: queue.submit(() => 'value') });
    const [arrived] = (await received(queue, bare)) as [object];
    expect(Object.getPrototypeOf(arrived)).toBeNull();
    expect(Object.entries(arrived)).toEqual([['handle', 'value']]);
  });

  test('keeps the holes of an array where they are', async () => {
    const queue = runningQueue();
    const sparse = new Array<unknown>(4);
    sparse[1] = queue.submit(() => 'value');
    const [arrived] = (await received(queue, sparse)) as [unknown[]];
    expect(arrived).toHaveLength(4);
    expect(arrived[1]).toBe('value');
    expect(0 in arrived).toBe(false);
  });

  test('keeps members whose key is a symbol', async () => {
    const queue = runningQueue();
    const kind = Symbol('kind');
    const [arrived] = await received(queue, { [kind]: 'sample', handle: queue.submit(() => 'value') });
    expect(arrived).toEqual({ [kind]: 'sample', handle: 'value' });
  });

  test('keeps a member that is not enumerable as one', async () => {
    const queue = runningQueue();
    const handle = queue.submit(() => 'value');
    const [arrived] = (await received(queue, Object.defineProperty({ handle }, 'quiet', { value: 1 }))) as [object];
    expect(Object.getOwnPropertyDescriptors(arrived)).toMatchObject({
      handle: { value: 'value', enumerable: true, writable: true, configurable: true },
      quiet: { value: 1, enumerable: false, writable: true, configurable: true },
    });
  });

  test('may be frozen, and is not changed', async () => {
    const queue = runningQueue();
    const handle = queue.submit(() => 1);
    const frozen = Object.freeze([handle, Object.freeze({ handle })]);
    expect(await received(queue, frozen)).toEqual([[1, { handle: 1 }]]);
    expect(frozen).toEqual([handle, { handle }]);
  });

  test('is looked into once, however deep the handle lies', async () => {
    const queue = runningQueue();
    const depth = 3_000;
    let reads = 0;
    const level = (inner: unknown): object => ({
      get inner() {
        reads += 1;
        return inner;
      },
    });
    let value: unknown = queue.submit(() => 'bottom');
    for (let n = 0; n < depth; n += 1) value = level(value);
    let [arrived] = await received(queue, value);
    // At submission, and again when the values are put in.
    expect(reads).toBeLessThanOrEqual(5 * depth);
    for (let n = 0; n < depth; n += 1) arrived = (arrived as { inner: unknown }).inner;
    expect(arrived).toBe('bottom');
  });

  test('may be 100,000 levels deep', async () => {
    const queue = runningQueue();
    const depth = 100_000;
    let deep: unknown[] = ['bottom'];
    for (let n = 1; n < depth; n += 1) deep = [deep];
    // The handle stands on top, so that the way down is searched but need not be copied.
    let [, arrived] = (await received(
      queue,
      queue.submit(() => 1),
      deep,
    )) as [unknown, unknown];
    expect(arrived).toBe(deep);
    let levels = 0;
    for (; Array.isArray(arrived); arrived = arrived[0] as unknown) levels += 1;
    expect(levels).toBe(depth);
  });
});

describe('what has no handle in it', () => {
  test('arrives as it is', async () => {
    const queue = runningQueue();
    const plain = { list: [1, { two: 2 }] };
    const handle = queue.submit(() => 1);
    const [first, second] = (await received(queue, plain, { plain, handle })) as [unknown, { plain: unknown }];
    expect(first).toBe(plain);
    expect(second.plain).toBe(plain);
  });

  test('is passed on by a task that has no handles', async () => {
    const queue = runningQueue();
    const plain = { list: [1] };
    expect((await received(queue, plain))[0]).toBe(plain);
  });
});

describe('an object of a class', () => {
  class Sample {
    readonly raw: Handle<number>;

    constructor(raw: Handle<number>) {
      this.raw = raw;
    }
  }

  test('is left alone', async () => {
    const queue = runningQueue();
    const given = [new Date(0), new Map([['a', 1]]), new Uint8Array(3), [new Set([1])]];
    const got = await received(queue, ...given);
    for (const [index, value] of given.entries()) {
      if (Array.isArray(value)) expect((got as unknown[][])[index]?.[0]).toBe(value[0]);
      else expect(got[index]).toBe(value);
    }
  });

  test.each([
    ['[0].raw', (handle: Handle<number>) => [new Sample(handle)]],
    ['[1].list[0].raw', (handle: Handle<number>) => [1, { list: [new Sample(handle)] }]],
    ['[0].get("raw")', (handle: Handle<number>) => [new Map([['raw', handle]])]],
    ['[0] (a key of a Map)', (handle: Handle<number>) => [new Map([[handle, 1]])]],
    ['[0] (a member of a Set)', (handle: Handle<number>) => [new Set([handle])]],
  ])('with a handle at %s is refused: it would not be replaced by its result', (path, args) => {
    const queue = new Scheduler().queue('q');
    const handle = queue.submit(() => 1);
    const refused = refusalOf(() => queue.submit((...given: readonly unknown[]) => given, ...args(handle)));
    expect(refused.code).toBe('InvalidArgument');
    expect(refused.message).toContain(`at ${path} of the arguments`);
  });
});

type Tree = number | { readonly handle: number } | readonly Tree[] | ReadonlyMap<string, Tree>;

const anyTree = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.nat(9),
    fc.record({ handle: fc.nat(4) }),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.oneof(fc.constantFrom('__proto__', 'constructor', 'then', '0'), fc.string()), tie('tree')), {
        maxLength: 4,
      })
      .map((entries) => new Map(entries)),
  ),
})).tree;

/** The tree as an argument, with `leaf` in the place of its handles. */
function build(tree: Tree, leaf: (index: number) => unknown): unknown {
  if (typeof tree === 'number') return tree;
  if (tree instanceof Map) {
    const object = {};
    for (const [key, member] of tree as ReadonlyMap<string, Tree>) {
      Object.defineProperty(object, key, {
        value: build(member, leaf),
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
    return object;
  }
  if (Array.isArray(tree)) return (tree as readonly Tree[]).map((member) => build(member, leaf));
  return leaf((tree as { readonly handle: number }).handle);
}

property([fc.array(anyTree, { maxLength: 4 })], { numRuns: scaledRuns(200) })(
  'for any arguments, the function is called with the same ones, values in place of handles',
  async (trees) => {
    const scheduler = new Scheduler();
    const queue = scheduler.queue('q');
    const handles = Array.from({ length: 5 }, (_, index) => queue.submit(() => `value ${index}`));
    const args = trees.map((tree) => build(tree, (index) => handles[index]));
    const arrived = queue.submit((...values: readonly unknown[]) => ({ values }), ...args);
    scheduler.start();
    const expected = trees.map((tree) => build(tree, (index) => `value ${index}`));
    // Not toStrictEqual, which is misled by a member named constructor.
    expect(isDeepStrictEqual((await arrived.result()).values, expected)).toBe(true);
    await scheduler.close();
  },
);

test('many handles within containers are told apart, and what is given twice stays one', async () => {
  const queue = runningQueue();
  const handles = Array.from({ length: 40 }, (_, n) => queue.submit(() => n));
  const shared = { handles: [...handles, ...handles] };
  const [first, second, again] = (await received(queue, shared, [shared], shared)) as [
    { readonly handles: readonly number[] },
    readonly unknown[],
    unknown,
  ];
  const numbers = handles.map((_, n) => n);
  expect(first.handles).toEqual([...numbers, ...numbers]);
  expect([second[0], again]).toEqual([first, first]);
  expect(again).toBe(first);
});
