/** Errors and other thrown values on their way to the main thread. */
import { describe, expect, test } from 'vitest';
import { THREAD } from '../../src/executors/remote/cloneability.js';
import { decodeThrown, encodeThrown } from '../../src/executors/remote/thrown-value.js';
import * as values from './fixtures/values.js';
import { filePool } from './run-in-threads.js';

const pool = filePool('values.js');

describe('an error that a function throws', () => {
  test.each([values.throwLimit, values.rejectLimit])(
    'keeps its message, name, stack, cause, own properties and nearest class: %o',
    async (fn) => {
      const error = await pool.run(fn).error();
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toMatchObject({ name: 'LimitError', message: 'too much', limit: 5 });
      const { stack, cause } = error as Error;
      expect(stack).toMatch(/too much\n.*throwLimit.*values\.js/);
      expect(cause).toBeInstanceOf(TypeError);
      expect(cause).toMatchObject({ message: 'inner', cause: { at: 3 } });
    },
  );

  test('arrives with what can be cloned of it', async () => {
    const error = await pool.run(values.throwUncloneableError).error();
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: 'with a callback', code: 'E_CALLBACK' });
    expect(error).not.toHaveProperty('callback');
    expect((error as Error).stack).toContain('throwUncloneableError');
  });

  test('keeps the errors that it gathers', async () => {
    const error = await pool.run(values.throwAggregate).error();
    expect(error).toBeInstanceOf(AggregateError);
    const { errors } = error as AggregateError;
    expect(errors.map(String)).toEqual(['RangeError: one', 'TypeError: two']);
    expect(errors[0]).toBeInstanceOf(RangeError);
    expect(Object.keys(error as object)).not.toContain('errors');
  });

  test('that is its own cause arrives', async () => {
    const error = await pool.run(values.throwCircular).error();
    expect(error).toMatchObject({ message: 'round', cause: { message: 'round' } });
  });

  test('that is a DOMException stays one', async () => {
    const error = await pool.run(values.throwAbort).error();
    expect(error).toBeInstanceOf(DOMException);
    expect(error).toMatchObject({ name: 'AbortError', code: DOMException.ABORT_ERR });
  });
});

describe('a thrown value that is no error', () => {
  test.each([[undefined], [null], [7], ['text'], [{ reason: ['x'] }], [[1, 2]]])(
    'arrives as it is: %o',
    async (value) => {
      expect(await pool.run(values.throwValue, value).error()).toEqual(value);
    },
  );

  test('and cannot be cloned arrives as an error that says so', async () => {
    const error = await pool.run(values.throwFunction).error();
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toContain('Function');
  });
});

test.each([
  [{ kind: 'error' }],
  [{ kind: 'error', className: 'Error', message: 1, fields: [] }],
  [{ kind: 'list', items: [3] }],
  [{ kind: 'unheard of' }],
  ['text'],
])('what was not encoded is not decoded: %o', (value) => {
  expect(decodeThrown(value)).toBe(value);
});

test('a property whose getter throws is left out', () => {
  const error = Object.defineProperty(new Error('odd'), 'reading', {
    enumerable: true,
    get() {
      throw new Error('no reading');
    },
  });
  expect(decodeThrown(structuredClone(encodeThrown(THREAD, error)))).toMatchObject({ message: 'odd' });
});
