/** Names and texts of values that may be anything. */
import { expect, test } from 'vitest';
import { SchedulerError } from '../../src/index.js';
import {
  describe,
  isAsyncIterable,
  isGenerator,
  isInstance,
  isIterable,
  isNativePromise,
  isThenable,
  messageOf,
  nameOfFunction,
  shown,
  stackOf,
  typeOfError,
} from '../../src/core/user-value.js';

const hostile = new Proxy(new Error('x'), {
  getPrototypeOf() {
    throw new Error('no prototype');
  },
});

const named = (name: unknown): Error => Object.defineProperty(new Error('x'), 'name', { value: name });

test.each([
  ['an error of pullgraph', new SchedulerError('InvalidOption', 'x'), 'InvalidOption'],
  ['another error', new RangeError('x'), 'RangeError'],
  ['an error without a name', named(''), 'Error'],
  ['an error whose name is no text', named(7), 'Error'],
  ['a text', 'x', 'string'],
  ['one that throws', hostile, 'Error'],
])('the type of %s', (_, value, type) => {
  expect(typeOfError(value)).toBe(type);
});

test('the message of an error, and the text of what is none', () => {
  expect([new Error('x'), 7, Object.create(null) as object].map(messageOf)).toEqual(['x', '7', '[object Object]']);
});

test.each([
  ['given', 'work', 'work'],
  ['that is no text', 7, ''],
])('the name of a function, %s', (_, name, told) => {
  expect(nameOfFunction(Object.defineProperty(() => undefined, 'name', { value: name }))).toBe(told);
});

test('the name of a function that throws when asked', () => {
  const get = (): never => {
    throw new Error('no name');
  };
  expect(nameOfFunction(Object.defineProperty(() => undefined, 'name', { get }))).toBe('');
});

const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

test.each<readonly [what: string, value: unknown, told: string]>([
  ['an error by name and message', new RangeError('x'), 'RangeError: x'],
  ['a text as it is', 'x', 'x'],
  ['what has no text by its kind', Object.create(null), '[object Object]'],
  ['an error that throws by its kind too', hostile, '[object Object]'],
  ['what has not even a kind in words', revoked(), 'a value that cannot be described'],
])('a value is described: %s', (_, value, told) => {
  expect(describe(value)).toBe(told);
});

test.each<readonly [what: string, value: unknown, told: string]>([
  ['a text, in quotes', '5', '"5"'],
  ['a number, without', 5, '5'],
  ['what has an empty text, in words', [], 'a value without text'],
  ['a text of 100 characters, whole', 'x'.repeat(100), `"${'x'.repeat(100)}"`],
  ['a longer text, cut', 'x'.repeat(101), `"${'x'.repeat(100)}…"`],
])('what was given is shown: %s', (_, value, told) => {
  expect(shown(value)).toBe(told);
});

test('the stack of an error that has one', () => {
  const error = new Error('x');
  const without = Object.defineProperty(new Error('x'), 'stack', { value: undefined });
  const odd = Object.defineProperty(new Error('x'), 'stack', { value: 7 });
  expect([error, without, odd, { stack: 'x' }, hostile].map(stackOf)).toEqual([
    error.stack,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test('a value that throws when asked is an instance of nothing', () => {
  expect([new RangeError('x'), {}, hostile, revoked()].map((value) => isInstance(value, Error))).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

function* steps(): Generator<number> {
  yield 1;
}
async function* asyncSteps(): AsyncGenerator<number> {
  yield 1;
}
class OwnPromise<T> extends Promise<T> {}
/* oxlint-disable no-thenable -- that is what these values are for */
const values: Readonly<Record<string, unknown>> = {
  nothing: undefined,
  null: null,
  text: 'x',
  object: {},
  function: () => 1,
  array: [1],
  promise: Promise.resolve(1),
  'promise of a class of its own': OwnPromise.resolve(1),
  'promise with a then of its own': Object.assign(Promise.resolve(1), { then: () => undefined }),
  'promise with a class of its own': Object.assign(Promise.resolve(1), { constructor: OwnPromise }),
  thenable: { then: () => undefined },
  'then that cannot be called': { then: 1 },
  generator: steps(),
  'async generator': asyncSteps(),
};
/* oxlint-enable no-thenable */

test.each<readonly [what: string, is: (value: unknown) => boolean, names: readonly string[]]>([
  [
    'something to await',
    isThenable,
    [
      'promise',
      'promise of a class of its own',
      'promise with a then of its own',
      'promise with a class of its own',
      'thenable',
    ],
  ],
  ["the language's own promise", isNativePromise, ['promise']],
  ['something to walk through', isIterable, ['text', 'array', 'generator']],
  ['something to walk through asynchronously', isAsyncIterable, ['async generator']],
  ['what a generator function returned', isGenerator, ['generator', 'async generator']],
])('%s is told from all else', (_, is, names) => {
  const answers = Object.entries(values).map(([name, value]) => [name, is(value)]);
  expect(answers).toEqual(Object.keys(values).map((name) => [name, names.includes(name)]));
});
