/** Trace headers: which are taken, and how a process is told of them. */
import { expect, test } from 'vitest';
import { checkTraceHeaders, inScope, isTraceHeaders, traceVariables } from '../../src/core/trace-headers.js';
import { refusalOf } from '../support/refusal.js';

const many = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, n) => [`h${n}`, '']));

test.each([
  ['none', {}, true],
  ['some', { traceparent: '00-1-2-01' }, true],
  ['as many as may be', many(32), true],
  ['one more', many(33), false],
  ['as long as may be', { h: 'x'.repeat(8_191) }, true],
  ['longer', { h: 'x'.repeat(8_192) }, false],
  ['of another type', { h: 1 }, false],
  ['of lists', { h: ['a'] }, false],
  ['nothing', null, false],
  ['a text', 'traceparent', false],
  ['an array', ['traceparent'], false],
])('headers: %s', (_, value, isTaken) => {
  expect(isTraceHeaders(value)).toBe(isTaken);
  if (isTaken) checkTraceHeaders(value);
  else expect(refusalOf(() => checkTraceHeaders(value))).toMatchObject({ code: 'InvalidOption' });
});

test('headers that are refused are told from those that would be taken', () => {
  const message = 'trace must be an object of strings, at most 32 headers and 8192 characters, got 5';
  expect(refusalOf(() => checkTraceHeaders(5)).message).toBe(message);
});

test('variables of a process are named in capitals', () => {
  expect(traceVariables({ traceparent: 'a', 'x-b3': 'b' })).toEqual({ TRACEPARENT: 'a', X_B3: 'b' });
  expect(traceVariables(undefined)).toEqual({});
});

test('a call is made within the scope of its attempt, where there is one', () => {
  const steps: string[] = [];
  const scope = {
    run<T>(call: () => T): T {
      steps.push('entered');
      const value = call();
      steps.push('left');
      return value;
    },
  };
  const call = (): number => steps.push('called');
  expect([inScope({ scope }, call), steps]).toEqual([2, ['entered', 'called', 'left']]);
  expect([inScope({}, call), steps.at(-1)]).toEqual([4, 'called']);
});
