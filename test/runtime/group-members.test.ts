/** The tasks of a group as the group counts them, and when it is told that something may be over. */
import { expect, test } from 'vitest';
import { GroupMembers } from '../../src/runtime/tasks/group-members.js';
import type { TaskRecord } from '../../src/runtime/tasks/task-record.js';

function members() {
  let changes = 0;
  const group = new GroupMembers(() => void (changes += 1));
  const join = (): TaskRecord => {
    const record = {} as TaskRecord;
    group.live.add(record);
    return record;
  };
  return { group, join, changes: () => changes };
}

test('a group is told when the last of its tasks has settled, however that ended', () => {
  const { group, join, changes } = members();
  const [a, b, c] = [join(), join(), join()];
  group.settled(a, { status: 'done', result: 1 });
  group.settled(b, { status: 'failed', error: 'no' });
  expect([changes(), group.live.size]).toEqual([0, 1]);
  group.settled(c, { status: 'cancelled', reason: 'enough' });
  expect([changes(), group.live.size, group.failed]).toEqual([1, 0, [b]]);
  expect(group.ended).toEqual({ done: 1, failed: 1, cancelled: 1 });
});

test('a group is told when the last attempt has ended, and not before', () => {
  const { group, changes } = members();
  group.attemptBegan();
  group.attemptBegan();
  group.attemptEnded();
  expect([changes(), group.attempts]).toEqual([0, 1]);
  group.attemptEnded();
  expect([changes(), group.attempts]).toEqual([1, 0]);
});

test('a group lists a thousand failures, and counts those beyond', () => {
  const { group, join } = members();
  const records = Array.from({ length: 1_002 }, join);
  for (const record of records) group.settled(record, { status: 'failed', error: 'no' });
  expect([group.failed.length, group.failed.at(-1) === records[999], group.ended.failed]).toEqual([1_000, true, 1_002]);
});
