/** What an outcome is of, and what the errors of several say. */
import { expect, test } from 'vitest';
import { outcomeKind, type OutcomeKind, TasksFailed, WorkerCrashed } from '../../src/index.js';
import { DependencyFailed, TaskEvicted, TaskInterrupted, TaskTimedOut } from '../../src/index.js';

test.each<[OutcomeKind, unknown]>([
  ['timed-out', new TaskTimedOut('t', 5)],
  ['evicted', new TaskEvicted('t', 'u', 'q')],
  ['worker-crashed', new WorkerCrashed('t', 'gone')],
  ['interrupted', new TaskInterrupted('t', 'key')],
  ['dependency-failed', new DependencyFailed('t', 's', 'cause')],
  ['failed', new Error('x')],
])('%s', (kind, error) => {
  expect(outcomeKind({ status: 'failed', error })).toBe(kind);
});

test('failures are told by the first, or by their number where none is kept', () => {
  const failures = [{ task: 'a', error: new Error('x') }];
  expect(new TasksFailed(failures, 1).message).toBe('task a failed: Error: x');
  expect(new TasksFailed(failures, 3).message).toBe('task a failed and 2 more: Error: x');
  expect(new TasksFailed([], 3).message).toBe('3 tasks failed');
});
