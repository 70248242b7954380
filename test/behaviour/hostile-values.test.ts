/** Values that throw from whatever looks at them: each harms the task or the call that it belongs to, and nothing else. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { Scheduler, SchedulerError } from '../../src/index.js';
import { quiet } from '../support/event-loop.js';

const throws = (): never => {
  throw new Error('hostile');
};
const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
const getter = (...names: PropertyKey[]): object => {
  const value = {};
  for (const name of names) Object.defineProperty(value, name, { get: throws, enumerable: true });
  return value;
};
const traps = ['get', 'has', 'getPrototypeOf', 'ownKeys', 'getOwnPropertyDescriptor'] as const;

/* oxlint-disable no-thenable -- that is what these values are for */
const odd: readonly (readonly [name: string, make: () => unknown])[] = [
  ['a revoked proxy', revoked],
  ...traps.map((trap) => [`a proxy that throws from ${trap}`, () => new Proxy({}, { [trap]: throws })] as const),
  ['a then that throws', () => getter('then')],
  ['a thenable that throws', () => ({ then: throws })],
  ['a thenable that calls back twice', () => ({ then: (ok: (n: number) => void) => (ok(1), ok(2), throws()) })],
  ['an iterator that throws', () => ({ [Symbol.iterator]: throws })],
  ['an iterator getter that throws', () => getter(Symbol.iterator, Symbol.asyncIterator)],
  ['an iterator without next', () => ({ [Symbol.iterator]: () => ({}) })],
  ['an iterator of hostile answers', () => ({ [Symbol.iterator]: () => ({ next: () => getter('done', 'value') }) })],
  ['an async iterator of hostile answers', () => ({ [Symbol.asyncIterator]: () => ({ next: () => getter('done') }) })],
  ['an async iterator that answers with nothing', () => ({ [Symbol.asyncIterator]: () => ({ next: () => null }) })],
  ['a tag that throws', () => getter(Symbol.toStringTag)],
  ['a text that throws', () => ({ toString: throws, toJSON: throws, [Symbol.toPrimitive]: throws })],
  ['an object without prototype', () => Object.create(null) as unknown],
  [
    'an error whose message is no text',
    () => Object.assign(new Error('x'), { message: Object.create(null) as string }),
  ],
  ['an error from JSON', () => Object.assign(new Error('x'), { message: { toString: 0 }, name: { toString: 0 } })],
  ['an error that throws', () => Object.defineProperty(new Error('x'), 'message', { get: throws })],
  ['an error with a hostile cause', () => new Error('x', { cause: revoked() })],
  ['undefined', () => undefined],
  ['null', () => null],
  ['a symbol', () => Symbol('s')],
];
/* oxlint-enable no-thenable */

type Queue = ReturnType<Scheduler['queue']>;

/** Every way in which a user's value comes in while tasks run. */
const entries: readonly (readonly [name: string, use: (queue: Queue, value: unknown) => unknown])[] = [
  ['returned', (queue, value) => queue.submit(() => value)],
  ['resolved', (queue, value) => queue.submit(async () => Promise.resolve([value]))],
  ['thrown', (queue, value) => queue.submit(() => Promise.reject(value as Error))],
  [
    'thrown at once',
    (queue, value) =>
      queue.submit((): never => {
        throw value;
      }),
  ],
  ['streamed', (queue, value) => queue.stream(() => value as Iterable<unknown>)],
  [
    'yielded',
    (queue, value) =>
      queue.submit(function* () {
        yield value;
      }),
  ],
  [
    'yielded asynchronously',
    (queue, value) =>
      queue.submit(async function* () {
        yield [value];
      }),
  ],
  ['given', (queue, value) => queue.submit((given: unknown) => given === undefined, [value])],
  [
    'given by a task',
    (queue, value) =>
      queue.submit(
        (given: unknown) => [given],
        queue.submit(() => [value]),
      ),
  ],
  ['the reason of a cancel', (queue, value) => queue.submit(() => 1).cancel(value)],
  ['the reason of a signal', (queue, value) => queue.submit({ signal: AbortSignal.abort(value) }, () => 1)],
  [
    'the answer of retry.when',
    (queue, value) => queue.submit({ retry: { attempts: 2, when: () => value as boolean } }, throws),
  ],
  [
    'the count of results',
    (queue, value) =>
      queue.submit(
        Object.assign(
          function* () {
            yield 1;
          },
          { numberOfResults: () => value },
        ),
      ),
  ],
  ['the item of a feed', (queue, value) => queue.from([value], (item) => [item], { onError: 'continue' }).done()],
  [
    'the source of a feed',
    (queue, value) =>
      queue
        .from(
          () => value as undefined,
          (item) => item,
        )
        .done(),
  ],
  ['the failure of a feed', (queue, value) => queue.from([1], () => Promise.reject(value as Error)).done()],
  [
    'the answer of onResult',
    (queue, value) => queue.from([1], (item) => item, { onResult: () => value as undefined }).done(),
  ],
  ['the options', (queue, value) => queue.submit(value as object, () => 1)],
  [
    'an option',
    (queue, value) => queue.submit({ id: value as string, resources: value as Record<string, number> }, () => 1),
  ],
  ['the function', (queue, value) => queue.submit(value as () => 1)],
  ['the retry option', (queue, value) => queue.submit({ retry: value as { attempts: 1 } }, () => 1)],
  ['the source', (queue, value) => queue.from(value as number[], (item) => item).done()],
  ['the options of a feed', (queue, value) => queue.from([1], (item) => item, value as object).done()],
];

describe.each(entries)('a value that is %s', (_, use) => {
  test.each(odd)('may be %s', async (__, make) => {
    const scheduler = new Scheduler();
    onTestFinished(() => scheduler.terminate());
    const queue = scheduler.queue('q', { concurrency: 2 });
    const events: string[] = [];
    scheduler.on('task', ({ id, state }) => void events.push(`${id} ${state}`));
    scheduler.start();
    let used: unknown;
    try {
      used = use(queue, make());
    } catch (error) {
      // Refused at once, with a code.
      expect(error).toBeInstanceOf(SchedulerError);
    }
    if (used instanceof Promise) used.catch(() => undefined);
    await quiet();
    const { handle } = { handle: queue.submit(() => 'fine') };
    expect(await handle.result()).toBe('fine');
    await scheduler.wait().catch((error: unknown) => expect(error).toBeInstanceOf(SchedulerError));
    expect([scheduler.state, scheduler._unsettled]).toEqual(['idle', []]);
    expect(typeof handle.why().message).toBe('string');
  });
});
