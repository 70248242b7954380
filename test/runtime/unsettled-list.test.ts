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
});
