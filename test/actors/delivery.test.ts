/** Events to actors that nobody watches are delivered without XState's own way; nobody can tell from what it leads to. */
import { afterEach, describe, expect, test } from 'vitest';
import { createActor, type EventObject } from 'xstate';
import { Scheduler, type TaskActorRef } from '../../src/index.js';
import { canDeliver, Delivery } from '../../src/runtime/statecharts/delivery.js';
import { next, probeLogic, type ProbeSnapshot } from '../../src/runtime/statecharts/probe-logic.js';
import { type Change, theInstalledXState, withActors } from '../support/other-xstate.js';

describe('the installed XState', () => {
  test('is one to whose actors can be delivered', () => {
    // Where this fails XState has changed: see the head of src/runtime/statecharts/delivery.ts for what it relied upon.
    expect(canDeliver()).toBe(true);
  });
});

describe('an XState that is otherwise', () => {
  afterEach(theInstalledXState);

  /** The verdict on an XState whose actors `change` has changed. */
  async function verdictOn(change: Change): Promise<boolean> {
    return (await withActors(() => import('../../src/runtime/statecharts/delivery.js'), change)).canDeliver();
  }

  test.each<[string, Change]>([
    ['has no mailbox', (actor) => void Reflect.deleteProperty(actor, 'mailbox')],
    ['keeps what it sees to under another name', ({ mailbox }) => void Reflect.deleteProperty(mailbox, '_current')],
    ['sees to what waits by another method', ({ mailbox }) => void Object.assign(mailbox, { flush: undefined })],
    ['tells observers elsewhere', (actor) => void Object.assign(actor, { update: () => undefined })],
  ])('is noticed when an actor %s', async (_, change) => {
    expect(await verdictOn(change)).toBe(false);
  });

  test('is sent its events, and does the same', async () => {
    const elsewhereAtFirst: Change = ({ mailbox }) => Object.assign(mailbox, { _current: undefined });
    expect(await verdictOn(elsewhereAtFirst)).toBe(false);
    const { Scheduler: Fresh } = await withActors(() => import('../../src/index.js'), elsewhereAtFirst);
    const scheduler = new Fresh();
    const queue = scheduler.queue('q');
    const sum = queue.submit(
      (a: number, b: number) => a + b,
      queue.submit(() => 1),
      queue.submit(() => 2),
    );
    scheduler.start();
    expect(await sum.result()).toBe(3);
    await scheduler.close();
  });

  test('is not what the tests above would take any XState for', async () => {
    expect(await verdictOn(() => undefined)).toBe(true);
  });
});

describe('a delivery', () => {
  test('that fails leaves the actor and the delivery as they can be used', () => {
    const delivery = new Delivery();
    const logic = {
      ...probeLogic(next),
      deliver(taker: { _snapshot: ProbeSnapshot }, event: EventObject): void {
        if (event.type === 'break') throw new Error('broken');
        taker._snapshot = next(taker._snapshot, event);
      },
    };
    const actor = createActor(logic).start();
    expect(() => delivery.deliver(logic, actor, { type: 'break' })).toThrow('broken');
    delivery.deliver(logic, actor, { type: 'go' });
    actor.send({ type: 'go' });
    expect(actor.getSnapshot().steps).toBe(2);
  });

  test('to an actor that is observed tells its observers', () => {
    const delivery = new Delivery();
    const logic = { ...probeLogic(next), deliver: () => expect.unreachable() };
    const actor = createActor(logic).start();
    const seen: number[] = [];
    actor.subscribe(({ steps }) => seen.push(steps));
    delivery.deliver(logic, actor, { type: 'go' });
    expect(seen).toEqual([1]);
  });

  test('to an actor that has not started or has stopped does what sending would', () => {
    const delivery = new Delivery();
    const logic = { ...probeLogic(next), deliver: () => expect.unreachable() };
    const actor = createActor(logic);
    delivery.deliver(logic, actor, { type: 'go' });
    expect(actor.getSnapshot().steps).toBe(0);
    actor.start();
    expect(actor.getSnapshot().steps).toBe(1);
    actor.stop();
    const { steps } = actor.getSnapshot();
    delivery.deliver(logic, actor, { type: 'go' });
    expect(actor.getSnapshot().steps).toBe(steps);
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
      await scheduler.close();
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
      await scheduler.close();
    },
  );
});
