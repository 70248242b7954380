/** What XState and its tools ask of an actor and of a snapshot beyond their everyday use, with either interpreter. */
import { describe, expect, test } from 'vitest';
import { createActor, createMachine } from 'xstate';
import { type Handle, type Interpreter, Scheduler, type SchedulerOptions } from '../../src/index.js';
import { quiet } from '../support/event-loop.js';
import { uncaughtErrors } from '../support/uncaught-errors.js';

function broken(): never {
  throw new RangeError('no paper');
}

async function settled(handle: Handle<unknown>): Promise<void> {
  await handle.settled();
  await quiet();
}

describe.each<[string, (interpreter: Interpreter) => SchedulerOptions]>([
  ['in a system of its own', (interpreter) => ({ interpreter })],
  [
    'in that of another actor',
    (interpreter) => ({ interpreter, parent: createActor(createMachine({ id: 'rig' })).start() }),
  ],
])('%s', (_, optionsFor) => {
  describe.each<Interpreter>(['compiled', 'xstate'])('with the interpreter %s', (interpreter) => {
    test('an actor is what XState takes for an actor, and JSON has its id', async () => {
      await using scheduler = new Scheduler(optionsFor(interpreter));
      const queue = scheduler.queue('q');
      for (const actor of [queue.submit({ id: 'a' }, () => 1).actor, queue.actor]) {
        const seen = actor as unknown as { ref: unknown; start: () => unknown; toJSON: () => unknown };
        expect(seen.ref).toBe(actor);
        expect(seen.start()).toBe(actor);
        const observable = (actor as unknown as Record<symbol | string, () => unknown>)[
          (Symbol.observable as symbol | undefined) ?? '@@observable'
        ];
        expect(observable?.call(actor)).toBe(actor);
        expect(JSON.parse(JSON.stringify(actor))).toEqual({ xstate$$type: 1, id: actor.id });
      }
      scheduler.start();
    });

    test('a snapshot has what a machine snapshot has', async () => {
      await using scheduler = new Scheduler(optionsFor(interpreter));
      const handle = scheduler.queue('q').submit({ id: 'a' }, () => 1);
      const before = handle.actor.getSnapshot() as unknown as Record<string, unknown>;
      expect((before['machine'] as { readonly id: string }).id).toBe('task');
      expect([before['children'], before['historyValue']]).toEqual([{}, {}]);
      expect(JSON.parse(JSON.stringify(handle.actor.getPersistedSnapshot()))).toMatchObject({ value: 'ready' });
      scheduler.start();
      await settled(handle);
      expect(JSON.parse(JSON.stringify(handle.actor.getSnapshot()))).toMatchObject({
        status: 'done',
        value: 'done',
        tags: ['settled'],
        output: { status: 'done', result: 1 },
      });
    });

    test('an observer may take nothing, and leave after the end', async () => {
      const thrown = uncaughtErrors();
      await using scheduler = new Scheduler(optionsFor(interpreter));
      const queue = scheduler.queue('q', { concurrency: 1 });
      const handles = [queue.submit(() => 1), queue.submit(broken)];
      const subscriptions = handles.map(({ actor }) => actor.subscribe({ error: () => undefined }));
      scheduler.start();
      for (const handle of handles) await settled(handle);
      for (const { actor } of handles) subscriptions.push(actor.subscribe({ error: () => undefined }));
      for (const subscription of subscriptions) subscription.unsubscribe();
      await quiet();
      expect(thrown).toEqual([]);
    });

    test('a listener is told of its own type, and of no event that led to nothing', async () => {
      const thrown = uncaughtErrors();
      await using scheduler = new Scheduler(optionsFor(interpreter));
      const handle = scheduler.queue('q').submit(function* () {
        yield 'a';
      });
      const heard: unknown[] = [];
      handle.actor.on('settled', ({ outcome }) => heard.push(outcome?.status));
      handle.actor.on('partial', ({ value }) => heard.push(value)).unsubscribe();
      scheduler.start();
      await settled(handle);
      expect([heard, thrown]).toEqual([['done'], []]);
    });
  });
});

test('the view of a failed task does without an observer of errors', async () => {
  const thrown = uncaughtErrors();
  await using scheduler = new Scheduler();
  const handle = scheduler.queue('q').submit(broken);
  handle.actor.subscribe({});
  handle.actor.select(({ value }) => value).subscribe({});
  scheduler.start();
  await settled(handle);
  handle.actor.subscribe({}).unsubscribe();
  await quiet();
  expect(thrown).toEqual([]);
});
