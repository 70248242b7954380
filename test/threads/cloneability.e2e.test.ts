/** Values that cannot cross from thread to thread. */
import { describe, expect, test } from 'vitest';
import { SchedulerError } from 'pullgraph';
import * as values from './fixtures/values.js';
import { filePool, testedPool } from './run-in-threads.js';

const pool = filePool('values.js');

async function refusal(...args: readonly unknown[]): Promise<string> {
  const error = await pool.runWith({ id: 't' }, values.identity, ...args).error();
  expect(error).toBeInstanceOf(SchedulerError);
  expect(error).toMatchObject({ code: 'NotCloneable', tasks: ['t'] });
  return (error as Error).message.replace('task t: ', '').replace(' cannot be sent to another thread, it is ', ' | ');
}

describe('an argument that cannot be cloned', () => {
  class Meter {
    readonly unit = 'V';
    readonly read = (): number => 1;
  }
  const detached = new Uint8Array(4);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });

  test.each<[path: string, what: string, arg: unknown]>([
    ['args[0]', 'the function parseInt', parseInt],
    ['args[0].handlers[2].fn', 'the function onData', { handlers: [1, {}, { fn: function onData(): void {} }] }],
    ['args[0]["not a name"]', 'the symbol Symbol(s)', { 'not a name': Symbol('s') }],
    ['args[0].get("k")', 'a WeakMap', new Map([['k', new WeakMap()]])],
    ['args[0].keys()[0]', 'a WeakSet', new Map([[new WeakSet(), 1]])],
    ['args[0].values()[1]', 'a Promise', new Set([1, Promise.resolve()])],
    ['args[0].meter.read', 'the function read', { meter: new Meter() }],
    ['args[0]', 'a Generator', (function* () {})()],
    ['args[0].deep', 'a Proxy', { deep: new Proxy({}, {}) }],
    ['args[0].port', 'a MessagePort', { port: new MessageChannel().port1 }],
    ['args[0].view', 'a Uint8Array', { view: detached }],
    ['args[0].cause', 'the function why', new Error('x', { cause: function why(): void {} })],
  ])('is named by its path %s, and is told to be %s', async (path, what, arg) => {
    expect(await refusal(arg)).toBe(`${path} | ${what}`);
  });

  test('is found behind others that can, and in circles', async () => {
    const ring: Record<string, unknown> = { fine: new Date(), list: [new Float64Array(2), /x/] };
    ring['ring'] = ring;
    ring['last'] = parseInt;
    expect(await refusal(1, ring)).toBe('args[1].last | the function parseInt');
  });

  test('costs its own attempt only', async () => {
    const narrow = testedPool('values.js', { size: 1 });
    const attempts = Array.from({ length: 5_000 }, () => narrow.run(values.identity, parseInt));
    const fine = narrow.run(values.identity, 'fine');
    await Promise.all(attempts.map((attempt) => attempt.error()));
    expect(await fine.value()).toBe('fine');
  });

  test('has what Node said as its cause', async () => {
    const error = await pool.run(values.identity, () => 1).error();
    expect((error as Error).cause).toMatchObject({ name: 'DataCloneError' });
  });
});

test('an argument whose getter throws fails the attempt with what it threw', async () => {
  const thrown = new RangeError('no reading');
  const arg = {
    get reading(): number {
      throw thrown;
    },
  };
  expect(await pool.run(values.identity, arg).error()).toBe(thrown);
});

describe('a result that cannot be cloned', () => {
  test.each([
    [values.withCallback, 'result.handlers[2].fn', 'the function onData'],
    [values.withSymbol, 'result', 'the symbol Symbol(mark)'],
    [values.withWeakMap, 'result.get("cache")', 'a WeakMap'],
    [values.withPromise, 'result[0]', 'a Promise'],
  ])('of %o is named by its path %s', async (fn, path, what) => {
    const error = await pool.runWith({ id: 't' }, fn).error();
    expect(error).toBeInstanceOf(SchedulerError);
    expect(error).toMatchObject({
      code: 'NotCloneable',
      tasks: ['t'],
      message: `task t: ${path} cannot be sent to another thread, it is ${what}`,
      cause: { name: 'DataCloneError' },
    });
    expect(await pool.run(values.withNumber).value()).toBe(1);
  });
});

test('what can be cloned arrives', async () => {
  const arg = {
    list: [1n, null, undefined, new Date(5)],
    map: new Map([[1, new Set(['x'])]]),
    bytes: new Uint8Array(3),
  };
  expect(await pool.run(values.identity, arg).value()).toEqual(arg);
});
