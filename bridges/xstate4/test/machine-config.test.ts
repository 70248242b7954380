import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMachine as createMachine4, type StateMachine, type StateNode } from 'xstate';
import { queueMachine } from '../../../machines/queue.js';
import { property } from '../../../test/support/property.js';
import { scaledRuns } from '../../../test/support/property-runs.js';
import { schedulerMachine } from '../../../machines/scheduler.js';
import { taskMachine } from '../../../machines/task.js';
import { type Answers, stepsOfXState4, stepsOfXState5 } from './xstate5-steps.js';
import { configForXState4 } from '../src/machine-config.js';

const MACHINES = [taskMachine, queueMachine, schedulerMachine];

/** The machine as a receiver gets it: through JSON. */
function translated(machine: { readonly config: unknown }): StateMachine<unknown, never, never> {
  const config: unknown = JSON.parse(JSON.stringify(configForXState4(machine.config as Record<string, unknown>)));
  return createMachine4({ ...(config as object), predictableActionArguments: true } as never) as never;
}

/** A node of a machine of either version, as far as both have the same. */
interface AnyNode {
  readonly id: string;
  readonly type: string;
  readonly tags: readonly string[];
  readonly states: Readonly<Record<string, AnyNode>>;
}

const nodesIn = (node: AnyNode): readonly AnyNode[] => [node, ...Object.values(node.states).flatMap(nodesIn)];

const names = (items: readonly unknown[] | undefined): string[] =>
  (items ?? []).map((item) => (typeof item === 'string' ? item : (item as { type: string }).type));

const idsOf = (nodes: readonly { readonly id: string }[] | undefined): string[] => (nodes ?? []).map(({ id }) => id);

/** Every state with what is done on entry, and every transition with its guard, its targets and its actions, in order. */
function edgesOfXState5(machine: (typeof MACHINES)[number]): unknown {
  return nodesIn(machine.root as unknown as AnyNode).map((node) => {
    const { id, type, tags, entry, exit, transitions } = node as unknown as (typeof MACHINES)[number]['root'];
    const edges = [...transitions.values()].flat().map(({ eventType, guard, target, actions }) => {
      return [eventType, guard === undefined ? undefined : names([guard])[0], idsOf(target), names(actions)];
    });
    return { id, type, tags: [...tags], entry: names(entry), exit: names(exit), edges };
  });
}

function edgesOfXState4(machine: StateMachine<unknown, never, never>): unknown {
  return nodesIn(machine as unknown as AnyNode).map((node) => {
    const { id, type, tags, onEntry, onExit, transitions } = node as unknown as StateNode;
    const edges = transitions.map(({ eventType, cond, target, actions }): unknown[] => {
      return [eventType, cond?.name, idsOf(target), names(actions)];
    });
    return { id, type, tags: [...tags], entry: names(onEntry), exit: names(onExit), edges };
  });
}

describe.each(MACHINES.map((machine) => [machine.id, machine] as const))('the chart of a %s', (_, machine) => {
  test('has the same states and transitions in XState 4', () => {
    expect(edgesOfXState4(translated(machine))).toEqual(edgesOfXState5(machine));
  });

  const four = translated(machine);
  const events = machine.events.filter((type) => !type.includes('*'));
  const guards = nodesIn(machine.root as unknown as AnyNode).flatMap((node) =>
    [...(node as unknown as (typeof MACHINES)[number]['root']).transitions.values()]
      .flat()
      .flatMap(({ guard }) => names([guard ?? []].flat())),
  );

  property([fc.array(fc.record({ event: fc.nat(), answers: fc.nat() }), { maxLength: 25 })], {
    numRuns: scaledRuns(20),
  })('takes the same steps in XState 4, whatever its guards say', (steps) => {
    const said: Answers = Object.fromEntries(guards.map((guard) => [guard, false]));
    const [stepOf4, stepOf5] = [stepsOfXState4(four, said), stepsOfXState5(machine, said)];
    for (const { event, answers } of steps) {
      for (const [at, guard] of Object.keys(said).entries()) said[guard] = Math.floor(answers / 2 ** at) % 2 === 1;
      const type = events[event % events.length] ?? '';
      expect([type, stepOf4(type)]).toEqual([type, stepOf5(type)]);
    }
  });
});

test.each([
  { invoke: { src: 'x' } },
  { states: { a: { on: { e: { guard: () => true } } } } },
  { entry: () => undefined },
])('a part without a translation is refused: %o', (config) => {
  expect(() => configForXState4(config)).toThrow(/translation/);
});
