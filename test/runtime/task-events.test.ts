/** Which events settle a task, with which outcome; all others leave it open. */
import { expect, test } from 'vitest';
import type { TaskEvent } from '../../machines/task.js';
import { outcomeOf, retryAfter } from '../../machines/task-events.js';

const error = new Error('x');
const attempt = 2;

/** Every event, so that a new one is not forgotten. */
const EVENTS: { readonly [K in TaskEvent['type']]: readonly [Extract<TaskEvent, { type: K }>, unknown] } = {
  'attempt.done': [
    { type: 'attempt.done', attempt, result: 1 },
    { status: 'done', result: 1 },
  ],
  'followed.done': [
    { type: 'followed.done', result: 1 },
    { status: 'done', result: 1 },
  ],
  'attempt.failed': [
    { type: 'attempt.failed', attempt, error, retryInMs: 5 },
    { status: 'failed', error },
  ],
  'attempt.timedOut': [
    { type: 'attempt.timedOut', attempt, error },
    { status: 'failed', error },
  ],
  'evict.requested': [
    { type: 'evict.requested', attempt, error, isDropped: true },
    { status: 'failed', error },
  ],
  'dependency.failed': [
    { type: 'dependency.failed', error },
    { status: 'failed', error },
  ],
  'outcome.restored': [
    { type: 'outcome.restored', outcome: { status: 'done', result: 1 } },
    { status: 'done', result: 1 },
  ],
  'cancel.requested': [
    { type: 'cancel.requested', reason: 'r' },
    { status: 'cancelled', reason: 'r' },
  ],
  'dependencies.satisfied': [{ type: 'dependencies.satisfied' }, undefined],
  'start.granted': [{ type: 'start.granted' }, undefined],
  'start.withdrawn': [{ type: 'start.withdrawn', attempt }, undefined],
  'attempt.followed': [{ type: 'attempt.followed', attempt }, undefined],
  'pause.ended': [{ type: 'pause.ended' }, undefined],
  'partial.delivered': [{ type: 'partial.delivered', attempt, value: 1 }, undefined],
  'partial.restored': [{ type: 'partial.restored', value: 1 }, undefined],
};

test.each(Object.values(EVENTS))('$0.type gives the outcome %j', (event, outcome) => {
  expect(outcomeOf(event)).toEqual(outcome);
});

test('another attempt follows on a failure of the attempt under way only, and where it says so', () => {
  const context = { id: 't', queue: 'q', attempt, delivered: 0, outcome: undefined };
  const after = (event: TaskEvent): number => retryAfter(context, event);
  expect(after({ type: 'attempt.failed', attempt, error, retryInMs: 5 })).toBe(5);
  expect(after({ type: 'attempt.timedOut', attempt, error, retryInMs: 0 })).toBe(0);
  expect(after({ type: 'attempt.failed', attempt, error })).toBeNaN();
  expect(after({ type: 'attempt.failed', attempt: 1, error, retryInMs: 5 })).toBeNaN();
  expect(after({ type: 'evict.requested', attempt, error, isDropped: false })).toBeNaN();
});
