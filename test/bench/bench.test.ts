/** The benchmark does the work that it times, and reports the promised figures. No test judges a time. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { arrivalsInDemandOrder, arrivalsInSubmissionOrder } from '../../bench/arrivals.js';
import type { Contestant, Task } from '../../bench/contestants/contestant.js';
import { CONTESTANTS, loadContestant } from '../../bench/contestants/index.js';
import { withMarked } from '../../bench/marked.js';
import { pairedRatio, spreadOf } from '../../bench/measure.js';
import { type Plot, svgOf } from '../../bench/plots.js';
import { asMarkdown, asText, type Table } from '../../bench/report.js';
import type { Run } from '../../bench/row.js';
import { runAppended } from '../../bench/rows/append-row.js';
import { delays } from '../../bench/rows/event-loop-row.js';
import { firstResult } from '../../bench/rows/first-result-row.js';
import { ROWS } from '../../bench/rows/index.js';
import { SHAPES } from '../../bench/rows/shapes.js';
import { runStream } from '../../bench/rows/stream-row.js';
import { soak } from '../../bench/soak.js';
import { type Figure, isReached, summary, TARGET_IDS, type TargetId } from '../../bench/targets.js';
import { verify } from '../../bench/verify.js';
import { type Graph, wide } from '../../bench/workloads.js';

const CONCURRENCY = 8;
const contestants = await Promise.all(CONTESTANTS.map(loadContestant));

describe.each(contestants)('$name', (contestant) => {
  const graphs = SHAPES.map(({ build, sizes }) => build(sizes.tiny)).filter(
    (graph) => contestant.skip?.(graph) === undefined,
  );
  test.each(graphs)('runs each task of $name once, after its dependencies, 8 at a time', async (graph) => {
    await expect(verify(contestant, graph, CONCURRENCY)).resolves.toBeUndefined();
  });
});

describe('the check of contestants refuses one that', () => {
  const cheat = (run: (graph: Graph, task: (index: number) => Task) => Promise<unknown>): Contestant => ({
    name: 'cheat',
    submit: ({ graph, task }) => {
      return async () => {
        await run(graph, task);
      };
    },
  });
  const all = (graph: Graph, task: (index: number) => Task): Promise<number[]> =>
    Promise.all(graph.dependencies.map((_, index) => task(index)()));

  test.each([
    ['leaves tasks out', cheat(async () => {}), wide(9), '0 of 9 tasks ran'],
    ['runs too many at once', cheat(all), wide(9), '9 tasks at once'],
    ['runs a task too early', cheat(all), { name: 'pair', dependencies: [[], [0]] }, 'ran too early'],
    [
      'runs a task twice',
      cheat(async (graph, task) => {
        await all(graph, task);
        await all(graph, task);
      }),
      wide(2),
      'ran twice',
    ],
  ])('%s', async (_, contestant, graph, complaint) => {
    await expect(verify(contestant, graph, CONCURRENCY)).rejects.toThrow(complaint);
  });
});

describe('the workload', () => {
  /** A task that fails unless it receives the value before its own; `values` collects the indexes of tasks that ran. */
  function checking(values: number[], offset: number) {
    return (index: number): Task =>
      async (...given) => {
        if (index > 0 && given[0] !== index + offset) throw new Error(`task ${index} was given ${given.join()}`);
        values.push(index);
        return index;
      };
  }

  test('of a stream gives each dependent its result', async () => {
    const values: number[] = [];
    await runStream(50, checking(values, 0));
    expect(values.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index));
  });

  test('of appended tasks hands values along the chain', async () => {
    const values: number[] = [];
    await runAppended(50, checking(values, -1));
    expect(values).toEqual(Array.from({ length: 50 }, (_, index) => index));
  });

  test('of the first result comes to it after one acquisition, one inversion and one product', async () => {
    expect(await firstResult(6)).toMatchObject({ tasks: 3 });
  });

  test('of the soak runs every task and takes memory at the beginning and at each tenth', async () => {
    const result = await soak({ tasks: 1_000, firstTasks: 50, maxInFlight: 20, limitMs: 60_000 });
    expect(result.tasksDone).toBe(1_000);
    expect(result.bytes).toHaveLength(11);
  });

  test('of the soak ends early when it times out', async () => {
    const result = await soak({ tasks: 1_000, firstTasks: 50, maxInFlight: 20, limitMs: 0 });
    expect(result).toMatchObject({ tasksDone: 0, bytes: [expect.any(Number)] });
  });
});

