/** The actors of tasks and queues as XState's own tools use them, with either interpreter. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { type AnyActorRef, createActor, createMachine, sendTo, setup, toPromise, waitFor } from 'xstate';
import { Handle, type Interpreter, Scheduler, type TaskActorRef } from '../../src/index.js';
import { refusalOf } from '../support/refusal.js';
import { quiet } from '../support/event-loop.js';
import { uncaughtErrors } from '../support/uncaught-errors.js';

const interpreters: readonly Interpreter[] = ['compiled', 'xstate'];

/** XState itself has `actor.select` from 5.29 on and `system.getAll` from 5.22 on; our own actors have the first with any. */
const anyActor: object = createActor(createMachine({}));
const hasSelect = 'select' in anyActor;
const hasGetAll = 'getAll' in (anyActor as AnyActorRef).system;

function forged(actor: AnyActorRef, type: string): unknown {
  return refusalOf(() => actor.send({ type, attempt: 1, result: 'forged' }));
}

describe.each(interpreters)('with the interpreter %s', (interpreter) => {
  test('only commands can be sent from outside; the rest is refused, counted, and changes nothing', async () => {
    await using scheduler = new Scheduler({ interpreter });
    const queue = scheduler.queue('q', { concurrency: 1 });
    const handle = queue.submit(() => 'real');
    const refused = { code: 'EventNotAllowed' };
    expect(forged(handle.actor, 'start.granted')).toMatchObject(refused);
    expect(forged(handle.actor, 'attempt.done')).toMatchObject(refused);
    expect(forged(queue.actor, 'scheduler.started')).toMatchObject({
      ...refused,
      message: 'actor q was sent "scheduler.started": it takes no events from outside',
    });
    expect(forged(scheduler.actor, 'selection.ended')).toMatchObject(refused);
    expect(forged(handle.actor, 'xstate.stop')).toMatchObject(refused);
    expect(forged(handle.actor, 'nonsense')).toMatchObject({
      ...refused,
      message: 'actor #1 was sent "nonsense": it takes cancel.requested',
    });
    expect([scheduler.state, handle.state]).toEqual(['stopped', 'ready']);
    expect(scheduler._counts).toMatchObject({ refusedEvents: 6 });
    scheduler.actor.send({ type: 'start.requested' });
    expect(await handle.result()).toBe('real');
  });

  test('an event that the chart does not name in its state is counted, and changes nothing', async () => {
    await using scheduler = new Scheduler({ interpreter });
    const handle = scheduler.queue('q').submit(() => 1);
    Handle._target(handle).record.send({ type: 'dependencies.satisfied' });
    expect([handle.state, scheduler._counts['unexpectedEvents']]).toEqual(['ready', 1]);
    scheduler.start();
    expect(await handle.result()).toBe(1);
  });

  test('a machine cancels a task by sendTo, and what else it sends is refused without harm to it', async () => {
    await using scheduler = new Scheduler({ interpreter });
    const handle = scheduler.queue('q').submit(() => 1);
    const machine = setup({ types: { context: {} as { task: TaskActorRef }, input: {} as { task: TaskActorRef } } });
    const controller = createActor(
      machine.createMachine({
        context: ({ input }) => ({ task: input.task }),
        on: {
          forge: { actions: sendTo(({ context }) => context.task, { type: 'start.granted' } as never) },
          cancel: { actions: sendTo(({ context }) => context.task, { type: 'cancel.requested', reason: 'enough' }) },
        },
      }),
      { input: { task: handle.actor } },
    ).start();
    controller.send({ type: 'forge' });
    expect([handle.state, controller.getSnapshot().status]).toEqual(['ready', 'active']);
    expect(scheduler._counts).toMatchObject({ refusedEvents: 1 });
    controller.send({ type: 'cancel' });
    expect(await handle.settled()).toEqual({ status: 'cancelled', reason: 'enough' });
  });

  test.each([null, undefined, 5, 'cancel.requested', {}, { type: 7 }])('an actor that is sent %s says so', (event) => {
    const scheduler = new Scheduler({ interpreter });
    onTestFinished(() => scheduler.terminate());
    const queue = scheduler.queue('q');
    for (const { send } of [queue.submit(() => 1).actor, queue.actor, scheduler.actor] as const) {
      expect(() => send(event as never)).toThrow(expect.objectContaining({ code: 'EventNotAllowed' }));
    }
  });

  test('a machine that holds the actors can be persisted', async () => {
    const scheduler = new Scheduler({ interpreter });
    onTestFinished(() => scheduler.terminate());
    const queue = scheduler.queue('q');
    const handle = queue.submit({ id: 'a' }, () => 1);
    const actor = createActor(createMachine({ context: { task: handle.actor, queue: queue.actor } })).start();
    const persisted: unknown = JSON.parse(JSON.stringify(actor.getPersistedSnapshot()));
    expect(persisted).toMatchObject({ context: { task: { id: 'a' }, queue: { id: 'q' } } });
    expect(JSON.parse(JSON.stringify(handle.actor.getPersistedSnapshot()))).toMatchObject({ value: 'ready' });
  });

  test('a task emits its partial results and its outcome', async () => {
    await using scheduler = new Scheduler({ interpreter });
    const handle = scheduler.queue('q').submit(function* () {
      yield 'a';
      yield 'b';
    });
    const heard: unknown[] = [];
    handle.actor.on('partial', ({ index, value }) => heard.push([index, value]));
    handle.actor.on('settled', ({ outcome }) => heard.push(outcome));
    handle.actor.on('*', ({ type }) => heard.push(type));
    handle.actor.on('settled', () => heard.push('left')).unsubscribe();
    scheduler.start();
    await handle.settled();
    expect(heard.filter((each) => typeof each !== 'string')).toEqual([
      [0, 'a'],
      [1, 'b'],
      { status: 'done', result: ['a', 'b'] },
    ]);
    expect(heard.filter((each) => typeof each === 'string')).toEqual(['partial', 'partial', 'settled']);
  });

  test('the scheduler and its queues are found by their names in the system', async () => {
    await using scheduler = new Scheduler({ interpreter });
    const queue = scheduler.queue('acquire');
    const { system } = scheduler.actor;
    expect(system.get('scheduler')).toBe(scheduler.actor);
    expect(system.get('scheduler/acquire')).toBe(queue.actor);
    expect(system.get('scheduler/compute')).toBeUndefined();
    if (hasGetAll) expect(Object.keys(system.getAll())).toEqual(['scheduler', 'scheduler/acquire']);
  });

  test("the scheduler is in the context of its snapshot, which is one of XState's own where that interprets", async () => {
    await using scheduler = new Scheduler({ interpreter });
    const snapshot = scheduler.actor.getSnapshot();
    expect(snapshot.context.scheduler).toBe(scheduler);
    expect('getMeta' in snapshot).toBe(interpreter === 'xstate');
  });

  test('schedulers have names of their own in the system of one parent', async () => {
    const parent = createActor(createMachine({})).start();
    await using first = new Scheduler({ interpreter, parent });
    await using second = new Scheduler({ interpreter, parent });
    await using third = new Scheduler({ interpreter, parent });
    const queues = [first.queue('q'), second.queue('q')];
    expect(parent.system.get('scheduler-3')).toBe(third.actor);
    expect(parent.system.get('scheduler')).toBe(first.actor);
    expect(parent.system.get('scheduler-2')).toBe(second.actor);
    expect(parent.system.get('scheduler-2/q')).toBe(queues[1]?.actor);
  });

  test('the snapshot is the same object until something changes', async () => {
    await using scheduler = new Scheduler({ interpreter });
    const { actor } = scheduler.queue('q').submit(() => 1);
    const before = actor.getSnapshot();
    expect(actor.getSnapshot()).toBe(before);
    scheduler.start();
    await toPromise(actor);
    expect(actor.getSnapshot()).not.toBe(before);
    expect(before).toMatchObject({ value: 'ready', status: 'active' });
    expect([before.hasTag('settled'), actor.getSnapshot().hasTag('settled')]).toEqual([false, true]);
  });

  test.runIf(hasSelect || interpreter === 'compiled')('a selection tells of changes only', async () => {
    await using scheduler = new Scheduler({ interpreter });
    const queue = scheduler.queue('q', { concurrency: 1 });
    const taken = queue.actor.select(({ context }) => context.ledger.slotsTaken);
    const seen: number[] = [];
    taken.subscribe((count) => seen.push(count));
    const handles = [1, 2].map((value) => queue.submit(() => value));
    expect(taken.get()).toBe(0);
    scheduler.start();
    await Promise.all(handles.map((handle) => handle.result()));
    await scheduler.wait();
    expect(seen).toEqual([1, 0, 1, 0]);
  });

  test('inspectors find the statechart of each actor, and events that JSON takes', async () => {
    const charts = new Map<string, unknown>();
    const events: string[] = [];
    await using scheduler = new Scheduler({
      interpreter,
      inspect(message) {
        const { id, logic } = message.actorRef as AnyActorRef & { logic?: { config?: { id?: string } } };
        if (message.type === '@xstate.actor') charts.set(id, logic?.config?.id);
        if (message.type === '@xstate.event') events.push(JSON.stringify(message.event));
      },
    });
    const queue = scheduler.queue('q', { resources: { ram: 1 } });
    queue.submit({ id: 'a', resources: { ram: 1 } }, () => 1);
    scheduler.start();
    await scheduler.wait();
    expect([...charts]).toEqual([
      ['scheduler', 'scheduler'],
      ['q', 'queue'],
      ['a', 'task'],
    ]);
    expect(events).toContain('{"type":"task.offered","id":"a","demand":[1]}');
  });

  test('an inspector that throws harms nobody', async () => {
    const thrown = uncaughtErrors();
    await using scheduler = new Scheduler({
      interpreter,
      inspect() {
        throw new Error('a bad inspector');
      },
    });
    const handle = scheduler.queue('q').submit(() => 1);
    scheduler.start();
    expect(await handle.result()).toBe(1);
    await quiet();
    expect(thrown.length).toBeGreaterThan(5);
  });

  test("the task's actor cannot be stopped", async () => {
    await using scheduler = new Scheduler({ interpreter });
    const handle = scheduler.queue('q').submit(() => 1);
    expect(() => handle.actor.stop()).toThrow(/xstate.stop|cannot be stopped/);
    scheduler.start();
    expect((await waitFor(handle.actor, ({ status }) => status === 'done')).output).toEqual({
      status: 'done',
      result: 1,
    });
  });
});

