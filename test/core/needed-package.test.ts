/** A package that only some parts need: what is said when it is missing, and what is passed on. */
import { expect, test } from 'vitest';
import { neededPackage, requiredPackage } from '../../src/core/needed-package.js';

const notFound = (name: string, code: string): Error =>
  Object.assign(new Error(`Cannot find package '${name}' imported from here`), { code });

/** What comes out of `requiredPackage` when the package throws `cause`. */
function toldOf(cause: unknown): unknown {
  try {
    return requiredPackage('ws', 'the bus', () => {
      throw cause;
    });
  } catch (error) {
    return error;
  }
}

test.each(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'])('one that is missing is named (%s)', async (code) => {
  const cause = notFound('ws', code);
  const expected = { code: 'MissingPackage', message: 'the bus needs the package ws: npm install ws', cause };
  await expect(neededPackage('ws', 'the bus', () => Promise.reject(cause))).rejects.toMatchObject(expected);
  expect(toldOf(cause)).toMatchObject(expected);
});

test.each<[string, unknown]>([
  ['a package that the package itself lacks', notFound('bufferutil', 'MODULE_NOT_FOUND')],
  ['an error of the package', new RangeError('ws is too old')],
  ['an error with another code', notFound('ws', 'EACCES')],
  ['a value that is no error', 'no'],
  ['null', null],
])('%s is passed on as it is', async (_, cause) => {
  await expect(neededPackage('ws', 'the bus', () => Promise.reject(cause as Error))).rejects.toBe(cause);
  expect(toldOf(cause)).toBe(cause);
});

test('one that is there is given', async () => {
  expect(await neededPackage('ws', 'the bus', () => Promise.resolve(1))).toBe(1);
  expect(requiredPackage('ws', 'the bus', () => 2)).toBe(2);
});
