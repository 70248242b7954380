/** Actors of settled tasks that nobody has seen are used again; those that anybody could have seen never are. */
import { afterEach, describe, expect, test } from 'vitest';
import { type AnyActorRef, createActor, type EventObject, type Snapshot } from 'xstate';
import { Scheduler, type TaskActorRef } from '../../src/index.js';
import { ActorPool, canRecycle, nameActor } from '../../src/runtime/statecharts/actor-pool.js';
import { type Change, theInstalledXState, withActors } from '../support/other-xstate.js';

const one = (): number => 1;

describe('the installed XState', () => {
  test('is one whose actors can be used again', () => {
    // Where this fails XState has changed: see the head of src/runtime/statecharts/actor-pool.ts for what it relied upon.
    expect(canRecycle()).toBe(true);
  });
});

describe('an XState that is otherwise', () => {
  afterEach(theInstalledXState);

  /** The verdict on an XState whose actors `change` has changed. */
  async function verdictOn(change: Change): Promise<boolean> {
    return (await withActors(() => import('../../src/runtime/statecharts/actor-pool.js'), change)).canRecycle();
  }

  test('is noticed when its actors have a new field', async () => {
    expect(await verdictOn((actor) => Object.assign(actor, { generation: 1 }))).toBe(false);
  });

  test('is noticed when its actors lack a field', async () => {
    expect(await verdictOn((actor) => delete actor['_doneEvent'])).toBe(false);
  });

  test('is noticed when its actors read their end from somewhere else', async () => {
    const endAnyhow = (actor: Record<string, unknown>): void => {
      const prototype = Object.getPrototypeOf(actor) as { update(snapshot: unknown, event: unknown): void };
      // On the prototype, since own fields are compared.
      const update = function (this: object, snapshot: { status: string }, event: unknown): void {
        prototype.update.call(this, snapshot, event);
        if (snapshot.status === 'done') Object.assign(this, { _snapshot: snapshot });
      };
      const changed = { update };
      Object.setPrototypeOf(changed, prototype);
      Object.setPrototypeOf(actor, changed);
    };
    expect(await verdictOn(endAnyhow)).toBe(false);
  });

  test('is left alone: every task gets an actor of its own', async () => {
    await verdictOn((actor) => Object.assign(actor, { generation: 1 }));
    const { Scheduler: Fresh } = await import('../../src/index.js');
    expect(await recycledBy(new Fresh())).toBe(0);
  });

  test('is not what the tests above would take any XState for', async () => {
    expect(await verdictOn(() => undefined)).toBe(true);
    const { Scheduler: Fresh } = await import('../../src/index.js');
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
  test('keeps at most 1,024; the others come to their end', () => {
    const { pool, made } = resting(2_000);
    expect(made.filter((actor) => statusOf(actor) === 'done')).toHaveLength(2_000 - 1_024);
    const taken = new Set(made.map(() => pool.take()));
    expect(taken.size).toBe(1_024 + 1);
  });

  test('keeps none that has not come to rest', () => {
    const pool = new ActorPool<AnyActorRef>(silent);
    const parent = createActor(silent).start();
    const running = createActor(silent, { parent }).start();
    const failing = createActor(silent, { parent }).start();
    failing.send({ type: 'break' });
    for (const actor of [running, failing]) pool.give(actor);
    expect(pool.take()).toBeUndefined();
  });

  test('keeps none that fails after it has come to rest', () => {
    const { pool, made } = resting(1, () => {
      throw new Error('broken');
    });
    expect(statusOf(made[0])).toBe('error');
    expect(pool.take()).toBeUndefined();
  });

  test('keeps none that is observed', () => {
    const { pool, made } = resting(1, (actor) => actor.subscribe(() => undefined));
    expect(made).toHaveLength(1);
    expect(pool.take()).toBeUndefined();
  });

  test('keeps nothing of what an actor had, and gives it what it begins with', () => {
    const { pool, made } = resting(1);
    const [actor] = made;
    expect(JSON.stringify(Object.values(actor ?? {}))).not.toContain('result of the first');
    expect(pool.take()).toBe(actor);
    nameActor(actor as AnyActorRef, 'second');
    expect(actor?.id).toBe('second');
    expect(actor?.getSnapshot()).toMatchObject({ status: 'active', output: undefined });
    actor?.send({ type: 'end' });
    expect(actor?.getSnapshot()).toMatchObject({ status: 'done', output: 'result of the second' });
  });

  test('that is closed in the midst of the last step of an actor lets it come to its end', () => {
    const { pool, made } = resting(1, (_, closable) => closable.close());
    expect(made[0]?.getSnapshot()).toMatchObject({ status: 'done', output: 'result of the first' });
    expect(pool.take()).toBeUndefined();
  });
});

interface Scope {
  readonly id: string;
  readonly defer: (effect: () => void) => void;
}

const silent = silentLogic();

function silentLogic(atEnd?: () => void) {
  return {
    transition(snapshot: Snapshot<unknown>, event: EventObject, { id, defer }: Scope): Snapshot<unknown> {
      if (event.type === 'break') throw new Error('broken');
      if (event.type !== 'end') return snapshot;
      if (atEnd !== undefined) defer(atEnd);
      return { status: 'done', output: `result of the ${id}`, error: undefined };
    },
    getInitialSnapshot: (): Snapshot<unknown> => ({ status: 'active', output: undefined, error: undefined }),
    getPersistedSnapshot: (snapshot: Snapshot<unknown>): Snapshot<unknown> => snapshot,
  };
}

/** A pool that was given `count` actors, each after its end; `then` is called when it has come to rest. */
function resting(
  count: number,
  then?: (actor: AnyActorRef, pool: { close(): void }) => void,
): { pool: ActorPool<AnyActorRef>; made: AnyActorRef[] } {
  const pool = new ActorPool<AnyActorRef>(silent);
  const parent = createActor(silent).start();
  const made: AnyActorRef[] = [];
  for (let index = 0; index < count; index += 1) {
    const logic = silentLogic(() => {
      if (isOver) return;
      pool.rest(actor);
      then?.(actor, { close: () => pool.close() });
    });
    let isOver = false;
    const actor = createActor(logic, { parent, id: 'first' });
    actor.start().send({ type: 'end' });
    isOver = true;
    pool.give(actor);
    made.push(actor);
  }
  return { pool, made };
}

function statusOf(actor: AnyActorRef | undefined): unknown {
  return (actor?.getSnapshot() as { status: unknown } | undefined)?.status;
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
