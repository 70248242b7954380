/**
 * How the benchmark measures. Contestants take turns within each repetition, in an order that rotates, so that what the
 * machine does meanwhile falls on all of them; a ratio is the median of the ratios of paired runs. Memory is taken in a
 * fresh process per contestant. A measured run begins after warm-up and a full collection.
 */
import { execFile } from 'node:child_process';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Contestant, noop, type Task, type Work } from './contestants/contestant.js';
import type { Graph } from './workloads.js';

/**
 * How often to repeat: at least `minRepetitions`, then on until `budgetMs` is used up or `maxRepetitions` is reached. Before
 * each, small work of the same kind is done until `warmUpTasks` tasks have run or `warmUpMs` are over.
 *
 * @internal
 */
export interface Effort {
  readonly warmUpTasks: number;
  readonly warmUpMs: number;
  readonly minRepetitions: number;
  readonly maxRepetitions: number;
  readonly budgetMs: number;
}

/**
 * One thing to time under a name. `operation` does it once from a clean heap and returns its figure, in any unit. `small`,
 * where there is one, is a small one of the same kind for warming up, of so many tasks.
 *
 * @internal
 */
export interface Trial {
  readonly name: string;
  readonly small?: { readonly tasks: number; readonly run: () => Promise<unknown> };
  readonly operation: () => Promise<number>;
}

/**
 * Figures by name, one per repetition; equal places belong to the same repetition.
 *
 * @internal
 */
export type Samples = ReadonlyMap<string, readonly number[]>;

/**
 * Runs all trials once per repetition, interleaved.
 *
 * @internal
 */
export async function interleave(trials: readonly Trial[], effort: Effort): Promise<Samples> {
  const samples = new Map<string, number[]>(trials.map(({ name }) => [name, []]));
  const begin = performance.now();
  for (let repetition = 0; repetition < effort.maxRepetitions; repetition += 1) {
    if (repetition >= effort.minRepetitions && performance.now() - begin > effort.budgetMs) break;
    const first = trials.length === 0 ? 0 : repetition % trials.length;
    for (const trial of [...trials.slice(first), ...trials.slice(0, first)]) {
      await settleHeap();
      await warmUp(trial, effort);
      samples.get(trial.name)?.push(await trial.operation());
    }
  }
  return samples;
}

async function warmUp({ small }: Trial, { warmUpTasks, warmUpMs }: Effort): Promise<void> {
  if (small === undefined) return;
  const begin = performance.now();
  for (let done = 0; done < warmUpTasks && performance.now() - begin < warmUpMs; done += small.tasks) await small.run();
}

/** A trial's small work: that graph. @internal */
export function smallGraph(contestant: Contestant, graph: Graph, concurrency: number): NonNullable<Trial['small']> {
  return { tasks: graph.dependencies.length, run: () => timePerTask(contestant, graph, concurrency) };
}

/**
 * Submits and runs the graph once; microseconds per task from the first submission to the end.
 *
 * @internal
 */
export async function timePerTask(contestant: Contestant, graph: Graph, concurrency: number): Promise<number> {
  const ms = await timed(() => contestant.submit({ graph, concurrency, task: noop })());
  return (ms * 1_000) / graph.dependencies.length;
}

/** How long `operation` takes, in ms. @internal */
export async function timed(operation: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await operation();
  return performance.now() - begin;
}

/**
 * Bytes per task that stay in use when everything is submitted and nothing has run: the JavaScript heap and the buffers
 * of typed arrays, after a collection. Needs a process that has not run anything large.
 *
 * @internal
 */
export async function pendingBytesPerTask(contestant: Contestant, work: Work): Promise<number> {
  await settleHeap();
  const before = bytesInUse();
  const run = contestant.submit(work);
  collect();
  const bytes = bytesInUse() - before;
  // What is submitted must stay reachable up to here, whatever the optimiser thinks of it.
  if (typeof run !== 'function') throw new Error(`${contestant.name} returned nothing to run`);
  keep.push(run);
  return bytes / work.graph.dependencies.length;
}

const keep: unknown[] = [];

/**
 * Leaves three tasks behind, of which the second never ends. A collection that finds no object of a library alive lets V8
 * throw its optimised code away, and the next run begins in the interpreter. In a program that uses a library there always
 * is one; in a benchmark that collects before each run there would not be.
 *
 * @internal
 */
export function leaveUnfinished(contestant: Contestant): void {
  const never = new Promise<number>(() => {});
  const task = (index: number): Task => (index === 1 ? () => never : noop(index));
  const graph: Graph = { name: 'unfinished', dependencies: [[], [0], [1]] };
  keep.push(contestant.submit({ graph, concurrency: 1, task })());
}

/** The JavaScript heap and the buffers of typed arrays. @internal */
export function bytesInUse(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/**
 * Runs a module of the benchmark in a fresh Node process and returns its output. The process has the flags of this one
 * unless others are given.
 *
 * @internal
 */
export async function inFreshProcess(
  module: URL,
  args: readonly string[],
  flags: readonly string[] = process.execArgv,
): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, fileURLToPath(module), ...args]);
  return stdout;
}

/**
 * Lets what is due run, then collects all garbage.
 *
 * @internal
 */
export async function settleHeap(): Promise<void> {
  await nextTurn();
  collect();
}

function collect(): void {
  // Tests run this without the flag, which can be given late but reaches only contexts that are made afterwards.
  if (globalThis.gc === undefined) {
    setFlagsFromString('--expose-gc');
    globalThis.gc = runInNewContext('gc') as NodeJS.GCFunction;
  }
  globalThis.gc();
}

/**
 * Middle, smallest and largest of some figures; NaN of none.
 *
 * @internal
 */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/**
 * What came of measuring something several times.
 *
 * @internal
 */
export interface Repeated {
  readonly spread: Spread;
  readonly repetitions: number;
}

/** @internal */
export function spreadOf(figures: readonly number[]): Spread {
  const sorted = [...figures].sort((a, b) => a - b);
  const at = (place: number): number => sorted[place] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  return { median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2, min: at(0), max: at(sorted.length - 1) };
}

/**
 * The ratios of two series of figures, repetition by repetition; of no repetitions where one of them was not measured.
 *
 * @internal
 */
export function pairedRatio(samples: Samples, of: string, over: string): Repeated {
  const denominators = samples.get(over) ?? [];
  const numerators = (samples.get(of) ?? []).slice(0, denominators.length);
  return repeated(numerators.map((figure, repetition) => figure / (denominators[repetition] ?? Number.NaN)));
}

/** The spread of some figures and how many there are. @internal */
export function repeated(figures: readonly number[]): Repeated {
  return { spread: spreadOf(figures), repetitions: figures.length };
}
