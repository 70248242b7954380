/** Tasks whose actors are made only when somebody asks for them behave as those with live ones. */
import { describe, expect, test } from 'vitest';
import { createActor, createMachine } from 'xstate';
import { type Handle, Scheduler, type SchedulerEvents } from '../../src/index.js';
import { refusalOf } from '../support/refusal.js';

/** Runs one of everything and returns all task events. */
async function eventsWith(actors: 'live' | 'on-demand'): Promise<SchedulerEvents['task'][]> {
  const scheduler = new Scheduler({ actors });
  const queue = scheduler.queue('q', { concurrency: 1, resources: { lamp: 1 } });
  const events: SchedulerEvents['task'][] = [];
  scheduler.on('task', (event) => events.push(event));
  const numbers = queue.submit({ id: 'numbers' }, function* () {
    yield 1;
    yield 2;
  });
  const failing = queue.submit({ id: 'failing' }, (): number => {
    throw new Error('as told');
  });
  const cancelled = queue.submit({ id: 'cancelled' }, () => 0);
  const handles: Handle<unknown>[] = [
    queue.submit({ id: 'sum' }, (values: readonly number[]) => values.length, numbers),
    queue.submit({ id: 'first', resources: { lamp: 1 } }, (value: number) => value, numbers.at(0)),
    queue.submit({ id: 'beyond' }, (value: number) => value, numbers.at(7)),
    queue.submit({ id: 'doomed' }, (value: number) => value, failing),
  ];
  cancelled.cancel('not wanted');
  scheduler.start();
  await Promise.allSettled([failing, ...handles].map((handle) => handle.result()));
  await scheduler.wait();
  await scheduler.close();
  return events;
}

describe('with actors on demand', () => {
  test('the same happens in the same order', async () => {
    const events = await eventsWith('on-demand');
    expect(events).toEqual(await eventsWith('live'));
    expect(new Set(events.map(({ state }) => state))).toEqual(
      new Set(['ready', 'running', 'partial', 'done', 'failed', 'cancelled']),
    );
  });

  test('a task has none until its handle is asked, and then one that goes on from there', async () => {
    const scheduler = new Scheduler({ actors: 'on-demand' });
    const queue = scheduler.queue('q', { concurrency: 2 });
    let letGo = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const asked = queue.submit({ id: 'asked' }, async () => {
      await gate;
      return 7;
    });
    const unasked = queue.submit(() => gate);
    scheduler.start();
    await Promise.resolve();
    await Promise.resolve();
    expect([asked.state, unasked.state]).toEqual(['running', 'running']);
    expect(scheduler._counts).toMatchObject({ activations: 0 });
    const { actor } = asked;
    expect(actor.getSnapshot().matches('running')).toBe(true);
    expect(actor.getSnapshot().context).toMatchObject({ id: 'asked', attempt: 1 });
    const values: unknown[] = [];
    actor.subscribe({ next: (snapshot) => values.push(snapshot.value) });
    letGo();
    await scheduler.wait();
    expect(values).toEqual(['done']);
    expect(actor.getSnapshot().output).toEqual({ status: 'done', result: 7 });
    expect(scheduler._counts).toMatchObject({ activations: 1 });
    await scheduler.close();
  });

  test.each(['inspect', 'parent'] as const)('%s makes them live', async (seen) => {
    const parent = createActor(createMachine({})).start();
    const scheduler = new Scheduler({
      actors: 'on-demand',
      ...(seen === 'parent' ? { parent } : { inspect: () => undefined }),
    });
    const queue = scheduler.queue('q');
    queue.submit(() => 1);
    scheduler.start();
    await scheduler.wait();
    expect(scheduler._counts).toMatchObject({ activations: 1 });
    await scheduler.close();
  });
});

test('another word than live and on-demand is refused', () => {
  expect(refusalOf(() => new Scheduler({ actors: 'never' as 'live' }))).toMatchObject({ code: 'InvalidOption' });
});
