/** The contract of the interpreters, on a chart that has whatever they know: how a cell takes its steps, and what its actor shows. */
import { describe, expect, test } from 'vitest';
import { type AnyActorRef, createActor, createMachine, fromTransition, sendTo } from 'xstate';
import { ActorCells, Admission } from '../../src/runtime/statecharts/actor-cells.js';
import { type Cells, isOneOf, notAllowed } from '../../src/runtime/statecharts/cells.js';
import { chartLogic } from '../../src/runtime/statecharts/chart-logic.js';
import { CompiledCells } from '../../src/runtime/statecharts/compiled-cells.js';
import { Inspectors } from '../../src/runtime/statecharts/inspectors.js';
import { machineLogic } from '../../src/runtime/statecharts/machine-logic.js';
import { Lamp, type LampEvent, type LampKind, lampKind } from '../support/lamp.js';
import { refusalOf } from '../support/refusal.js';

const INTERPRETERS = {
  'the tables': (kind: LampKind, root: AnyActorRef) => {
    let sessions = 0;
    return new CompiledCells(kind, root, new Inspectors(root, undefined), () => `s${(sessions += 1)}`);
  },
  'the tables, in the system of another actor': (kind: LampKind, root: AnyActorRef) =>
    new ActorCells(kind, root, true, (of, admission, begin) => chartLogic(of, admission, begin)),
  XState: (kind: LampKind, root: AnyActorRef) =>
    new ActorCells(kind, root, false, (of, admission, begin) => machineLogic(of, admission, begin)),
};

/** The cells of lamps, and their owner; `missing` are parts of the kind that it can do without. */
function lamps(name: keyof typeof INTERPRETERS, missing: Partial<Record<'unexpected' | 'stopped', undefined>> = {}) {
  // It takes the news of the ends of its children, as a scheduler does.
  const owner = createActor(
    fromTransition((state) => state, {}),
    { id: 'owner' },
  ).start();
  const kind = { ...lampKind(owner, (lamp, event) => cells.send(lamp, event)), ...missing } as LampKind;
  const cells: Cells<Lamp, LampEvent> = INTERPRETERS[name](kind, owner);
  return { owner, cells };
}

const PRESS = { type: 'press' } as const;

