import { beforeEach, describe, expect, test } from 'vitest';
import { type AnyActorRef, createActor, createMachine, toPromise, waitFor } from 'xstate';
import { type Queue, Scheduler } from '../../src/index.js';
import { collectGarbage } from '../support/collect-garbage.js';
import { ManualExecutor } from '../support/manual-executor.js';
import { settleDown } from '../support/scheduler-comparison.js';

let executor: ManualExecutor;
let scheduler: Scheduler;
let queue: Queue;

beforeEach(() => {
  executor = new ManualExecutor();
  scheduler = new Scheduler();
  queue = scheduler.queue('q', { concurrency: 2, resources: { ram: 4 }, executor });
});

function nothing(..._needed: readonly unknown[]): void {
  throw new Error('the manual executor calls no function');
}

function* numbers(): Generator<number> {
  yield 0;
  throw new Error('the manual executor calls no function');
}

describe("the scheduler's actor", () => {
  test('goes through the states of its statechart, and its subscribers see each', async () => {
    const seen: unknown[] = [];
    scheduler.actor.subscribe((snapshot) => {
      if (seen.at(-1) !== snapshot.value) seen.push(snapshot.value);
    });
    expect(scheduler.actor.getSnapshot().value).toBe('stopped');
    scheduler.start();
    await settleDown();
    queue.submit({ id: 'a', hold: true }, nothing);
    queue.submit({ id: 'b', resources: { ram: 4 } }, nothing);
    await settleDown();
    for (const id of ['a', 'b']) executor.attemptAt(id).done(1);
    const c = queue.submit({ id: 'c', hold: true }, nothing);
    await settleDown();
    executor.attemptAt('c').done(1);
    queue.submit({ id: 'd', after: [c] }, nothing);
    await settleDown();
    await scheduler.stop();
    await scheduler.terminate();
    const running = (...states: string[]): object[] => states.map((state) => ({ running: state }));
    expect(seen).toEqual([
      ...running('busy', 'idle', 'busy', 'idle', 'busy', 'idle', 'busy', 'stalled'),
      'stopped',
      'closing',
      'closed',
    ]);
  });

  test('can be waited for, and ends when the scheduler is closed', async () => {
    const busy = waitFor(scheduler.actor, (snapshot) => snapshot.matches({ running: 'busy' }));
    const idle = waitFor(scheduler.actor, (snapshot) => snapshot.matches({ running: 'idle' }));
    const ended = toPromise(scheduler.actor);
    scheduler.start();
    expect((await busy).matches('running')).toBe(true);
    expect((await idle).matches('stopped')).toBe(false);
    await scheduler.terminate();
    expect(await ended).toBeUndefined();
    expect(scheduler.actor.getSnapshot().status).toBe('done');
  });

  test('takes the events that start, stop and close stand for', async () => {
    queue.submit({ id: 'a' }, nothing);
    const { actor } = scheduler;
    expect(actor.getSnapshot().can({ type: 'stop.requested' })).toBe(false);
    expect(actor.getSnapshot().can({ type: 'start.requested' })).toBe(true);
    actor.send({ type: 'start.requested' });
    await settleDown();
    expect([scheduler.state, executor.started.length]).toEqual(['busy', 1]);
    actor.send({ type: 'stop.requested' });
    await settleDown();
    queue.submit({ id: 'b' }, nothing);
    await settleDown();
    expect([scheduler.state, executor.started.length]).toEqual(['stopped', 1]);
  });

  test('has the scheduler in its context', () => {
    expect(scheduler.actor.getSnapshot().context.scheduler).toBe(scheduler);
  });

  test('is the parent of the actors of queues and tasks, in one system', () => {
    const handle = queue.submit(nothing);
    expect(parentOf(queue.actor)).toBe(scheduler.actor);
    expect(parentOf(handle.actor)).toBe(scheduler.actor);
    expect(queue.actor.system).toBe(scheduler.actor.system);
    expect(handle.actor.system).toBe(scheduler.actor.system);
    expect(parentOf(scheduler.actor)).toBeUndefined();
  });

  test('is a child of the actor that is given as its parent, in its system', () => {
    const parent = createActor(createMachine({ id: 'rig' })).start();
    const embedded = new Scheduler({ parent });
    expect(parentOf(embedded.actor)).toBe(parent);
    expect(embedded.queue('q').actor.system).toBe(parent.system);
  });
});