test('a blocking stretch is a delay of the event loop, even if it is the only one', async () => {
  const stretchMs = 30;
  const blocking: Contestant = {
    name: 'blocking',
    submit: () => async () => {
      const begin = performance.now();
      while (performance.now() - begin < stretchMs);
    },
  };
  const { p99Ms, maxMs } = await delays(blocking, wide(1));
  // No upper bound: other load on the machine adds to it.
  expect(maxMs).toBeGreaterThan(stretchMs / 2);
  expect(p99Ms).toBeGreaterThan(stretchMs / 2);
});

/** The targets that each row reports if all contestants take part. */
const REPORTED: Readonly<Record<string, readonly TargetId[]>> = {
  'matrix-small': [],
  matrix: ['matrix', 'matrix / floor'],
  chain: ['chain', 'chain / floor'],
  layered: ['layered', 'layered / floor'],
  wide: ['wide', 'wide / floor'],
  cold: ['cold matrix', 'cold chain', 'cold layered', 'cold wide'],
  stream: ['stream', 'stream / floor'],
  append: ['append', 'append / floor'],
  growth: ['growth layered', 'growth wide'],
  heap: ['heap'],
  'first-result': ['first result tasks', 'first result share'],
  'threads-cpu': ['threads cpu'],
  'threads-noop': ['threads no-op'],
  'threads-share': ['threads share'],
  distributed: ['distributed no-op'],
  'distributed-fleet': [],
  soak: ['soak'],
  'event-loop': ['event loop'],
  inspection: ['inspection'],
  inspect: ['inspect'],
  opentelemetry: [],
  interpreter: [],
  order: [],
  'order-cost': [],
  workflows: [],
  store: ['store kept', 'store more', 'store restored'],
};

test('every target has a row', () => {
  expect(ROWS.map(({ name }) => name)).toEqual(Object.keys(REPORTED));
  expect(Object.values(REPORTED).flat().sort()).toEqual([...TARGET_IDS].sort());
});

describe.each(ROWS)('the row $name', (row) => {
  test('measures, and reports its tables, its targets and its plot', async () => {
    // A fresh process per contestant is slow; one is enough here.
    const taking = row.name === 'heap' ? contestants.filter(({ name }) => name === 'pullgraph') : contestants;
    const run: Run = { scale: 'tiny', contestants: taking, progress() {} };
    const { tables, figures, plot } = await row.measure(run);

    expect(tables).not.toEqual([]);
    const isUneven = ({ columns, rows }: Table): boolean =>
      rows.length === 0 || rows.some((cells) => cells.length !== columns.length);
    expect(tables.filter(isUneven)).toEqual([]);
    expect(figures.map(({ target }) => target)).toEqual(REPORTED[row.name]);
    // A difference of two times may be below 0 where both are short.
    const isAmount = ({ target, spread: { min } }: Figure): boolean => target === 'store more' || min > 0;
    const isMeasured = (figure: Figure): boolean => {
      const { spread, repetitions, shortfall } = figure;
      const isOrdered = spread.min <= spread.median && spread.median <= spread.max;
      return repetitions > 0 && isAmount(figure) && isOrdered && shortfall === undefined;
    };
    expect(figures.filter((figure) => !isMeasured(figure))).toEqual([]);
    if (plot !== undefined) expect(await svgOf(plot)).toMatch(/^<svg .*<\/svg>$/);
    expect(plot?.name).toBe({ growth: 'time-per-task', order: 'final-results' }[row.name]);
  });
});

