/** Actors of settled tasks that nobody has seen are used again; those that anybody could have seen never are. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type AnyActorLogic, type AnyActorRef, createActor, type EventObject, type Snapshot } from 'xstate';
import type * as Xstate from 'xstate';
import { Scheduler, type TaskActorRef } from '../src/index.js';
import { ActorPool, canRecycle } from '../src/runtime/actor-pool.js';

const one = (): number => 1;

describe('the installed XState', () => {
  test('is one whose actors can be used again', () => {
    // Where this fails XState has changed: see the head of src/runtime/actor-pool.ts for what it relied upon.
    expect(canRecycle()).toBe(true);
  });
});

describe('an XState that is otherwise', () => {
  afterEach(() => {
    vi.doUnmock('xstate');
    vi.resetModules();
  });

  /** The pool's module as it is with actors that `change` has changed. */
  async function withActors(change: (actor: Record<string, unknown>) => void): Promise<boolean> {
    vi.resetModules();
    vi.doMock('xstate', async (original) => {
      const xstate = await original<typeof Xstate>();
      const changed = (logic: AnyActorLogic, options: object): unknown => {
        const actor = xstate.createActor(logic, options);
        change(actor as unknown as Record<string, unknown>);
        return actor;
      };
      return { ...xstate, createActor: changed };
    });
    return (await import('../src/runtime/actor-pool.js')).canRecycle();
  }

  test('is noticed when its actors have a new field', async () => {
    expect(await withActors((actor) => Object.assign(actor, { generation: 1 }))).toBe(false);
  });

  test('is noticed when its actors lack a field', async () => {
    expect(await withActors((actor) => delete actor['_doneEvent'])).toBe(false);
  });

  test('is noticed when it starts an actor only once', async () => {
    const startOnce = (actor: Record<string, unknown>): void => {
      const { start } = actor as unknown as AnyActorRef;
      let isStarted = false;
      // On the prototype, since own fields are compared.
      Object.setPrototypeOf(actor, {
        ...prototypeOf(actor),
        start(this: AnyActorRef) {
          if (!isStarted) start.call(this);
          isStarted = true;
          return this;
        },
      });
    };
    expect(await withActors(startOnce)).toBe(false);
  });

  test('is left alone: every task gets an actor of its own', async () => {
    await withActors((actor) => Object.assign(actor, { generation: 1 }));
    const { Scheduler: Fresh } = await import('../src/index.js');
    expect(await recycledBy(new Fresh())).toBe(0);
  });

  test('is not what the tests above would take any XState for', async () => {
    expect(await withActors(() => undefined)).toBe(true);
    const { Scheduler: Fresh } = await import('../src/index.js');
    expect(await recycledBy(new Fresh())).toBe(20 - 2);
  });
});

