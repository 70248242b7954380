/** The actor system of a scheduler by itself: how its actors are named and found, and by what the cells are run. */
import { describe, expect, test } from 'vitest';
import { type AnyActorRef, createActor, createMachine, fromTransition } from 'xstate';
import { ActorCells } from '../../src/runtime/statecharts/actor-cells.js';
import { ActorSystem } from '../../src/runtime/statecharts/actor-system.js';
import type { Interpreter } from '../../src/runtime/statecharts/cells.js';
import { CompiledCells } from '../../src/runtime/statecharts/compiled-cells.js';
import { Inspectors } from '../../src/runtime/statecharts/inspectors.js';
import { Lamp, lampKind } from '../support/lamp.js';

function actor(id: string): AnyActorRef {
  return createActor(
    fromTransition((state) => state, {}),
    { id },
  ).start();
}

/** The system of the root; its own if `isOwn`, and another actor's if not. */
function systemOf(root: AnyActorRef, interpreter: Interpreter, isOwn: boolean, systemId?: string): ActorSystem {
  return new ActorSystem(root, interpreter, isOwn ? new Inspectors(root, undefined) : undefined, systemId);
}

/** What the system of `root` finds under each name. */
function found(root: AnyActorRef): unknown {
  return root.system.getAll();
}

describe('a system of views', () => {
  test('finds the actors of queues by their names, as long as they are there', () => {
    const root = actor('root');
    const system = systemOf(root, 'compiled', true, 'scheduler');
    const [a, b] = [actor('a'), actor('b')];
    system.register('a', () => a);
    system.register('b', () => b);
    expect([system.systemIdOf('a'), root.system.get('scheduler/a')]).toEqual(['scheduler/a', a]);
    expect(found(root)).toEqual({ 'scheduler/a': a, 'scheduler/b': b });
    system.unregister('a');
    expect([root.system.get('scheduler/a'), root.system.get('scheduler/b')]).toEqual([undefined, b]);
    expect(found(root)).toEqual({ 'scheduler/b': b });
  });

  test('still finds what XState itself finds', () => {
    const root = createActor(createMachine({}), { systemId: 'root' }).start();
    systemOf(root, 'compiled', true, 'scheduler');
    expect([root.system.get('root'), found(root)]).toEqual([root, { root }]);
  });

  test('lists its queues also with an XState that lists nothing', () => {
    const root = { sessionId: 'x', system: { get: () => undefined, inspect: () => undefined } };
    const system = systemOf(root as never, 'compiled', true, 'scheduler');
    const a = actor('a');
    system.register('a', () => a);
    expect(found(root as never)).toEqual({ 'scheduler/a': a });
  });

  test('knows no queue by name where it has no name itself', () => {
    const root = actor('root');
    const system = systemOf(root, 'compiled', true);
    system.register('a', () => actor('a'));
    expect([system.systemIdOf('a'), found(root)]).toEqual([undefined, {}]);
    system.unregister('a');
    expect(found(root)).toEqual({});
  });
});

test.each([
  ['compiled', false],
  ['xstate', true],
  ['xstate', false],
] as const)('the system of the interpreter %s leaves names to XState; of its own: %s', (interpreter, isOwn) => {
  const root = actor('root');
  const { get, getAll } = root.system;
  const system = systemOf(root, interpreter, isOwn, 'scheduler');
  system.register('a', () => actor('a'));
  expect([root.system.get === get, root.system.getAll === getAll, system.systemIdOf('a')]).toEqual([
    true,
    true,
    'scheduler/a',
  ]);
});

test.each([
  ['compiled', true, CompiledCells, false],
  ['compiled', false, ActorCells, false],
  ['xstate', true, ActorCells, true],
  ['xstate', false, ActorCells, true],
] as const)(
  'the interpreter %s, in a system of its own: %s, takes steps as it is to',
  (interpreter, isOwn, made, hasActor) => {
    const root = actor('root');
    const system = systemOf(root, interpreter, isOwn);
    const cells = system.cells(lampKind(root, () => undefined));
    const [first, second] = [new Lamp('first'), new Lamp('second')];
    cells.send(first, { type: 'press' });
    expect(cells).toBeInstanceOf(made);
    expect([first.chartState.value, first.actor !== undefined]).toEqual(['lit', hasActor]);
    const sessions = [first, second].map((lamp) => cells.actorOf(lamp).sessionId);
    expect(new Set(sessions).size).toBe(2);
    if (made === CompiledCells) expect(sessions).toEqual([`${root.sessionId}.1`, `${root.sessionId}.2`]);
  },
);
