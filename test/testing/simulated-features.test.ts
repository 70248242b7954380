/** Rates and returned handles in scenarios: what `simulate` plays, and what `check` holds against traces. */
import { describe, expect, test } from 'vitest';
import { check, type InvariantName, type Scenario, simulate, type TraceEvent } from '../../src/testing/index.js';

const task = (id: string, more: object = {}) => ({ id, queue: 'q', deps: [], duration: 1, ...more });

const starts = ({ trace }: { readonly trace: readonly TraceEvent[] }): readonly string[] =>
  trace.flatMap((event) => (event.event === 'start' ? [`${event.at} ${event.id}`] : []));

function broken(trace: readonly TraceEvent[], graph: Scenario): readonly InvariantName[] {
  return check(trace, graph).invariants.flatMap(({ name, witness }) => (witness === undefined ? [] : [name]));
}

/** A brief trace in which tasks start at these times and take a unit each. */
function started(...times: readonly (readonly [number, string])[]): readonly TraceEvent[] {
  const events = times.flatMap(([at, id]): TraceEvent[] => [
    { at, event: 'start', id },
    { at: at + 1, event: 'done', id },
  ]);
  return events.toSorted((a, b) => a.at - b.at || Number(a.event === 'start') - Number(b.event === 'start'));
}

describe('a rate', () => {
  const rated: Scenario = {
    queues: [{ name: 'q', concurrency: 2, rate: { limit: 1, interval: 3, burst: 2 } }],
    tasks: ['a', 'b', 'c', 'd'].map((id) => task(id)),
  };
  const keyed: Scenario = {
    queues: [{ name: 'q', concurrency: 4, rateByKey: { limit: 2, interval: 6 } }],
    tasks: [task('a', { rateKey: 'k' }), task('b', { rateKey: 'k' }), task('c', { rateKey: 'l' }), task('d')],
  };

  test('spends its burst, and then one start per interval', () => {
    const simulation = simulate(rated);
    expect(starts(simulation)).toEqual(['0 d', '0 c', '3 b', '6 a']);
    expect(broken(simulation.trace, rated)).toEqual([]);
  });

  test('of a key leaves the tasks of other keys alone, and those without', () => {
    const simulation = simulate(keyed);
    expect(starts(simulation)).toEqual(['0 d', '0 c', '0 b', '3 a']);
    expect(broken(simulation.trace, keyed)).toEqual([]);
  });

  test.each([
    [
      'rate',
      'a start comes too soon',
      [
        [0, 'd'],
        [0, 'c'],
        [2, 'b'],
        [6, 'a'],
      ],
    ],
    [
      'rate',
      'the burst is exceeded',
      [
        [0, 'd'],
        [0, 'c'],
        [1, 'b'],
        [6, 'a'],
      ],
    ],
    [
      'conservation',
      'a start comes late',
      [
        [0, 'd'],
        [0, 'c'],
        [4, 'b'],
        [7, 'a'],
      ],
    ],
    [
      'order',
      'another task starts',
      [
        [0, 'd'],
        [0, 'c'],
        [4, 'a'],
        [7, 'b'],
      ],
    ],
  ] as const)('%s is broken when %s', (name, _, times) => {
    expect(broken(started(...times), rated)).toContain(name);
  });

  test('is broken when two tasks of a key start together', () => {
    expect(broken(started([0, 'd'], [0, 'c'], [0, 'b'], [0, 'a']), keyed)).toEqual(['rate']);
  });
});

describe('a task that follows another', () => {
  const graph: Scenario = {
    queues: [{ name: 'q', concurrency: 1 }],
    tasks: [task('slow', { duration: 5 }), task('alias', { follows: 'slow' }), task('last', { deps: ['alias'] })],
  };

  test('gives its slot back, and is done when the other one is', () => {
    const simulation = simulate(graph);
    expect(simulation.trace).toEqual([
      { at: 0, event: 'start', id: 'alias' },
      { at: 1, event: 'again', id: 'alias', attempt: 1, to: 'pending' },
      { at: 1, event: 'start', id: 'slow' },
      { at: 6, event: 'done', id: 'slow' },
      { at: 6, event: 'done', id: 'alias' },
      { at: 6, event: 'start', id: 'last' },
      { at: 7, event: 'done', id: 'last' },
    ]);
    expect(broken(simulation.trace, graph)).toEqual([]);
  });

  test('passes the result of the other one on', () => {
    const { trace, scenario } = simulate(graph, { seed: 1 });
    const last = trace.find((event) => event.event === 'start' && event.id === 'last');
    expect(last).toMatchObject({ inputs: ['slow/1'] });
    expect(broken(trace, scenario)).toEqual([]);
  });

  /** Its function ends at 1, and what it follows at 5. */
  const beside: Scenario = { ...graph, queues: [{ name: 'q', concurrency: 2 }] };
  const full = simulate(beside, { seed: 1 }).trace;
  const isDone = (event: TraceEvent): boolean => event.event === 'done' && event.id === 'alias';

  test('breaks `outcome` when it is done before the other one', () => {
    const back = full.findIndex((event) => event.event === 'again');
    const told = full.filter((event) => !isDone(event));
    const early = [
      ...told.slice(0, back + 1),
      ...full.filter(isDone).map((event) => ({ ...event, at: 1 })),
      ...told.slice(back + 1),
    ];
    expect(broken(early, beside)).toContain('outcome');
  });

  test('breaks `outcome` when it never is', () => {
    const never = full.filter(
      (event) => !isDone(event) && !('id' in event && event.id === 'last' && event.event !== 'submit'),
    );
    expect(broken(never, beside)).toContain('outcome');
  });

  test('breaks `outcome` when it fails though the other one is done', () => {
    const failed = full.map(
      (event): TraceEvent => (isDone(event) ? { at: event.at, event: 'failed', id: 'alias' } : event),
    );
    expect(broken(failed, beside)).toContain('outcome');
  });
});
