import { describe, expect, test } from 'vitest';
import { type AnyStateMachine, and, assign, createMachine, fromPromise, setup, stateIn } from 'xstate';
import { compile } from '../../scripts/statecharts/compile.js';
import { Chart, type Decision, type Step } from '../../src/runtime/statecharts/chart.js';
import { differenceFrom, explore, pairOf } from '../support/chart-comparison.js';
import { charts } from '../support/charts.js';
import { scaledRuns } from '../support/property-runs.js';
import { corruptedTables } from '../support/corrupted-tables.js';

describe.each(charts.map((chart) => [chart.name, chart] as const))('the table of the %s', (_, chart) => {
  const reference = explore(chart);

  test('does what XState does, for every event in every reachable state', () => {
    expect(differenceFrom(reference, chart.table)).toBeUndefined();
  });

  test('is compared in all its states, with all events and by all its steps', () => {
    const types = chart.machine.events.map((type: string) => ({ type }));
    const pairs = chart.table.states.flatMap(({ value }) => types.map((event) => pairOf(value, event)));
    expect(pairs.filter((pair) => !reference.visited.has(pair))).toEqual([]);
    const taken = new Set<Step>();
    differenceFrom(reference, chart.table, taken);
    const steps = [...stepsOf(new Chart(chart.table, chart.parts))];
    expect(taken.size).toBe(steps.length);
  });

  test('is told from any table with one thing wrong', () => {
    const all = [...corruptedTables(chart.table)];
    expect(all.length).toBeGreaterThan(10);
    // All of them in test:deep; here of the largest table every fifth or so.
    const stride = Math.ceil(all.length / scaledRuns(60));
    const corrupted = all.filter((_table, place) => place % stride === 0);
    const unnoticed = corrupted.filter(({ table }) => differenceFrom(reference, table) === undefined);
    expect(unnoticed.map(({ name }) => name)).toEqual([]);
  });

  test('keeps its guards when the statechart is written as JSON', () => {
    const json = JSON.stringify(chart.machine.config);
    const guards = [...json.matchAll(/"guard":("?)/g)].map(([, quote]) => quote);
    expect(guards.length).toBeGreaterThan(0);
    expect(new Set(guards)).toEqual(new Set(['"']));
  });
});

describe('the compiler', () => {
  const context: { n: number } = { n: 0 };
  const types = { context, events: {} as { type: 'go' | 'back' } };

  test('asks named guards that are made of others, and of states, part by part', () => {
    const machine = setup({
      types,
      guards: { isLit: stateIn({ lamp: 'lit' }), isOpen: () => true, isBoth: and(['isLit', 'isOpen']) },
    }).createMachine({
      context,
      type: 'parallel',
      states: {
        lamp: { initial: 'lit', states: { lit: { on: { go: 'out' } }, out: {} } },
        door: { initial: 'shut', states: { shut: { on: { back: { guard: 'isBoth', target: 'open' } } }, open: {} } },
      },
    });
    const states = compile(machine).states;
    const at = (lamp: string) => states.find(({ value }) => JSON.stringify(value).includes(`"${lamp}","door":"shut"`));
    expect(at('lit')?.on['back']).toMatchObject({ if: 'isOpen', no: null });
    expect(at('out')?.on['back']).toBeUndefined();
  });

  test('refuses a chart that is too large', () => {
    // 101 states, each of which can be left for every other: 10,201 steps.
    const names = Array.from({ length: 101 }, (_, index) => `s${index}`);
    const sized = (size: number): AnyStateMachine =>
      createMachine({
        id: 'map',
        initial: 's0',
        states: Object.fromEntries(names.slice(0, size).map((name) => [name, {}])),
        on: Object.fromEntries(names.slice(0, size).map((name) => [name, `.${name}`])),
      });
    expect(() => compile(sized(101))).toThrow('statechart map is too large to compile');
    expect(() => compile(sized(40))).not.toThrow();
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
      'a guard of parts without names',
      setup({ guards: { open: and([() => true, stateIn('a')]) } }).createMachine({
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
    expect(() => compile(machine)).toThrow(/^statechart .* cannot be compiled/);
  });
});

/** Every step of a chart. */
function* stepsOf({ states }: Chart): Generator<Step> {
  for (const { on } of states) for (const type of on.types) yield* stepsIn(on.get(type));
}

function* stepsIn(decision: Decision): Generator<Step> {
  if (decision === undefined) return;
  if (decision.kind === 'step') yield decision;
  else {
    yield* stepsIn(decision.yes);
    yield* stepsIn(decision.no);
  }
}
