/** The diagrams of docs/task-lifecycle.md are those of the machines, and the page says what each state means. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type AnyStateMachine, and, createMachine, stateIn } from 'xstate';
import { queueMachine } from '../../machines/queue.js';
import { schedulerMachine } from '../../machines/scheduler.js';
import { taskMachine } from '../../machines/task.js';
import { withDiagrams } from '../../scripts/statechart-diagram.js';
import { statechartMermaid } from '../../src/inspect/index.js';

const page = readFileSync('docs/task-lifecycle.md', 'utf8');
const diagrams = new Map(
  [taskMachine, queueMachine, schedulerMachine].flatMap((machine) => [...statechartMermaid(machine)]),
);

test('the diagrams of docs/task-lifecycle.md are up to date', () => {
  expect(page, 'docs/task-lifecycle.md is stale: renew it with `npm run docs:statecharts`').toBe(
    withDiagrams(page, diagrams),
  );
});

test.each([
  ...Object.keys(taskMachine.states),
  ...Object.entries(queueMachine.states).flatMap(([part, { states }]) =>
    Object.keys(states).map((state) => `${part}: ${state}`),
  ),
  ...Object.keys(schedulerMachine.states).filter((state) => state !== 'running'),
  ...Object.keys(schedulerMachine.states.running?.states ?? {}),
])('docs/task-lifecycle.md has a paragraph on %s', (state) => {
  expect(page.split('\n\n').filter((paragraph) => paragraph.startsWith(`**\`${state}\`**: `))).toHaveLength(1);
});

describe('a diagram', () => {
  test('has every state, and every event that leads from it', () => {
    const lines = (diagrams.get('task') ?? '').split('\n');
    for (const [name, { on }] of Object.entries(taskMachine.states)) {
      const leaving = lines.filter((line) => line.startsWith(`  ${name} --> `));
      const missing = Object.keys(on).filter((type) => !leaving.some((line) => line.includes(type)));
      expect(missing).toEqual([]);
      expect(lines).toContain(`  state "${name}" as ${name}`);
    }
  });

  test('tells events, guards, effects and entries, and where the chart begins and ends', () => {
    const door = createMachine({
      id: 'door',
      initial: 'shut',
      states: {
        shut: {
          on: {
            push: [
              { guard: and([stateIn('shut'), 'unlocked']), target: 'open', actions: ['creak', 'swing'] },
              { actions: 'rattle' },
            ],
            pull: [{ guard: 'unlocked', target: 'open' }, { actions: 'rattle' }],
            burn: 'gone',
          },
        },
        open: { initial: 'wide', states: { ajar: {}, wide: { on: { pull: 'ajar' } } }, on: { burn: 'gone' } },
        gone: { type: 'final', entry: 'mourn' },
      },
    });
    expect(statechartMermaid(door).get('door')?.split('\n')).toEqual([
      'stateDiagram-v2',
      '  [*] --> shut',
      '  state "shut" as shut',
      '  state open {',
      '    [*] --> wide',
      '    state "ajar" as ajar',
      '    state "wide" as wide',
      '    wide --> ajar: pull',
      '  }',
      '  state "gone" as gone',
      '  gone: on entry mourn',
      '  shut --> open: push<br/>[in shut and unlocked]<br/>/ creak, swing',
      '  shut --> shut: push, pull<br/>[else]<br/>/ rattle',
      '  shut --> open: pull<br/>[unlocked]',
      '  shut --> gone: burn',
      '  open --> gone: burn',
      '  gone --> [*]',
      '',
    ]);
  });

  test('is of one region, where a chart has several', () => {
    const lamp = createMachine({
      id: 'lamp',
      type: 'parallel',
      states: {
        power: { initial: 'off', states: { off: { on: { press: 'on' } }, on: {} } },
        colour: { initial: 'red', states: { red: {} } },
      },
    });
    expect([...statechartMermaid(lamp).keys()]).toEqual(['lamp.power', 'lamp.colour']);
    expect(statechartMermaid(lamp).get('lamp.power')).toContain('off --> on: press');
  });

  test('is another one after any change of its chart', () => {
    const drawn = (states: Parameters<typeof createMachine>[0]['states']): string =>
      String([...statechartMermaid(createMachine({ id: 'x', initial: 'a', states: states ?? {} }))]);
    const base = drawn({ a: { on: { go: 'b' } }, b: {} });
    const changed = [
      { a: { on: { go: 'b' } }, b: {}, c: {} },
      { a: { on: { go: 'b' } }, b: { type: 'final' } },
      { a: { on: { go: 'b' } }, b: { entry: 'ring' } },
      { a: { on: { leave: 'b' } }, b: {} },
      { a: { on: { go: 'a' } }, b: {} },
      { a: { on: { go: { target: 'b', actions: 'ring' } } }, b: {} },
      { a: { on: { go: { target: 'b', guard: 'open' } } }, b: {} },
      { a: { on: { go: { target: 'b', guard: and([stateIn('a'), 'open']) } } }, b: {} },
      { a: { on: { go: 'b' } }, b: { initial: 'in', states: { in: {} } } },
    ].map((states) => drawn(states as Parameters<typeof drawn>[0]));
    expect(new Set([base, ...changed]).size).toBe(changed.length + 1);
  });

  test('is refused for what it could not show', () => {
    const unnamed = createMachine({ initial: 'a', states: { a: { on: { go: { actions: () => undefined } } } } });
    const guarded = createMachine({ initial: 'a', states: { a: { on: { go: { guard: () => true, target: 'a' } } } } });
    const outside = createMachine({ on: { go: '.a' }, initial: 'a', states: { a: {} } });
    const leaving = createMachine({ initial: 'a', states: { a: { exit: 'ring' } } });
    const nested = createMachine({ initial: 'a', states: { a: { type: 'parallel', states: { b: {} } } } });
    const remembering = createMachine({ initial: 'a', states: { a: {}, last: { type: 'history' } } });
    const refused = { unnamed, guarded, outside, leaving, nested, remembering };
    const drawn = Object.entries(refused).filter(([, machine]) => isDrawn(machine));
    expect(drawn.map(([name]) => name)).toEqual([]);
  });
});

describe('a page', () => {
  const small = new Map([['x', 'stateDiagram-v2\n']]);
  const place = '<!-- statechart x -->\n<!-- end of statechart -->';

  test('is given its diagrams and keeps the rest; drawing it again changes nothing', () => {
    const drawn = withDiagrams(`before\n${place}\nafter\n`, small);
    expect(drawn).toBe(
      'before\n<!-- statechart x -->\n\n```mermaid\nstateDiagram-v2\n```\n\n<!-- end of statechart -->\nafter\n',
    );
    expect(withDiagrams(drawn, small)).toBe(drawn);
    expect(withDiagrams(drawn.replace('-v2', '-v1'), small)).toBe(drawn);
  });

  test('must have a place for every diagram, and no other', () => {
    expect(() => withDiagrams('', small)).toThrow('no place for statechart x');
    expect(() => withDiagrams(place.replace(' x', ' y'), small)).toThrow('there is no statechart y');
  });
});

function isDrawn(machine: AnyStateMachine): boolean {
  try {
    statechartMermaid(machine);
    return true;
  } catch {
    return false;
  }
}
