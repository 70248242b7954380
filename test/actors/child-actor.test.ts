/** Actors that are made as the root of a system of their own and moved to their parent's are what XState would have made. */
import { afterEach, describe, expect, test } from 'vitest';
import { createActor } from 'xstate';
import { canMove, createChild } from '../../src/runtime/statecharts/child-actor.js';
import type * as Subject from '../../src/runtime/statecharts/child-actor.js';
import { next, probeLogic } from '../../src/runtime/statecharts/probe-logic.js';
import { type Change, theInstalledXState, withActors } from '../support/other-xstate.js';

const logic = probeLogic(next);

describe('the installed XState', () => {
  test('is one whose actors can be moved', () => {
    // Where this fails XState has changed: see the head of src/runtime/statecharts/child-actor.ts for what it relied upon.
    expect(canMove()).toBe(true);
  });
});

describe('an XState that is otherwise', () => {
  afterEach(theInstalledXState);

  const load = (): Promise<typeof Subject> => import('../../src/runtime/statecharts/child-actor.js');

  test.each<[string, Change]>([
    [
      'remember in another field whether they are a root',
      (actor, options) => Object.assign(actor, { isRoot: options?.parent === undefined }),
    ],
    [
      'have a scope that says it',
      ({ _actorScope }, options) => Object.assign(_actorScope, { parent: options?.parent }),
    ],
    ['keep another clock', (actor, options) => options?.parent === undefined || Object.assign(actor, { clock: {} })],
  ])('is noticed when its actors %s', async (_, change) => {
    const { canMove: verdict, createChild: create } = await withActors(load, change);
    expect(verdict()).toBe(false);
    const parent = createActor(logic).start();
    expect(create(logic, parent, 'child')._parent).toBe(parent);
  });

  test('is not what the tests above would take any XState for', async () => {
    expect((await withActors(load, () => undefined)).canMove()).toBe(true);
  });
});

describe('a child', () => {
  test('belongs to its parent, hears of its stop, and tells it of its own end', () => {
    const heard: string[] = [];
    const parent = createActor(
      probeLogic((snapshot, { type }) => {
        heard.push(type);
        return snapshot;
      }),
    ).start();
    const child = createChild(logic, parent, 'child').start();
    expect(child.system).toBe(parent.system);
    expect(child.id).toBe('child');
    expect(child.sessionId).not.toBe(parent.sessionId);
    expect(() => child.stop()).toThrow('non-root');
    child.send({ type: 'end' });
    expect(heard).toEqual(['xstate.done.actor.child']);
  });

  test('has a clock and a logger of its parent, and its own session', () => {
    const clock = { setTimeout: () => 0, clearTimeout: () => undefined };
    const logger = (): void => undefined;
    const parent = createActor(logic, { clock, logger }).start();
    const children = [createChild(logic, parent, 'a'), createChild(logic, parent, 'b')];
    for (const child of children) expect(child).toMatchObject({ clock, logger });
    expect(new Set(children.map(({ sessionId }) => sessionId)).size).toBe(2);
  });
});