test('an event says which actor it came from', async () => {
  const sources = new Map<string, string | undefined>();
  await using scheduler = new Scheduler({
    inspect(message) {
      if (message.type !== '@xstate.event') return;
      sources.set(message.event.type, (message.sourceRef as AnyActorRef | undefined)?.id);
    },
  });
  const queue = scheduler.queue('q', { concurrency: 1 });
  queue.submit({ id: 'a' }, () => 1);
  scheduler.start();
  await scheduler.wait();
  expect([...sources].filter(([type]) => /offered|granted|started|done|returned/.test(type))).toEqual([
    ['scheduler.started', 'scheduler'],
    ['task.offered', 'scheduler'],
    ['start.granted', 'q'],
    ['attempt.done', undefined],
    ['slot.returned', undefined],
  ]);
});

test('an inspector that has not come, or has left, costs nothing: no actor is made', async () => {
  await using scheduler = new Scheduler();
  const queue = scheduler.queue('q');
  const session = (): number =>
    Number(
      queue
        .submit(() => 0)
        .actor.sessionId.split('.')
        .at(-1),
    );
  scheduler.start();
  for (let index = 0; index < 10; index += 1) queue.submit(() => 1);
  await scheduler.wait();
  expect(session()).toBe(1);
  const subscription = scheduler.actor.system.inspect(() => undefined);
  queue.submit(() => 1);
  await scheduler.wait();
  const before = session();
  for (let index = 0; index < 10; index += 1) queue.submit(() => 1);
  await scheduler.wait();
  // The asked task itself, and those of ten that ran while somebody looked.
  const inspected = session();
  expect(inspected - before).toBe(11);
  subscription.unsubscribe();
  for (let index = 0; index < 10; index += 1) queue.submit(() => 1);
  await scheduler.wait();
  expect(session() - inspected).toBe(1);
});

