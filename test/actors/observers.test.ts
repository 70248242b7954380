/** The observers of one system of actors, which inspect it together. */
import { describe, expect, test } from 'vitest';
import { type AnyActorRef, assign, createActor, createMachine, type InspectionEvent } from 'xstate';
import { Scheduler } from '../../src/index.js';

describe('the observers of one system', () => {
  test('are told the same, the first to come first, until they leave', async () => {
    const heard: [who: string, message: InspectionEvent][] = [];
    await using scheduler = new Scheduler({ inspect: (message) => void heard.push(['given', message]) });
    const subscription = scheduler.actor.system.inspect({ next: (message) => void heard.push(['later', message]) });
    heard.length = 0;
    scheduler.queue('one');
    subscription.unsubscribe();
    scheduler.queue('two');
    const ids = heard.map(([who, { type, actorRef }]) => `${who} ${type} ${(actorRef as AnyActorRef).id}`);
    expect(ids).toEqual([
      'given @xstate.actor one',
      'later @xstate.actor one',
      'given @xstate.event one',
      'later @xstate.event one',
      'given @xstate.snapshot one',
      'later @xstate.snapshot one',
      'given @xstate.actor two',
      'given @xstate.event two',
      'given @xstate.snapshot two',
    ]);
    expect(heard[0]?.[1]).toBe(heard[1]?.[1]);
  });

  test('may come and go, also where none was given', async () => {
    await using scheduler = new Scheduler();
    const types: string[] = [];
    for (const name of ['one', 'two']) {
      const subscription = scheduler.actor.system.inspect(({ type }) => void types.push(`${name} ${type}`));
      scheduler.queue(name);
      subscription.unsubscribe();
      scheduler.queue(`not ${name}`);
    }
    expect(types).toEqual(
      ['one', 'two'].flatMap((name) => ['actor', 'event', 'snapshot'].map((what) => `${name} @xstate.${what}`)),
    );
  });

  test('may have nothing to be told', async () => {
    await using scheduler = new Scheduler({ inspect: {} });
    scheduler.start();
    expect(
      await scheduler
        .queue('q')
        .submit(() => 1)
        .result(),
    ).toBe(1);
  });

  test("are told of a machine of the user's own in the scheduler's system, with its microsteps and actions", async () => {
    const machine = createMachine({
      context: { count: 0 },
      on: { go: { actions: [assign({ count: 1 }), () => undefined] } },
    });
    const heard: InspectionEvent[] = [];
    const inspect = (message: InspectionEvent): void => void heard.push(message);
    const toldOfOne = (parent: AnyActorRef): readonly unknown[] => {
      heard.length = 0;
      createActor(machine, { id: 'mine', parent }).start().send({ type: 'go' });
      expect(new Set(heard.map(({ rootId }) => rootId))).toEqual(new Set([parent.sessionId]));
      return heard.map((message) => [message.type, Object.keys(message), (message.actorRef as AnyActorRef).id]);
    };
    await using scheduler = new Scheduler({ inspect });
    const toldHere = toldOfOne(scheduler.actor);
    expect(toldHere.map((message) => (message as readonly unknown[])[0])).toContain('@xstate.microstep');
    expect(toldHere).toEqual(toldOfOne(createActor(createMachine({}), { inspect }).start()));
  });
});
