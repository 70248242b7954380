/** What the logic of the actors answers without them, and what an inspector may do between two of their steps. */
import { expect, test } from 'vitest';
import {
  type AnyActorLogic,
  type AnyActorRef,
  createActor,
  createMachine,
  type EventObject,
  type InspectionEvent,
  transition,
} from 'xstate';
import { type Interpreter, Scheduler } from '../../src/index.js';

/** What one of XState's own actors is made from. */
function logicOf(actor: AnyActorRef): AnyActorLogic {
  return (actor as unknown as { readonly logic: AnyActorLogic }).logic;
}

/** What the event would lead to, as the actor's logic says it. */
function leadsTo(actor: AnyActorRef, event: EventObject): unknown {
  return transition(logicOf(actor), actor.getSnapshot(), event)[0];
}

test.each<Interpreter>(['compiled', 'xstate'])(
  'the logic of an actor says what an event leads to, and nothing comes of it: %s',
  async (interpreter) => {
    const parent = createActor(createMachine({})).start();
    const scheduler = new Scheduler({ interpreter, parent });
    let calls = 0;
    const handle = scheduler.queue('q').submit(() => (calls += 1));
    expect(leadsTo(scheduler.actor, { type: 'start.requested' })).toMatchObject({
      value: { running: expect.any(String) as string },
    });
    expect(leadsTo(scheduler.actor, { type: 'xstate.stop' })).toMatchObject({ status: 'stopped' });
    const cancel = { type: 'cancel.requested', reason: 'x' };
    expect(leadsTo(handle.actor, cancel)).toMatchObject({ value: 'cancelled', context: { outcome: { reason: 'x' } } });
    expect(leadsTo(handle.actor, { type: 'start.granted' })).toBe(handle.actor.getSnapshot());
    expect([scheduler.state, handle.state, calls]).toEqual(['stopped', 'ready', 0]);
    scheduler.start();
    expect(await handle.result()).toBe(1);
    await scheduler.close();
  },
);

test.each<Interpreter>(['compiled', 'xstate'])(
  'a task that waits shows its id, its queue, and that it has made no attempt: %s',
  async (interpreter) => {
    await using scheduler = new Scheduler({ interpreter });
    const queue = scheduler.queue('q');
    const needed = queue.submit({ id: 'needed' }, () => 1);
    const { actor } = queue.submit({ id: 'waits' }, (value: number) => value, needed);
    expect(actor.getSnapshot()).toMatchObject({
      value: 'pending',
      context: { id: 'waits', queue: 'q', attempt: 0, delivered: 0 },
    });
    scheduler.start();
  },
);

test.each<Interpreter>(['compiled', 'xstate'])(
  'an actor that is made from a snapshot has nothing behind it, takes events, and does nothing: %s',
  async (interpreter) => {
    const parent = createActor(createMachine({})).start();
    const scheduler = new Scheduler({ interpreter, parent });
    const handle = scheduler.queue('q').submit(() => 1);
    const restored = [scheduler.actor, handle.actor].map((actor) =>
      createActor(logicOf(actor), { snapshot: actor.getSnapshot() }).start(),
    );
    const [ofScheduler, ofTask] = restored;
    ofScheduler?.send({ type: 'start.requested' });
    ofTask?.send({ type: 'cancel.requested', reason: 'x' });
    expect(ofScheduler?.getSnapshot()).toMatchObject({ value: { running: expect.any(String) as string } });
    expect(ofTask?.getSnapshot()).toMatchObject({ value: 'cancelled' });
    for (const actor of restored) actor.stop();
    expect([scheduler.state, handle.state]).toEqual(['stopped', 'ready']);
    scheduler.start();
    expect(await handle.result()).toBe(1);
    await scheduler.close();
  },
);

test.each<Interpreter>(['compiled', 'xstate'])(
  'an inspector may cancel a task whose start has been granted and has not come: %s',
  async (interpreter) => {
    let calls = 0;
    const scheduler = new Scheduler({
      interpreter,
      inspect: (event: InspectionEvent) => {
        const isGrant = event.type === '@xstate.snapshot' && event.event.type === 'task.offered';
        if (isGrant && first.state === 'ready') first.actor.send({ type: 'cancel.requested', reason: 'seen' });
      },
    });
    const queue = scheduler.queue('q', { concurrency: 1 });
    const second = queue.submit({ id: 'second' }, () => 2);
    const first = queue.submit({ id: 'first' }, () => (calls += 1));
    scheduler.start();
    expect(await first.settled()).toEqual({ status: 'cancelled', reason: 'seen' });
    expect(await second.result()).toBe(2);
    expect(calls).toBe(0);
    await scheduler.close();
  },
);
