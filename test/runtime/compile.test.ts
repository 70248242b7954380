import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import {
  type AnyActor,
  type AnyEventObject,
  type AnyStateMachine,
  and,
  assign,
  createActor,
  createMachine,
  fromPromise,
  setup,
  type StateValue,
} from 'xstate';
import { TableLogic, type TableSnapshot } from '../../src/runtime/statecharts/table-logic.js';
import {
  type Changed,
  compile,
  type Decision,
  type Step,
  type TransitionTable,
} from '../../src/runtime/statecharts/compile.js';
import { differenceFrom, explore, pairOf, recordingEffects, seenOf } from '../support/chart-comparison.js';
import { charts } from '../support/charts.js';
import { corruptedTables } from '../support/corrupted-tables.js';

describe.each(charts.map((chart) => [chart.name, chart] as const))('the table of the %s', (_, chart) => {
  const table = compile<never>(chart.machine, chart.effects, chart.changed as undefined | Changed<never>);
  const reference = explore(chart);

  test('does what XState does, for every event in every reachable state', () => {
    expect(differenceFrom(reference, table)).toBeUndefined();
  });

  test('says of every event whether it would do something, as XState does', () => {
    expect(differenceFrom(reference, table, 'can')).toBeUndefined();
  });

  test('is compared in all its states, with all events and by all its steps', () => {
    const types = chart.machine.events.map((type: string) => ({ type }));
    const pairs = table.states.flatMap(({ value }) => types.map((event) => pairOf(value, event)));
    expect(pairs.filter((pair) => !reference.visited.has(pair))).toEqual([]);
    const taken = new Set<Step>();
    differenceFrom(reference, table, 'steps', taken);
    expect([...stepsOf(table)].filter(([, step]) => !taken.has(step)).map(([name]) => name)).toEqual([]);
  });

  test('is told from any table with one thing wrong', () => {
    const corrupted = [...corruptedTables(table)];
    expect(corrupted.length).toBeGreaterThan(10);
    const unnoticed = corrupted.filter((one) => differenceFrom(reference, one.table) === undefined);
    expect(unnoticed.map(({ name }) => name)).toEqual([]);
  });

  property.prop([chart.anyInput, fc.array(chart.anyEvent, { maxLength: 40 })])(
    'runs an actor that nobody can tell from one of XState, for any input and any events',
    (input, events) => {
      const own = recordedRun(table, events, (log) => {
        const logic = new TableLogic<undefined, unknown, AnyEventObject, unknown, unknown>(
          table,
          recordingEffects(log),
          () => undefined,
        );
        return createActor(logic, { input });
      });
      const wanted = recordedRun(table, events, (log) => {
        const actions = Object.fromEntries(
          chart.effects.map((name) => [name, ({ event }: { event: unknown }) => void log.push([name, event])]),
        );
        return createActor(chart.machine.provide({ actions }), { input });
      });
      expect(own).toStrictEqual(wanted);
    },
  );
});

describe('the compiler', () => {
  const context: { n: number; m: number } = { n: 0, m: 0 };
  const types = { context, events: {} as { type: 'go' | 'back' } };
  const nothing = (): void => undefined;

  test('refuses an action that is neither an effect nor an assignment, by its name', () => {
    const machine = setup({ types, actions: { ring: nothing, knock: nothing } }).createMachine({
      id: 'door',
      context,
      on: { go: { actions: ['knock', 'ring'] } },
    });
    expect(() => compile(machine, ['knock'])).toThrow(
      'statechart door: action ring is neither an effect nor an assignm',
    );
    expect(() => compile(machine, ['knock', 'ring'])).not.toThrow();
  });

  test('refuses an assignment of several keys, of none, and one by a function', () => {
    const compiled = (action: unknown) => () =>
      compile(
        setup({ types, actions: { set: action as typeof nothing } }).createMachine({
          id: 'door',
          context,
          on: { go: { actions: 'set' } },
        }),
        [],
      );
    expect(compiled(assign({ n: () => 1, m: () => 1 }))).toThrow('statechart door: set must assign exactly one key');
    expect(compiled(assign({}))).toThrow('set must assign exactly one key');
    expect(compiled(assign(() => ({ n: 1 })))).toThrow('set must assign exactly one key');
    expect(compiled(assign({ n: () => 1 }))).not.toThrow();
  });

  test('refuses a chart that is too large', () => {
    // 320 states, each of which can be left for every other: 102,400 steps.
    const names = Array.from({ length: 320 }, (_, index) => `s${index}`);
    const sized = (size: number): AnyStateMachine =>
      createMachine({
        id: 'map',
        initial: 's0',
        states: Object.fromEntries(names.slice(0, size).map((name) => [name, {}])),
        on: Object.fromEntries(names.slice(0, size).map((name) => [name, `.${name}`])),
      });
    expect(() => compile(sized(320), [])).toThrow('statechart map is too large to compile');
    expect(() => compile(sized(40), [])).not.toThrow();
  });

  // A chart outside of the bounds must not give a table that does something else than the chart.
  test.each<readonly [name: string, machine: AnyStateMachine]>([
    ['an action without a name', createMachine({ on: { go: { actions: () => undefined } } })],
    ['an assignment without a name', createMachine({ context, on: { go: { actions: assign({ n: 1 }) } } })],
    [
      'a guard without a name',
      createMachine({ initial: 'a', states: { a: { on: { go: { guard: () => false, target: 'b' } } }, b: {} } }),
    ],
    [
      'a guard with parameters',
      setup({ guards: { above: (_, { least }: { least: number }) => least > 0 } }).createMachine({
        initial: 'a',
        states: { a: { on: { go: { guard: { type: 'above', params: { least: 1 } }, target: 'b' } } }, b: {} },
      }),
    ],
    [
      'a guard that is made of others and named',
      setup({ guards: { open: and(['ajar', 'ajar']), ajar: () => true } }).createMachine({
        initial: 'a',
        states: { a: { on: { go: { guard: 'open', target: 'b' } } }, b: {} },
      }),
    ],
    ['a delay', createMachine({ initial: 'a', states: { a: { after: { 1000: 'b' } }, b: {} } })],
    [
      'an invocation',
      createMachine({
        initial: 'a',
        states: { a: { on: { go: 'b' } }, b: { invoke: { src: fromPromise(() => Promise.resolve()) } } },
      }),
    ],
    [
      'history',
      createMachine({
        initial: 'off',
        states: {
          off: { on: { go: 'on.last' } },
          on: {
            initial: 'dim',
            on: { back: 'off' },
            states: { dim: { on: { up: 'bright' } }, bright: {}, last: { type: 'history' } },
          },
        },
      }),
    ],
  ])('refuses %s', (_, machine) => {
    expect(() => compile(machine, [])).toThrow(Error);
  });
});