describe.each(Object.keys(INTERPRETERS) as (keyof typeof INTERPRETERS)[])('by %s', (name) => {
  test.each([false, true])('a cell takes state and context before its effects; with an actor: %s', (hasActor) => {
    const { cells } = lamps(name);
    const lamp = new Lamp();
    if (hasActor) cells.actorOf(lamp);
    lamp.effects.length = 0;
    const events = [
      PRESS,
      PRESS,
      { type: 'look' },
      PRESS,
      { type: 'age', years: 5 },
      { type: 'age', years: 10 },
    ] as const;
    for (const event of events) cells.send(lamp, event);
    expect(lamp.effects.filter((effect) => !effect.startsWith('greet'))).toEqual([
      'shine for press: "lit", 1',
      'darken for press: "off", 2',
      'noteLook for look: "off", 2',
      'shine for press: "lit", 3',
      'sayGoodbye for age: "gone", 3',
    ]);
    expect([lamp.chartState.value, lamp.presses]).toEqual(['gone', 3]);
    expect(lamp.told).toEqual(lamp.actor === undefined ? [] : ['ended']);
  });

  test('an event that the chart does not name in the state is noted; one that a guard refuses is not', () => {
    const { cells } = lamps(name);
    const lamp = new Lamp();
    cells.send(lamp, { type: 'age', years: 10 });
    cells.send(lamp, PRESS);
    cells.send(lamp, { type: 'age', years: 5 });
    cells.send(lamp, { type: 'look' });
    expect([lamp.told, lamp.chartState.value]).toEqual([['unexpected age', 'unexpected look'], 'lit']);
  });

  test('a kind that notes no such events can do without', () => {
    const { cells } = lamps(name, { unexpected: undefined });
    const lamp = new Lamp();
    cells.send(lamp, { type: 'age', years: 10 });
    expect([lamp.told, lamp.chartState.value]).toEqual([[], 'off']);
  });

  test('a watcher is told of each event, of its step and of its sender, until it leaves', () => {
    const { cells } = lamps(name);
    const lamp = new Lamp();
    const told: unknown[] = [];
    const leave = cells.watch(lamp, ({ type }, isTaken, from) => told.push([type, isTaken, from]));
    cells.send(lamp, PRESS);
    cells.send(lamp, { type: 'age', years: 5 });
    cells.send(lamp, { type: 'break', fault: 'crack' });
    expect(told).toEqual([
      ['press', true, undefined],
      ['age', false, 'owner'],
      ['break', true, 'owner'],
    ]);
    const second = new Lamp();
    const leaveSecond = cells.watch(second, () => told.push('late'));
    leaveSecond();
    cells.send(second, PRESS);
    leave();
    expect([told.length, second.chartState.value]).toEqual([3, 'lit']);
  });

  test('an actor shows its cell as it stands, also one that is past its beginning', () => {
    const { cells } = lamps(name);
    const lamp = new Lamp('hall');
    for (const event of [PRESS, PRESS, PRESS]) cells.send(lamp, event);
    const actor = cells.actorOf(lamp);
    expect(cells.actorOf(lamp)).toBe(actor);
    expect([actor.id, actor.getSnapshot()]).toMatchObject([
      'hall',
      { value: 'lit', status: 'active', context: { name: 'hall', presses: 3, fault: undefined } },
    ]);
    expect([...(actor.getSnapshot() as { readonly tags: Set<string> }).tags]).toEqual(['bright']);
  });

  test.each([
    [undefined, { status: 'done', output: 'pressed 0 times', error: undefined }],
    ['crack', { status: 'error', output: undefined, error: 'crack' }],
  ])('an actor that is made when its cell has ended, with the fault %s, has ended too', (fault, end) => {
    const { cells } = lamps(name);
    const lamp = new Lamp('hall', 'gone');
    lamp.fault = fault;
    expect(cells.actorOf(lamp).getSnapshot()).toMatchObject({
      value: 'gone',
      context: { name: 'hall', fault },
      ...end,
    });
    expect(lamp.effects).toEqual([]);
  });

  test.each([
    [
      { type: 'age', years: 10 },
      { status: 'done', output: 'pressed 1 times', error: undefined },
    ],
    [
      { type: 'break', fault: 'crack' },
      { status: 'error', output: undefined, error: 'crack' },
    ],
  ] as const)('an actor ends with its cell: %j', (event, end) => {
    const { cells } = lamps(name);
    const lamp = new Lamp();
    const actor = cells.actorOf(lamp);
    const heard: unknown[] = [];
    actor.subscribe({
      next: ({ status }: { readonly status: unknown }) => void heard.push(status),
      error: (error) => void heard.push(error),
      complete: () => void heard.push('complete'),
    });
    cells.send(lamp, PRESS);
    cells.send(lamp, event);
    expect(actor.getSnapshot()).toMatchObject({ value: 'gone', ...end });
    expect(heard.filter((each) => each !== 'active')).toContain(end.status === 'done' ? 'complete' : 'crack');
  });

  test('the snapshot is another one only when something has changed', () => {
    const { cells } = lamps(name);
    const lamp = new Lamp();
    const actor = cells.actorOf(lamp);
    const before: unknown = actor.getSnapshot();
    cells.send(lamp, PRESS);
    const lit: unknown = actor.getSnapshot();
    expect(lit).not.toBe(before);
    cells.send(lamp, { type: 'touch' });
    expect(actor.getSnapshot()).toMatchObject({ value: 'lit', context: { presses: 2 } });
    const touched: unknown = actor.getSnapshot();
    cells.send(lamp, { type: 'age', years: 5 });
    expect(actor.getSnapshot()).toBe(touched);
    cells.send(lamp, PRESS);
    // The first state again, with another context.
    expect(actor.getSnapshot()).toMatchObject({ value: 'off', context: { presses: 3 } });
  });

  test('an actor emits what the steps of its cell say', () => {
    const { cells } = lamps(name);
    const lamp = new Lamp();
    const heard: unknown[] = [];
    cells.actorOf(lamp).on('pressed', (event) => heard.push(event));
    for (const event of [PRESS, { type: 'age', years: 5 }, { type: 'look' }, PRESS, PRESS] as const) {
      cells.send(lamp, event);
    }
    expect(heard).toEqual([
      { type: 'pressed', times: 1 },
      { type: 'pressed', times: 3 },
    ]);
  });

  test('a command that comes from outside is received, and anything else refused', () => {
    const { cells } = lamps(name);
    const lamp = new Lamp();
    const actor = cells.actorOf(lamp);
    actor.send(PRESS);
    expect(lamp.chartState.value).toBe('lit');
    const error = refusalOf(() => actor.send({ type: 'age', years: 10 }));
    expect([error.code, error.message]).toEqual(['EventNotAllowed', 'actor desk was sent "age": it takes press']);
    expect([lamp.chartState.value, lamp.told]).toEqual(['lit', ['refused']]);
  });

  test('a machine may send commands too; what else it sends is refused without an error', () => {
    const { cells } = lamps(name);
    const lamp = new Lamp();
    const actor = cells.actorOf(lamp);
    const machine = createMachine({
      on: {
        press: { actions: sendTo(actor, PRESS) },
        age: { actions: sendTo(actor, { type: 'age', years: 10 }) },
      },
    });
    const sender = createActor(machine).start();
    for (const type of ['press', 'age']) sender.send({ type });
    expect([lamp.chartState.value, lamp.told, sender.getSnapshot().status]).toEqual(['lit', ['refused'], 'active']);
  });
});

