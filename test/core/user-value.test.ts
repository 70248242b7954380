/** Names and texts of values that may be anything. */
import { expect, test } from 'vitest';
import { SchedulerError } from '../../src/index.js';
import { messageOf, nameOfFunction, typeOfError } from '../../src/core/user-value.js';

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
])('the name of a function, %s', (_, name, shown) => {
  expect(nameOfFunction(Object.defineProperty(() => undefined, 'name', { value: name }))).toBe(shown);
});

test('the name of a function that throws when asked', () => {
  const get = (): never => {
    throw new Error('no name');
  };
  expect(nameOfFunction(Object.defineProperty(() => undefined, 'name', { get }))).toBe('');
});
