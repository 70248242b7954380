/** The picture in README.md is a schedule, so it is held against one: the simulation of the same tasks in both orders. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { simulate } from '../../src/testing/index.js';

interface Bar {
  readonly task: string;
  readonly start: number;
  readonly end: number;
}

const picture = readFileSync('docs/pictures/demand-order.svg', 'utf8');
const panels = new Map(
  [...picture.matchAll(/<g data-order="(\w+)">(.*?)<\/g>/gs)].map(([, order = '', content = '']) => [order, content]),
);

const NUMBERS = [0, 1, 2];
const TASKS = [
  ...['even', 'odd'].flatMap((kind) =>
    NUMBERS.map((n) => ({ id: `${kind}${n}`, queue: 'acquire', deps: [], duration: 3 })),
  ),
  ...NUMBERS.flatMap((even) =>
    NUMBERS.map((odd) => ({
      id: `pair${even}-${odd}`,
      queue: 'compute',
      deps: [`even${even}`, `odd${odd}`],
      duration: 2,
    })),
  ),
];

/** What the scheduler does; falling priorities make it keep to the order of submission. */
function simulated(order: string): Bar[] {
  const tasks = order === 'demand' ? TASKS : TASKS.map((task, index) => ({ ...task, priority: -index }));
  const { trace } = simulate({
    queues: [
      { name: 'acquire', concurrency: 1 },
      { name: 'compute', concurrency: 2 },
    ],
    tasks,
  });
  const timeOf = (name: string, id: string): number =>
    trace.find((event) => event.event === name && 'id' in event && event.id === id)?.at ?? Number.NaN;
  return tasks.map(({ id }) => ({ task: id, start: timeOf('start', id), end: timeOf('done', id) }));
}

function drawn(order: string): Bar[] {
  return [
    ...(panels.get(order) ?? '').matchAll(/data-task="(.+?)" data-start="(\d+)" data-end="(\d+)" x="(\d+)"/g),
  ].map(([, task = '', start, end]) => ({ task, start: Number(start), end: Number(end) }));
}

const byTask = (one: Bar, other: Bar): number => one.task.localeCompare(other.task);

describe.each(['submission', 'demand'])('the picture of %s order', (order) => {
  test('has a bar for every task, from its start to its end', () => {
    expect(drawn(order).sort(byTask)).toEqual(simulated(order).sort(byTask));
  });

  test('places its bars by their times', () => {
    const content = panels.get(order) ?? '';
    for (const [, start, end, x, width] of content.matchAll(
      /data-start="(\d+)" data-end="(\d+)" x="(\d+)" y="\d+" width="(\d+)"/g,
    )) {
      expect([Number(x), Number(width)]).toEqual([97 + 28 * Number(start), 28 * (Number(end) - Number(start)) - 2]);
    }
  });

  test('names the time of the first final result', () => {
    const ends = simulated(order).flatMap(({ task, end }) => (task.startsWith('pair') ? [end] : []));
    expect(panels.get(order)).toContain(`>first final result after ${Math.min(...ends)} s<`);
  });
});