describe('an actor of a table', () => {
  const machine = setup({
    types: { context: {} as { rings: number }, events: {} as { type: 'ring' | 'leave' } },
    actions: { count: assign({ rings: ({ context }) => context.rings + 1 }), answer: () => undefined },
  }).createMachine({
    context: { rings: 0 },
    initial: 'quiet',
    states: { quiet: { on: { ring: { target: 'loud', actions: ['answer', 'count'] } } }, loud: {} },
  });
  const table = compile(machine, ['answer']);

  test('has taken its new snapshot when its effects are carried out', () => {
    const seen: unknown[] = [];
    const logic = new TableLogic<undefined, { rings: number }, AnyEventObject, undefined, undefined>(
      table,
      () => void seen.push(seenOf(actor.getSnapshot())),
      () => undefined,
    );
    const actor = createActor(logic).start();
    actor.send({ type: 'ring' });
    expect(seen).toEqual([{ value: 'loud', status: 'active', context: { rings: 1 }, output: undefined }]);
  });

  test('begins where it is told to', () => {
    const [, loud] = table.states;
    if (loud === undefined) throw new Error('expected two states');
    const logic = new TableLogic<undefined, { rings: number }, AnyEventObject, undefined, undefined>(
      table,
      () => undefined,
      () => undefined,
      () => ({ state: loud, context: { rings: 7 } }),
    );
    expect(seenOf(createActor(logic).getSnapshot())).toMatchObject({ value: 'loud', context: { rings: 7 } });
  });

  test('leaves snapshots that were taken before as they are', () => {
    const logic = new TableLogic<undefined, { rings: number }, AnyEventObject, undefined, undefined>(
      table,
      () => undefined,
      () => undefined,
    );
    const actor = createActor(logic).start();
    const before = actor.getSnapshot();
    actor.send({ type: 'ring' });
    expect(seenOf(before)).toMatchObject({ value: 'quiet', context: { rings: 0 } });
  });

  test('is seen to be stopped as one of XState is', () => {
    const logic = new TableLogic<undefined, { rings: number }, AnyEventObject, undefined, undefined>(
      table,
      () => undefined,
      () => undefined,
    );
    const stopped = [createActor(logic), createActor(machine)].map((actor) =>
      seenOf(actor.start().stop().getSnapshot()),
    );
    expect(stopped[0]).toEqual(stopped[1]);
  });
});

/** What is seen from outside of an actor that is sent `events`, until it is done: every snapshot and every effect. */
function recordedRun(
  table: TransitionTable,
  events: readonly AnyEventObject[],
  make: (log: [string, unknown][]) => AnyActor,
): unknown {
  const log: [string, unknown][] = [];
  const snapshots: unknown[] = [];
  const actor = make(log);
  const current = (): TableSnapshot<unknown> => actor.getSnapshot() as TableSnapshot<unknown>;
  actor.subscribe((snapshot: TableSnapshot<unknown>) => snapshots.push(seenOf(snapshot)));
  actor.start();
  // The event that an actor begins with is not the same; only the names of the effects are.
  const initialEffects = log.splice(0).map(([name]) => name);
  for (const event of events) {
    if (current().status !== 'active') break;
    actor.send(event);
  }
  const matching = table.states.flatMap(({ value }) => valuesWithin(value)).filter((value) => current().matches(value));
  return { initialEffects, effects: log, snapshots, matching };
}

/** The value, and for a value of parts each part with its own value and without. */
function valuesWithin(value: StateValue): StateValue[] {
  if (typeof value === 'string') return [value];
  return [value, ...Object.entries(value).flatMap(([part, inner]) => [part, { [part]: inner ?? {} }])];
}

/** Every step of a table, with a name to find it by. */
function* stepsOf(table: TransitionTable): Generator<readonly [name: string, Step]> {
  for (const { value, on } of table.states) {
    for (const type of on.keys()) yield* stepsIn(on.get(type), pairOf(value, { type }));
  }
}

function* stepsIn(decision: Decision, name: string): Generator<readonly [name: string, Step]> {
  if (decision === undefined) return;
  if (decision.kind === 'step') {
    yield [name, decision];
    return;
  }
  yield* stepsIn(decision.yes, `${name}, ${decision.guardName}`);
  yield* stepsIn(decision.no, `${name}, not ${decision.guardName}`);
}
