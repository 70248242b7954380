/** Rules that say which queue gets a task. */
import { describe, expect, test } from 'vitest';
import { Scheduler } from '../../src/index.js';
import { refusalOf } from '../support/refusal.js';

const double = (value: number): number => 2 * value;
function* letters(): Generator<string> {
  yield 'a';
  yield 'b';
}

describe('a route', () => {
  test('gives a task to the first queue that accepts it, with its options, arguments and handles', async () => {
    const scheduler = new Scheduler();
    const [large, small] = [scheduler.queue('large', { resources: { ram: 4 } }), scheduler.queue('small')];
    const route = scheduler.route([
      { queue: large, accepts: ({ options }) => (options.resources?.['ram'] ?? 0) > 1 },
      { queue: small, accepts: ({ fn, args }) => fn === double && args.length === 1 },
      { queue: large, accepts: () => true },
    ]);
    const first = route.submit({ id: 'first', resources: { ram: 2 } }, double, 4);
    const second = route.submit(double, first);
    const stream = route.submit(letters);
    const listed = route.stream((text: string) => text.split(' '), 'x y');
    expect([first.queue, second.queue, stream.queue, listed.queue]).toEqual(['large', 'small', 'large', 'large']);
    scheduler.start();
    expect(await second.result()).toBe(16);
    expect(await stream.at(1).result()).toBe('b');
    expect(await listed.result()).toEqual(['x', 'y']);
    await scheduler.close();
  });

  test('refuses a task that no queue accepts, naming it and who was asked, and leaves no trace', () => {
    const scheduler = new Scheduler();
    const [a, b] = [scheduler.queue('a'), scheduler.queue('b')];
    const route = scheduler.route([
      { queue: a, accepts: () => false },
      { queue: b, accepts: () => false },
    ]);
    const refused = refusalOf(() => route.submit({ id: 'homeless' }, double, 1));
    expect(refused).toMatchObject({ code: 'NotAccepted', tasks: ['homeless'] });
    expect(refused.message).toBe('no queue accepts task homeless: asked a, b');
    expect(refusalOf(() => route.submit(double, 1)).message).toContain('(double)');
    expect(scheduler._unsettled).toEqual([]);
  });

  test('passes on what a queue has against a task', () => {
    const scheduler = new Scheduler();
    const route = scheduler.route([{ queue: scheduler.queue('q'), accepts: () => true }]);
    expect(refusalOf(() => route.submit({ resources: { ram: 1 } }, double, 1)).code).toBe('UnknownResource');
    expect(refusalOf(() => route.submit('double' as never)).code).toBe('InvalidArgument');
  });

  test('refuses a task when a rule answers with a promise, which would always mean yes', () => {
    const scheduler = new Scheduler();
    const accepts: unknown = () => Promise.reject(new Error('too late'));
    const route = scheduler.route([{ queue: scheduler.queue('q'), accepts: accepts as () => boolean }]);
    expect(refusalOf(() => route.submit(double, 1))).toMatchObject({
      code: 'InvalidArgument',
      message: 'accepts must answer at once, got a promise',
    });
    expect(scheduler._unsettled).toEqual([]);
  });

  test('takes only rules, for queues of its own scheduler', () => {
    const scheduler = new Scheduler();
    const queue = scheduler.queue('q');
    const foreign = new Scheduler().queue('q');
    expect(refusalOf(() => scheduler.route([])).code).toBe('InvalidOption');
    expect(refusalOf(() => scheduler.route([{ queue } as never])).code).toBe('InvalidOption');
    expect(refusalOf(() => scheduler.route([{ queue: 'q', accepts: () => true } as never])).code).toBe('InvalidOption');
    expect(refusalOf(() => scheduler.route([{ queue: foreign, accepts: () => true }])).code).toBe('ForeignHandle');
  });
});