describe('actors are used again', () => {
  test('where nobody has seen them: as many are made as run at once', async () => {
    expect(await recycledBy(new Scheduler())).toBe(20 - 2);
  });

  test('but not those of a scheduler that is inspected', async () => {
    expect(await recycledBy(new Scheduler({ inspect: () => undefined }))).toBe(0);
  });

  test('but not those of a scheduler in the system of another actor', async () => {
    const parent = createActor(silent).start();
    expect(await recycledBy(new Scheduler({ parent }))).toBe(0);
  });

  test('but none that could have been seen by an observer who came late', async () => {
    const scheduler = new Scheduler();
    const queue = scheduler.queue('q', { concurrency: 2 });
    const seen = new Set<AnyActorRef>();
    let recycledBefore = Number.NaN;
    for (let index = 0; index < 10; index += 1) queue.submit(one);
    queue.submit(() => {
      recycledBefore = scheduler._counts['recycled'] ?? Number.NaN;
      scheduler.actor.system.inspect(({ actorRef }) => void seen.add(actorRef as AnyActorRef));
    });
    for (let index = 0; index < 10; index += 1) queue.submit(one);
    scheduler.start();
    await scheduler.wait();
    expect(recycledBefore).toBeGreaterThan(0);
    expect(scheduler._counts['recycled']).toBe(recycledBefore);
    const tasks = [...seen].filter(({ id }) => id.startsWith('#'));
    expect(new Set(tasks.map(({ sessionId }) => sessionId)).size).toBe(tasks.length);
    await scheduler.close();
  });

  test.each(['before it starts', 'while it runs', 'when it has settled'] as const)(
    'but none that a handle has given out %s: it stays what it was',
    async (moment) => {
      const scheduler = new Scheduler();
      const queue = scheduler.queue('q', { concurrency: 2 });
      const given: TaskActorRef[] = [];
      const handles = Array.from({ length: 10 }, (_, index) =>
        queue.submit({ id: `t${index}` }, () => {
          if (moment === 'while it runs') given.push(handles[index]?.actor as TaskActorRef);
          return index;
        }),
      );
      if (moment === 'before it starts') given.push(...handles.map(({ actor }) => actor));
      scheduler.start();
      await scheduler.wait();
      if (moment === 'when it has settled') given.push(...handles.map(({ actor }) => actor));
      for (let index = 0; index < 100; index += 1) queue.submit(one);
      await scheduler.wait();
      expect(new Set(given).size).toBe(10);
      for (const actor of given) {
        const { value, context, output } = actor.getSnapshot();
        expect([value, context.id]).toEqual(['done', actor.id]);
        expect(output).toEqual({ status: 'done', result: Number(actor.id.slice(1)) });
      }
      expect(handles.map(({ actor }) => actor)).toEqual(expect.arrayContaining(given));
      await scheduler.close();
    },
  );

  test('with the id, the context and the state of their next task', async () => {
    const scheduler = new Scheduler();
    const queue = scheduler.queue('q', { concurrency: 1 });
    for (let index = 0; index < 10; index += 1) queue.submit(one);
    scheduler.start();
    await scheduler.wait();
    const seen: unknown[] = [];
    const last = queue.submit({ id: 'last' }, () => {
      const { actor } = last;
      seen.push(actor.id, actor.getSnapshot().context);
      actor.subscribe(({ value }) => seen.push(value));
      return 7;
    });
    await last.result();
    expect(scheduler._counts).toMatchObject({ activations: 11, recycled: 10 });
    const outcome = { status: 'done', result: 7 };
    expect(seen).toEqual(['last', { id: 'last', queue: 'q', attempt: 1, delivered: 0, outcome: undefined }, 'done']);
    expect(last.actor.getSnapshot()).toMatchObject({ status: 'done', output: outcome, context: { outcome } });
    await scheduler.close();
  });

  test('after failed and cancelled tasks too', async () => {
    const scheduler = new Scheduler();
    const queue = scheduler.queue('q', { concurrency: 1 });
    const failed = queue.submit(() => Promise.reject(new Error('broken')));
    const cancelled = queue.submit(() => void cancelled.cancel('enough'));
    const done = queue.submit(one);
    scheduler.start();
    expect(await Promise.all([failed, cancelled, done].map(async (task) => (await task.settled()).status))).toEqual([
      'failed',
      'cancelled',
      'done',
    ]);
    expect(scheduler._counts).toMatchObject({ activations: 3, recycled: 2 });
    await scheduler.close();
  });
});

describe('a pool of actors', () => {
  test('keeps those that have come to their end, and at most 1,024 of them', () => {
    const pool = new ActorPool<AnyActorRef>(silent);
    for (let index = 0; index < 2_000; index += 1) pool.give(ended(createActor(silent)));
    let kept = 0;
    while (pool.take('again') !== undefined) kept += 1;
    expect(kept).toBe(1_024);
  });

  test('keeps none that has not been started, still runs, or has ended in an error', () => {
    const pool = new ActorPool<AnyActorRef>(silent);
    pool.give(createActor(silent));
    pool.give(createActor(silent).start());
    const failing = createActor(silent, { parent: createActor(silent).start() }).start();
    failing.send({ type: 'break' });
    expect(failing.getSnapshot().status).toBe('error');
    pool.give(failing);
    expect(pool.take('again')).toBeUndefined();
  });

  test('keeps nothing of what an actor had', () => {
    const pool = new ActorPool<AnyActorRef>(silent);
    const actor = ended(createActor(silent));
    pool.give(actor);
    expect(JSON.stringify(Object.values(actor))).not.toContain('result of the first');
    expect(pool.take('second')).toBe(actor);
    expect(actor.id).toBe('second');
    expect(actor.getSnapshot()).toMatchObject({ status: 'active', output: undefined });
  });
});

const silent = {
  transition(snapshot: Snapshot<unknown>, event: EventObject): Snapshot<unknown> {
    if (event.type === 'break') throw new Error('broken');
    return event.type === 'end' ? { status: 'done', output: 'result of the first', error: undefined } : snapshot;
  },
  getInitialSnapshot: (): Snapshot<unknown> => ({ status: 'active', output: undefined, error: undefined }),
  getPersistedSnapshot: (snapshot: Snapshot<unknown>): Snapshot<unknown> => snapshot,
};

function ended(actor: ReturnType<typeof createActor<typeof silent>>): AnyActorRef {
  actor.start().send({ type: 'end' });
  return actor;
}

/** Runs 20 tasks, two at a time: how many actors were used again. */
async function recycledBy(scheduler: Scheduler): Promise<number | undefined> {
  const queue = scheduler.queue('q', { concurrency: 2 });
  for (let index = 0; index < 20; index += 1) queue.submit(one);
  scheduler.start();
  await scheduler.wait();
  const { recycled, activations } = scheduler._counts;
  expect(activations).toBe(20);
  await scheduler.close();
  return recycled;
}

/** All methods of an object's prototype. */
function prototypeOf(object: object): object {
  return Object.defineProperties({}, Object.getOwnPropertyDescriptors(Object.getPrototypeOf(object)));
}