describe("a queue's actor", () => {
  test('shows admission, gate, flow and activity side by side, and what is taken', async () => {
    const seen: string[] = [];
    const look = (): void => {
      const { value, context } = queue.actor.getSnapshot();
      seen.push(
        `${Object.values(value).map(String).join(' ')}, ${context.ledger.slotsTaken} of 2, ram ${context.ledger.taken[0] ?? 0}`,
      );
    };
    queue.submit({ id: 'a', resources: { ram: 3 } }, nothing);
    look();
    scheduler.start();
    await settleDown();
    look();
    queue.submit({ id: 'b', resources: { ram: 1 } }, nothing);
    await settleDown();
    look();
    const stopped = scheduler.stop();
    for (const id of ['a', 'b']) executor.attemptAt(id).done(1);
    await stopped;
    look();
    await scheduler.terminate();
    look();
    expect(Object.keys(queue.actor.getSnapshot().value)).toEqual(['admission', 'gate', 'flow', 'activity']);
    expect(seen).toEqual([
      'open shut flowing idle, 0 of 2, ram 0',
      'open open flowing working, 1 of 2, ram 3',
      'open open flowing saturated, 2 of 2, ram 4',
      'open shut flowing idle, 0 of 2, ram 0',
      'closed shut flowing idle, 0 of 2, ram 0',
    ]);
  });

  test('can be waited for and subscribed to', async () => {
    const activities: boolean[] = [];
    const subscription = queue.actor.subscribe((snapshot) =>
      activities.push(snapshot.matches({ activity: 'saturated' })),
    );
    const saturated = waitFor(queue.actor, (snapshot) => snapshot.matches({ activity: 'saturated' }));
    for (const id of ['a', 'b', 'c']) queue.submit({ id }, nothing);
    scheduler.start();
    expect((await saturated).context.name).toBe('q');
    subscription.unsubscribe();
    const before = activities.length;
    expect(activities).toContain(true);
    executor.attemptAt('c').done(1);
    await settleDown();
    expect(activities).toHaveLength(before);
  });
});