describe('the table of targets', () => {
  const figure = (target: TargetId, ...measured: number[]): Figure => ({
    target,
    spread: spreadOf(measured),
    repetitions: measured.length,
  });

  test('shows for each figure its name, spread, target and verdict', () => {
    const table = summary([figure('event loop', 25), figure('matrix', 0.9, 0.7, 0.8)], true);
    expect(table.columns).toEqual(['figure', 'median', 'min … max', 'runs', 'target', 'reached']);
    expect(table.rows).toEqual([
      ['matrix, time / p-limit', '0.80', '0.70 … 0.90', '3', '≤ 0.8', 'yes'],
      ['event-loop delay p99 during 100k no-op tasks', '25.0', '–', '1', '≤ 20 ms', 'no'],
    ]);
    expect(table.notes[0]).toMatch(/^1 of 2 targets reached/);
  });

  test('counts no aim, requires an exact count, and never passes incomplete work', () => {
    expect(summary([figure('matrix / floor', 5)], true).notes[0]).toMatch(/^0 of 0 targets reached/);
    expect(isReached(figure('first result tasks', 3, 3))).toBe(true);
    expect(isReached(figure('first result tasks', 3, 3, 2))).toBe(false);
    const short = { ...figure('soak', 1), shortfall: 'timed out' };
    expect(isReached(short)).toBe(false);
    expect(summary([short], true).notes.at(-1)).toContain('timed out');
  });

  test('says if the sizes were small', () => {
    expect(summary([], false).notes.at(-1)).toContain('judges nothing');
    expect(summary([], true).notes.join()).not.toContain('judges nothing');
  });

  test('does not count a missing measurement as reached', () => {
    expect(isReached(figure('matrix'))).toBe(false);
  });
});

test('a ratio is the median of the ratios of paired runs, not the ratio of medians', () => {
  const samples = new Map([
    ['a', [1, 10, 6]],
    ['b', [1, 2, 3]],
  ]);
  expect(pairedRatio(samples, 'a', 'b')).toEqual({ spread: { median: 2, min: 1, max: 5 }, repetitions: 3 });
});

test('tables come as aligned text and as Markdown', () => {
  const table = {
    title: 'Some',
    columns: ['', 'n'],
    rows: [
      ['one', '1'],
      ['twelve', '12'],
    ],
    notes: ['A note.'],
  };
  expect(asText(table)).toBe('Some\n           n\n  one      1\n  twelve  12\n  A note.');
  expect(asMarkdown(table)).toBe('## Some\n\n|  | n |\n| --- | --: |\n| one | 1 |\n| twelve | 12 |\n\nA note.');
});

test('the benchmark writes its part of a page and leaves the rest', () => {
  const page = 'before\n\n<!-- targets -->\n\nold\n\n<!-- /targets -->\n\nafter\n';
  const written = withMarked(page, 'targets', 'new');
  expect(written).toBe(page.replace('old', 'new'));
  expect(withMarked(written, 'targets', 'new')).toBe(written);
  expect(() => withMarked('no marks', 'targets', 'new')).toThrow('<!-- targets -->');
  expect(() => withMarked(readFileSync('docs/performance.md', 'utf8'), 'targets', 'new')).not.toThrow();
});

describe('the order plot', () => {
  const times = { acquisitionMs: 10, inversionMs: 2, productMs: 1 };

  test('counts every product once, in both orders, and demand order gives the first after one acquisition', () => {
    const [demand, submission] = [arrivalsInDemandOrder(4, times), arrivalsInSubmissionOrder(4, times)];
    expect([demand.length, submission.length]).toEqual([16, 16]);
    expect(demand[0]).toBe(10 + 2 + 1);
    // All inverses precede the products in the line. The last inverse blocks its slot until the last matrix is acquired;
    // the other slot reaches the products once the third inverse exists.
    expect(submission[0]).toBe(30 + 2 + 1);
  });
});

test.each(['time-per-task', 'final-results'])('the plot %s in docs matches its data', async (name) => {
  const plot = JSON.parse(readFileSync(`docs/plots/${name}.json`, 'utf8')) as Plot;
  const svg = await svgOf(plot);
  expect(readFileSync(`docs/plots/${name}.svg`, 'utf8')).toBe(`${svg}\n`);
});
