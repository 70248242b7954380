/** What a call throws that could not read what it was given. */
import { expect, test } from 'vitest';
import { Scheduler, SchedulerError, type SubmitOptions } from '../../src/index.js';
import { refusalOf } from '../support/refusal.js';

/** Options of which one throws when it is read. */
const throwing = (error: unknown): SubmitOptions => ({
  get id(): string {
    throw error;
  },
});

const refused = (error: unknown): SchedulerError =>
  refusalOf(() => new Scheduler().queue('q').submit(throwing(error), () => 1));

test('what an option throws is the cause of the refusal', () => {
  const harm = new RangeError('not now');
  expect(refused(harm)).toMatchObject({
    code: 'InvalidArgument',
    message: 'the options or arguments of a submission cannot be read: RangeError: not now',
    cause: harm,
  });
});

test('an error of pullgraph that an option throws is passed on as it is', () => {
  const harm = new SchedulerError('NotHeld', 'x');
  expect(refused(harm)).toBe(harm);
});
