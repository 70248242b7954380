/**
 * Workflows of the shapes that scientific workflows are known to have (Bharathi et al. 2008, Characterization of Scientific Workflows;
 * Juve et al. 2013; the WfCommons collection), with durations drawn from lognormal distributions. All from a seed: the same in every run.
 */
import type { Scenario, ScenarioTask } from 'pullgraph/testing';
import { chance } from '../src/testing/random.js';

/** @internal */
export interface Workflow {
  readonly name: string;
  readonly tasks: readonly ScenarioTask[];
}

/** Adds a task of about `seconds`, and returns its id. */
type Add = (kind: string, seconds: number, deps?: readonly string[]) => string;

/** One unit of time, in seconds. */
const UNIT_S = 0.01;
/** Of the logarithm of durations within one kind. */
const SPREAD = 0.6;

const SHAPES: Readonly<Record<string, (add: Add, size: number) => void>> = {
  forkJoin(add, size) {
    for (let part = 0; part < 4; part += 1) {
      const source = add('split', 5);
      const middle = times(size * 2, () => add('work', 60, [source]));
      add('join', 20, middle);
    }
  },
  montage(add, size) {
    for (let band = 0; band < 3; band += 1) {
      const projected = times(size * 2, () => add('project', 18));
      const differences = projected.flatMap((image, at) =>
        projected.slice(at + 1, at + 3).map((other) => add('difference', 10, [image, other])),
      );
      const model = add('model', 100, [add('fit', 40, differences)]);
      const corrected = projected.map((image) => add('background', 11, [image, model]));
      const mosaic = add('mosaic', 60, [add('table', 10, corrected), ...corrected]);
      add('picture', 15, [mosaic]);
    }
  },
  epigenomics(add, size) {
    for (let lane = 0; lane < 6; lane += 1) {
      const split = add('split', 30);
      const mapped = times(1 + ((size + lane * 3) % (size + 4)), () =>
        add('map', 200, [add('convert', 5, [add('filter', 15, [split])])]),
      );
      add('pileup', 60, [add('index', 40, [add('merge', 30, mapped)])]);
    }
  },
  cyberShake(add, size) {
    const seismograms: string[] = [];
    const peaks: string[] = [];
    for (let rupture = 0; rupture < size; rupture += 1) {
      const extracted = add('extract', 110);
      for (let variation = 0; variation < 2 + (rupture % 7); variation += 1) {
        const seismogram = add('synthesize', 45, [extracted]);
        seismograms.push(seismogram);
        peaks.push(add('peak', 1, [seismogram]));
      }
    }
    add('zip', 30, seismograms);
    add('zip', 20, peaks);
  },
  broadband(add, size) {
    const sources = times(4, () => add('rupture', 20));
    const low = sources.map((source) => add('lowFrequency', 150, [source]));
    for (let station = 0; station < size; station += 1) {
      const site = add('site', 3);
      for (const [at, source] of sources.entries()) {
        const high = add('highFrequency', 50, [source, site]);
        const merged = add('merge', 8, [high, low[at] ?? high]);
        add('intensity', 4, [merged]);
      }
    }
  },
  ligo(add, size) {
    for (let group = 0; group < 5; group += 1) {
      const inspired = times(size, () => add('inspiral', 300, [add('bank', 18)]));
      const coincidence = add('coincidence', 6, inspired);
      const second = times(size, () => add('inspiral', 200, [add('trigger', 5, [coincidence])]));
      add('coincidence', 6, second);
    }
  },
  genomes(add, size) {
    for (let chromosome = 0; chromosome < 4; chromosome += 1) {
      const merged = add(
        'merge',
        80,
        times(size, () => add('individuals', 120)),
      );
      const sifted = add('sift', 40);
      for (let population = 0; population < 6; population += 1) {
        add('overlap', 60, [merged, sifted]);
        add('frequency', 140, [merged, sifted]);
      }
    }
  },
  soyKb(add, size) {
    const samples = times(size, () => {
      const aligned = add('align', 150, [add('index', 10)]);
      const cleaned = add('realign', 90, [add('duplicates', 30, [add('sort', 25, [aligned])])]);
      return times(4, () => add('call', 70, [cleaned]));
    });
    for (let part = 0; part < 4; part += 1) {
      const genotyped = add(
        'genotype',
        50,
        samples.map((calls) => calls[part] ?? ''),
      );
      add('filter', 20, [add('select', 10, [genotyped])]);
    }
  },
  pairs(add, size) {
    const readings = times(size, () => add('invert', 30, [add('acquire', 40)]));
    for (const [at, reading] of readings.entries()) {
      for (const other of readings.slice(at + 1, at + 6)) add('combine', 12, [reading, other]);
    }
  },
  blast(add, size) {
    for (let query = 0; query < 5; query += 1) {
      const split = add('split', 4);
      const found = times(size + query * 5, () => add('blast', 90, [split]));
      add('cat', 3, found);
      add('cat', 5, found);
    }
  },
};

/** Each shape in some sizes, tasks in the order in which a program would submit them. @internal */
export function workflows(sizes: readonly number[]): readonly Workflow[] {
  return Object.entries(SHAPES).flatMap(([name, shape]) =>
    sizes.map((size) => ({ name: `${name}-${size}`, tasks: tasksOf(name, shape, size) })),
  );
}

function tasksOf(name: string, shape: (add: Add, size: number) => void, size: number): readonly ScenarioTask[] {
  const { next } = chance(size, name);
  // Box and Muller 1958.
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const tasks: ScenarioTask[] = [];
  shape((kind, seconds, deps = []) => {
    const id = `${kind}-${tasks.length}`;
    const duration = Math.max(1, Math.round((seconds / UNIT_S) * Math.exp(SPREAD * normal())));
    tasks.push({ id, queue: 'work', deps, duration });
    return id;
  }, size);
  return tasks;
}

/** @internal */
export function scenarioOf({ tasks }: Workflow, slots: number, order: Scenario['order'] | 'fifo'): Scenario {
  const queue = { name: 'work', concurrency: slots };
  return order === 'fifo'
    ? { queues: [{ ...queue, order }], tasks }
    : { queues: [queue], tasks, ...(order === undefined ? {} : { order }) };
}

/** No schedule on so many slots takes less: the longest way, or all work shared evenly. @internal */
export function lowerBound({ tasks }: Workflow, slots: number): number {
  const endOf = new Map<string, number>();
  for (const { id, deps, duration } of tasks) {
    endOf.set(id, duration + Math.max(0, ...deps.map((dep) => endOf.get(dep) ?? 0)));
  }
  const work = tasks.reduce((sum, { duration }) => sum + duration, 0);
  return Math.max(...endOf.values(), work / slots);
}

/** The ids of the final results. @internal */
export function finalsOf({ tasks }: Workflow): ReadonlySet<string> {
  const finals = new Set(tasks.map(({ id }) => id));
  for (const { deps } of tasks) for (const dep of deps) finals.delete(dep);
  return finals;
}

function times<T>(count: number, make: () => T): readonly T[] {
  return Array.from({ length: count }, make);
}
