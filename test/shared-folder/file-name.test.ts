import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { entryFileName } from '../../src/shared-folder/file-name.js';
import { property } from '../support/property.js';

test.each([
  ['a', 'task-a.0'],
  ['square 3', 'task-square%203.0'],
  ['../../etc/passwd', 'task-%2e%2e%2f%2e%2e%2fetc%2fpasswd.0'],
  ['A', 'task-%41.0'],
  ['é', 'task-%c3%a9.0'],
  ['a.0', 'task-a%2e0.0'],
])('the task %j has the file %s', (id, name) => {
  expect(entryFileName(id, 0)).toBe(name);
});

const anyId = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }),
  // Long ones that differ somewhere only.
  fc.tuple(fc.constantFrom('A', 'a', '~', '%'), fc.nat(300)).map(([end, length]) => 'x'.repeat(length) + end),
);

property([anyId, fc.nat()])('for any id, the name is one that every file system takes', (id, slot) => {
  const name = entryFileName(id, slot);
  expect(name).toMatch(/^task-[a-z0-9%~-]+\.\d+$/);
  expect(name.length).toBeLessThan(160);
});

property([anyId, anyId])(
  'for any two ids, the names differ, also where capital letters are small ones',
  (one, other) => {
    fc.pre(Buffer.from(one, 'utf8').compare(Buffer.from(other, 'utf8')) !== 0);
    expect(entryFileName(one, 1).toLowerCase()).not.toBe(entryFileName(other, 1).toLowerCase());
  },
);
