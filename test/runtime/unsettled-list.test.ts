/** The list of tasks that have not settled: all of them, in order, and nothing of those that have. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TaskRecord } from '../../src/runtime/tasks/task-record.js';
import { UnsettledList } from '../../src/runtime/tasks/unsettled-list.js';
import { property } from '../support/property.js';

/** As much of a record as the list knows. */
function record(): TaskRecord {
  return { unsettledAt: 0 } as unknown as TaskRecord;
}

describe('the list of unsettled tasks', () => {
  property([fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(-1) }, fc.nat({ max: 500 })), { maxLength: 500 })])(
    'has those that were added and not removed, newest first',
    (ops) => {
      const list = new UnsettledList();
      const expected: TaskRecord[] = [];
      for (const pick of ops) {
        if (pick >= 0 && expected.length > 0) {
          for (const each of expected.splice(pick % expected.length, 1)) list.remove(each);
        } else {
          const added = record();
          list.add(added);
          expected.push(added);
        }
        expect(list.count).toBe(expected.length);
      }
      const newestFirst = list.newestFirst();
      expect(newestFirst).toHaveLength(expected.length);
      for (const [index, each] of expected.toReversed().entries()) expect(newestFirst[index]).toBe(each);
    },
  );

  test('closes up as tasks are removed, whichever', () => {
    const list = new UnsettledList();
    const records = Array.from({ length: 1_000 }, record);
    for (const each of records) list.add(each);
    for (const each of records.slice(0, 990)) list.remove(each);
    expect(list.newestFirst()).toHaveLength(10);
    // Places are taken anew by those that are left.
    expect(Math.max(...records.slice(990).map(({ unsettledAt }) => unsettledAt))).toBeLessThan(64);
  });

  test.each([
    ['of 64', 64, 40, 63],
    ['of 65, of which more than half are left', 65, 32, 64],
    ['of 66, of which half are left', 66, 33, 65],
    ['of 65, of which less than half are left', 65, 33, 31],
    ['of 66, of which less than half are left', 66, 34, 31],
  ])('puts the last task %s at a place that is taken anew only where that is worth it', (_, count, removed, place) => {
    const list = new UnsettledList();
    const records = Array.from({ length: count }, record);
    for (const each of records) list.add(each);
    for (const each of records.slice(0, removed)) list.remove(each);
    expect([list.count, records.at(-1)?.unsettledAt]).toEqual([count - removed, place]);
  });

  test('tells each time that the last one has been removed, and at no other', () => {
    let emptied = 0;
    const list = new UnsettledList(() => void (emptied += 1));
    const [a, b] = [record(), record()];
    for (let round = 1; round <= 2; round += 1) {
      for (const each of [a, b]) list.add(each);
      list.remove(b);
      expect(emptied).toBe(round - 1);
      list.remove(a);
      expect(emptied).toBe(round);
    }
  });
});
