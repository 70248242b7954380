import { describe, expect, test } from 'vitest';
import { Scheduler } from '../../src/index.js';
import { refusalOf } from '../support/refusal.js';

describe('an option that does not exist is refused by its name', () => {
  test('by new Scheduler', () => {
    const error = refusalOf(() => new Scheduler({ onfailure: 'stop' } as object));
    expect([error.code, error.message]).toEqual(['InvalidOption', 'new Scheduler has no option onfailure']);
  });

  test('by queue, which leaves no queue behind', () => {
    const scheduler = new Scheduler();
    const error = refusalOf(() => scheduler.queue('q', { concurency: 2 } as object));
    expect([error.code, error.message]).toEqual(['InvalidOption', 'queue has no option concurency']);
    expect([...scheduler.queues.keys()]).toEqual([]);
  });
});

test.each([0, -1, 1.5, Number.NaN])('events refuses to keep %s events', (limit) => {
  const scheduler = new Scheduler();
  expect(refusalOf(() => scheduler.events({ limit })).code).toBe('InvalidOption');
});