test('an interpreter that there is not is refused', () => {
  expect(refusalOf(() => new Scheduler({ interpreter: 'live' as 'compiled' }))).toMatchObject({
    code: 'InvalidOption',
  });
});

describe('an actor that somebody comes to see', () => {
  test.each(['while it runs', 'as it settles', 'when it has settled'] as const)(
    '%s has the id of its task',
    async (moment) => {
      const scheduler = new Scheduler();
      const queue = scheduler.queue('q', { concurrency: 1 });
      const given: TaskActorRef[] = [];
      const look = (): void => void given.push(...handles.map(({ actor }) => actor));
      const handles = [
        queue.submit(() => {
          if (moment === 'while it runs') look();
        }),
      ];
      if (moment === 'as it settles') scheduler.on('settled', look);
      scheduler.start();
      await scheduler.wait();
      if (moment === 'when it has settled') look();
      const [actor] = given;
      expect(actor?.id).toBe('#1');
      expect(actor?.getSnapshot().context).toMatchObject({ id: '#1', queue: 'q', attempt: 1 });
      await scheduler.terminate();
    },
  );

  test.each(['while it runs', 'as it settles'] as const)(
    '%s by observing the whole system has the id of its task',
    async (moment) => {
      const scheduler = new Scheduler();
      const queue = scheduler.queue('q', { concurrency: 1 });
      const seen = new Set<string>();
      const observe = (): void => {
        scheduler.actor.system.inspect((event) => {
          if (event.type !== '@xstate.snapshot' || event.actorRef === scheduler.actor) return;
          const { context } = event.snapshot as unknown as { context: { id?: string } };
          if (context.id !== undefined) seen.add(`${(event.actorRef as TaskActorRef).id} ${context.id}`);
        });
      };
      queue.submit(() => {
        if (moment === 'while it runs') observe();
      });
      if (moment === 'as it settles') scheduler.on('settled', observe);
      scheduler.start();
      await scheduler.wait();
      expect([...seen]).toEqual(['#1 #1']);
      await scheduler.terminate();
    },
  );
});