describe.each(['the tables, in the system of another actor', 'XState'] as const)('an actor that runs by %s', (name) => {
  test('carries out the effects of its beginning, unless its cell is past it, also after other steps', () => {
    const { cells } = lamps(name);
    const first = new Lamp('first');
    cells.actorOf(first);
    cells.send(first, PRESS);
    const second = new Lamp('second');
    cells.show(second);
    const third = new Lamp('third', 'lit');
    cells.show(third);
    expect([first.effects[0], second.effects, third.effects]).toEqual([
      'greet for xstate.init: "off", 0',
      ['greet for xstate.init: "off", 0'],
      [],
    ]);
  });

  test.each([
    ['tells its kind', {}, ['stopped']],
    ['leaves a kind alone that does not want to know', { stopped: undefined }, []],
  ])('%s that it was stopped', (_, missing, told) => {
    const { cells } = lamps(name, missing);
    const lamp = new Lamp();
    const actor = cells.actorOf(lamp) as AnyActorRef & { readonly _stop: () => void };
    actor._stop();
    expect(lamp.told).toEqual(told);
    expect(actor.getSnapshot()).toMatchObject({ status: 'stopped' });
  });

  test('keeps its snapshot where a step has changed nothing', () => {
    const { cells } = lamps(name);
    const lamp = new Lamp();
    const actor = cells.actorOf(lamp);
    const before: unknown = actor.getSnapshot();
    cells.send(lamp, { type: 'look' });
    expect([actor.getSnapshot() === before, lamp.effects.at(-1)]).toEqual([true, 'noteLook for look: "off", 0']);
  });

  test('is persisted as what it shows', () => {
    const { cells } = lamps(name);
    const lamp = new Lamp();
    cells.send(lamp, PRESS);
    const persisted: unknown = JSON.parse(JSON.stringify(cells.actorOf(lamp).getPersistedSnapshot()));
    expect(persisted).toMatchObject({ status: 'active', value: 'lit', context: { name: 'desk', presses: 1 } });
  });
});

test('a cell without an actor takes its steps by the table where that will do, and by its actor where not', () => {
  for (const [name, hasActor] of [
    ['the tables, in the system of another actor', false],
    ['XState', true],
  ] as const) {
    const { cells } = lamps(name);
    const lamp = new Lamp();
    cells.send(lamp, PRESS);
    expect([lamp.chartState.value, lamp.actor !== undefined]).toEqual(['lit', hasActor]);
  }
});

describe('the admission of events', () => {
  function admission() {
    const refused: string[] = [];
    const sent: LampEvent[] = [];
    const actor = { id: 'desk', send: (event: LampEvent) => void sent.push(event) } as unknown as AnyActorRef;
    const made = new Admission<string, LampEvent>({ commands: ['press'], refused: (cell) => void refused.push(cell) });
    return { admission: made, way: made.guard('cell', actor), actor, refused, sent };
  }

  test('lets an own event pass as often as it was sent', () => {
    const { admission: made, way, sent, refused } = admission();
    const event = { type: 'look' } as const;
    way(event);
    way(event);
    expect(sent).toEqual([event, event]);
    expect([made.admits('cell', event), made.admits('cell', event), refused]).toEqual([true, true, []]);
    expect([made.admits('cell', event), refused]).toEqual([false, ['cell']]);
  });

  test('refuses others without a word where there is no cell, or where they are of XState itself', () => {
    const { admission: made, refused } = admission();
    expect(made.admits('cell', { type: 'xstate.done.actor.child' })).toBe(false);
    expect(made.admits(undefined, { type: 'look' })).toBe(false);
    expect([made.admits(undefined, PRESS), refused]).toEqual([true, []]);
  });
});

describe('an event that is not allowed', () => {
  const press = (): undefined => undefined;
  const throwing = {
    get type(): string {
      throw new Error('no type');
    },
  };

  test.each<[string, unknown, string]>([
    ['of another type', { type: 'age' }, '"age"'],
    ['whose type is no string', { type: 7 }, '7'],
    ['without a type', {}, '[object Object]'],
    ['whose type throws', throwing, '[object Object]'],
    ['that is a string', 'press', '"press"'],
    ['that is a function', Object.assign(press, { type: 'press' }), String(press)],
    ['that is null', null, 'null'],
    ['that is undefined', undefined, 'undefined'],
  ])('%s is named in the error', (_, event, shown) => {
    expect(isOneOf(event, ['press'])).toBe(false);
    const { code, message } = notAllowed('desk', event, ['press', 'look']);
    expect([code, message]).toEqual(['EventNotAllowed', `actor desk was sent ${shown}: it takes press, look`]);
  });

  test('is told of an actor that takes none', () => {
    expect(notAllowed('q', PRESS, []).message).toBe('actor q was sent "press": it takes no events from outside');
    expect(isOneOf(PRESS, ['press'])).toBe(true);
  });
});
