import { describe, expect, test } from 'vitest';
import { Scheduler } from '../../src/index.js';
import { refusalOf } from '../support/refusal.js';

describe('options that are no object are refused', () => {
  test.each([null, 3, []])('%j', (options) => {
    const scheduler = new Scheduler();
    for (const call of [() => new Scheduler(options as never), () => scheduler.queue('q', options as never)]) {
      const error = refusalOf(call);
      expect(error.code).toBe('InvalidOption');
      expect(error.message).toMatch(/^the options of (new Scheduler|queue) must be an object, got /);
    }
  });
});

describe('an option that does not exist is refused by its name', () => {
  test('by new Scheduler', () => {
    const error = refusalOf(() => new Scheduler({ onfailure: 'stop' } as object));
    expect(error).toMatchObject({
      code: 'InvalidOption',
      message:
        'new Scheduler has no option onfailure; did you mean onFailure? ' +
        'Its options are onFailure, order, interpreter, parent, inspect, onSettled, store, durability, onStoreError',
    });
  });

  test('by queue, which leaves no queue behind', () => {
    const scheduler = new Scheduler();
    const error = refusalOf(() => scheduler.queue('q', { concurency: 2 } as object));
    expect(error.code).toBe('InvalidOption');
    expect(error.message).toMatch(
      /^queue has no option concurency; did you mean concurrency\? Its options are .*timeoutMs, retry/,
    );
    expect([...scheduler.queues.keys()]).toEqual([]);
  });
});

test.each([0, -1, 1.5, Number.NaN])('events refuses to keep %s events', (limit) => {
  const scheduler = new Scheduler();
  expect(refusalOf(() => scheduler.events({ limit })).code).toBe('InvalidOption');
});
