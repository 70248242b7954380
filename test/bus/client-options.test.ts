import { describe, expect, test } from 'vitest';
import { connectProducer, connectScheduler } from '../../src/bus/index.js';
import { Scheduler } from '../../src/index.js';
import { refusalOf } from '../support/refusal.js';

describe('clients', () => {
  test.each([
    [{ baseMs: Number.NaN }, 'reconnect.baseMs must be an integer from 1 to 2147483647, got NaN'],
    [{ baseMs: 0 }, 'reconnect.baseMs must be an integer from 1 to 2147483647, got 0'],
    [{ maxMs: 2 ** 31 }, 'reconnect.maxMs must be an integer from 1 to 2147483647, got 2147483648'],
    [{ attempts: 0 }, 'reconnect.attempts must be an integer of at least 1, got 0'],
  ])('are not even made with %j', (reconnect, message) => {
    expect(refusalOf(() => connectProducer({ reconnect }))).toMatchObject({ code: 'InvalidOption', message });
  });

  test.each([
    [{ slots: Number.NaN }, 'slots must be an integer from 1 to 10000, got NaN'],
    [{ slots: 1, backlog: -1 }, 'backlog must be an integer from 0 to 100000, got -1'],
  ])('are not even made with room for %j', (room, message) => {
    const scheduler = new Scheduler();
    const refusal = refusalOf(() => connectScheduler({ scheduler, ...room }));
    expect(refusal).toMatchObject({ code: 'InvalidOption', message });
  });

  test.each<[string, (scheduler: Scheduler) => unknown, string]>([
    [
      'a producer',
      () => connectProducer(misspelt({ tokn: 'x' })),
      'connectProducer has no option tokn; did you mean token?',
    ],
    [
      'a scheduler',
      (scheduler) => connectScheduler({ scheduler, slots: 1, ...misspelt({ slotz: 2 }) }),
      'connectScheduler has no option slotz; did you mean slots?',
    ],
    [
      'either',
      () => connectProducer({ reconnect: misspelt({ maxMS: 1 }) }),
      'reconnect has no option maxMS; did you mean maxMs?',
    ],
  ])('are not even made with a misspelt option: %s', (_, connect, message) => {
    const refusal = refusalOf(() => connect(new Scheduler()));
    expect(refusal.code).toBe('InvalidOption');
    expect(refusal.message).toContain(message);
  });

  test('leave no queue behind when they are not made', async () => {
    const scheduler = new Scheduler();
    for (const options of [{ url: 'http://127.0.0.1' }, { reconnect: { baseMs: -1 } }]) {
      const refusal = refusalOf(() => connectScheduler({ scheduler, slots: 1, ...options }));
      expect(refusal.code).toBe('InvalidOption');
    }
    connectScheduler({ scheduler, slots: 1, url: 'ws://127.0.0.1:1' }).close();
    await scheduler.close();
  });

  test.each(['http://127.0.0.1', 'nowhere', '', 'ws://127.0.0.1/#part'])(
    'are not even made for the address %j',
    (url) => {
      expect(refusalOf(() => connectProducer({ url })).code).toBe('InvalidOption');
    },
  );
});

/** Options as JavaScript may pass them: the compiler would refuse these. */
function misspelt(options: object): object {
  return options;
}