describe("a task's actor", () => {
  test('shows a generator go from pending through all states to done', async () => {
    const source = queue.submit({ id: 'source' }, nothing);
    const stream = queue.submit({ id: 'stream', after: [source] }, numbers);
    const seen: unknown[] = [];
    const note = ({ value, context }: ReturnType<typeof stream.actor.getSnapshot>): void => {
      seen.push([value, context.attempt, context.delivered]);
    };
    note(stream.actor.getSnapshot());
    stream.actor.subscribe(note);
    scheduler.start();
    await settleDown();
    executor.attemptAt('source').done(1);
    await settleDown();
    const attempt = executor.attemptAt('stream');
    attempt.partial(10);
    attempt.partial(11);
    attempt.done(undefined);
    await settleDown();
    // State, attempt, partial results delivered.
    expect(seen).toEqual([
      ['pending', 0, 0],
      ['ready', 0, 0],
      ['running', 1, 0],
      ['partial', 1, 1],
      ['partial', 1, 2],
      ['done', 1, 2],
    ]);
  });

  test('is one and the same before the start, while running and after settlement', async () => {
    const handle = queue.submit({ id: 'a' }, nothing);
    const { actor } = handle;
    expect(actor.getSnapshot()).toMatchObject({ value: 'ready', status: 'active', context: { id: 'a', queue: 'q' } });
    scheduler.start();
    await settleDown();
    expect(handle.actor).toBe(actor);
    expect(actor.getSnapshot()).toMatchObject({ value: 'running', status: 'active', context: { attempt: 1 } });
    executor.attemptAt('a').done('x');
    await settleDown();
    expect(handle.actor).toBe(actor);
    const output = { status: 'done', result: 'x' };
    expect(actor.getSnapshot()).toMatchObject({ value: 'done', status: 'done', output, context: { outcome: output } });
  });

  test('is there for a task that settled before anybody asked, done and with its outcome', async () => {
    const handle = queue.submit({ id: 'a' }, nothing);
    scheduler.start();
    await settleDown();
    executor.attemptAt('a').done('x');
    await settleDown();
    const { actor } = handle;
    expect(actor.getSnapshot()).toMatchObject({ value: 'done', status: 'done', context: { attempt: 1, delivered: 0 } });
    expect(actor.getSnapshot().matches('done')).toBe(true);
    expect(await toPromise(actor)).toEqual({ status: 'done', result: 'x' });
    expect(handle.actor).toBe(actor);
  });

  test.each([
    ['done', { status: 'done', result: 7 }],
    ['cancelled', { status: 'cancelled', reason: 'too late' }],
  ] as const)('gives the outcome of a task that is %s as its output', async (state, outcome) => {
    const handle = queue.submit({ id: 'a' }, nothing);
    const output = toPromise(handle.actor);
    const reached = waitFor(handle.actor, (snapshot) => snapshot.matches(state));
    scheduler.start();
    await settleDown();
    if (outcome.status === 'done') executor.attemptAt('a').done(outcome.result);
    else handle.cancel(outcome.reason);
    expect(await output).toEqual(outcome);
    expect((await reached).status).toBe('done');
    expect(await handle.settled()).toEqual(outcome);
  });

  test('of a failed task ends with its error', async () => {
    const broken = new Error('broken');
    const handle = queue.submit({ id: 'a' }, nothing);
    const output = toPromise(handle.actor);
    const reached = waitFor(handle.actor, (snapshot) => snapshot.matches('failed'));
    scheduler.start();
    await settleDown();
    executor.attemptAt('a').failed(broken);
    await expect(output).rejects.toBe(broken);
    expect(await reached).toMatchObject({ status: 'error', error: broken, output: undefined });
    await expect(toPromise(handle.actor)).rejects.toBe(broken);
  });

  test('gives the array of all results as the output of a stream', async () => {
    const handle = queue.submit({ id: 'a' }, numbers);
    const output = toPromise(handle.actor);
    scheduler.start();
    await settleDown();
    const attempt = executor.attemptAt('a');
    attempt.partial(10);
    attempt.partial(11);
    attempt.done(undefined);
    expect(await output).toEqual({ status: 'done', result: [10, 11] });
    expect(handle.actor.getSnapshot().context.outcome).toEqual({ status: 'done', result: [10, 11] });
  });

  test.each(['pending', 'ready', 'running', 'partial'] as const)(
    'cancels its task that is %s when it is sent cancel.requested',
    async (state) => {
      const source = queue.submit({ id: 'source' }, nothing);
      const handle = queue.submit({ id: 'a', after: state === 'pending' ? [source] : [] }, numbers);
      if (state !== 'ready') scheduler.start();
      await settleDown();
      if (state === 'partial') executor.attemptAt('a').partial(1);
      await settleDown();
      expect(handle.state).toBe(state);
      handle.actor.send({ type: 'cancel.requested', reason: 'too late' });
      expect(await handle.settled()).toEqual({ status: 'cancelled', reason: 'too late' });
      expect([...executor.aborted]).toEqual(state === 'running' || state === 'partial' ? ['a'] : []);
    },
  );

  test('survives an executor that throws instead of reporting: its task fails', async () => {
    const refused = new Error('no worker left');
    const throwing = {
      name: 'throwing',
      run(): void {
        throw refused;
      },
      abort(): void {},
      close: () => Promise.resolve(),
    };
    const handle = scheduler.queue('broken', { executor: throwing }).submit({ id: 'a' }, nothing);
    const next = queue.submit({ id: 'b' }, nothing);
    scheduler.start();
    await settleDown();
    executor.attemptAt('b').done(1);
    await settleDown();
    expect([handle.state, next.state, scheduler.state]).toEqual(['failed', 'done', 'idle']);
    expect(handle.actor.getSnapshot()).toMatchObject({ status: 'error', error: refused });
  });

  test('of a partial result is the actor of its task', () => {
    const stream = queue.submit(numbers);
    expect(stream.at(3).actor).toBe(stream.actor);
  });

  test('has the id of its task', () => {
    expect(queue.submit({ id: 'a' }, nothing).actor.id).toBe('a');
  });
});

describe('actors of tasks that nobody asked for', () => {
  test('are let go once the task has settled, though its handle is kept', async () => {
    const actors: WeakRef<AnyActorRef>[] = [];
    const watched = new Scheduler({
      inspect: (event) => {
        if (event.type === '@xstate.actor') actors.push(new WeakRef(event.actorRef as AnyActorRef));
      },
    });
    const lane = watched.queue('q', { executor });
    const handles = Array.from({ length: 5 }, (_, index) => lane.submit({ id: `t${index}` }, nothing));
    const asked = handles[0];
    const kept = asked?.actor;
    watched.start();
    for (let ended = 0; ended < handles.length; ended += 1) {
      await settleDown();
      const attempt = executor.started[ended];
      attempt?.done({ id: attempt.id });
    }
    await watched.wait();
    await collectGarbage();
    const left = actors.map((actor) => actor.deref()).filter((actor) => actor !== undefined);
    expect(left.map(({ id }) => id)).toEqual(['scheduler', 'q', 't0']);
    expect(kept?.getSnapshot().status).toBe('done');
    expect(await handles[3]?.result()).toEqual({ id: 't3' });
  });
});

function parentOf(actor: AnyActorRef): unknown {
  return actor._parent;
}
