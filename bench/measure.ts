/**
 * The benchmark's way of measuring. Contestants take turns within each repetition, in an order that rotates, so that other
 * load on the machine falls on all of them; a ratio is the median of the ratios of paired runs. Memory is measured in a
 * fresh process per contestant. A timed run starts after a full collection and, unless it is a cold one, warm-up.
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
 * The number of repetitions: at least `minRepetitions`, then more until `budgetMs` is used up or `maxRepetitions` is reached.
 * Before each run, small work of the same kind repeats until `warmUpTasks` tasks have run or `warmUpMs` have passed.
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
 * One operation to time under a name. `operation` runs once from a clean heap and returns its figure, in any unit. `small`
 * warms it up: a run of the same kind with that number of tasks. Without `small` there is no warm-up.
 *
 * @internal
 */
export interface Trial {
  readonly name: string;
  readonly small?: { readonly tasks: number; readonly run: () => Promise<unknown> };
  readonly operation: () => Promise<number>;
}

/**
 * Figures by name, one per repetition; equal indexes belong to the same repetition.
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

/** The warm-up of a trial: that graph. @internal */
export function smallGraph(contestant: Contestant, graph: Graph, concurrency: number): NonNullable<Trial['small']> {
  return { tasks: graph.dependencies.length, run: () => timePerTask(contestant, graph, concurrency) };
}

/**
 * Submits and runs the graph once; returns microseconds per task, from the first submission to the end.
 *
 * @internal
 */
export async function timePerTask(contestant: Contestant, graph: Graph, concurrency: number): Promise<number> {
  const ms = await timed(() => contestant.submit({ graph, concurrency, task: noop })());
  return (ms * 1_000) / graph.dependencies.length;
}

/** The duration of `operation` in ms. @internal */
export async function timed(operation: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await operation();
  return performance.now() - begin;
}

/**
 * Bytes per task in use after everything is submitted and before anything runs: the JavaScript heap and the buffers of typed
 * arrays, after a collection. The process must not have run anything large before.
 *
 * @internal
 */
export async function pendingBytesPerTask(contestant: Contestant, work: Work): Promise<number> {
  await settleHeap();
  const before = bytesInUse();
  const run = contestant.submit(work);
  collect();
  const bytes = bytesInUse() - before;
  // Keeps the submitted tasks reachable up to here, even if the optimiser would drop them.
  if (typeof run !== 'function') throw new Error(`${contestant.name} returned nothing to run`);
  keep.push(run);
  return bytes / work.graph.dependencies.length;
}

const keep: unknown[] = [];

/**
 * Leaves three tasks behind, the second of which never ends. If a collection finds no live object of a library, V8 discards
 * the library's optimised code and the next run starts in the interpreter. A program that uses a library always holds such
 * an object; a benchmark that collects before each run would not.
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
 * Lets pending callbacks run, then collects all garbage.
 *
 * @internal
 */
export async function settleHeap(): Promise<void> {
  await nextTurn();
  collect();
}

function collect(): void {
  // Tests run without the flag. V8 accepts it late, but only contexts created afterwards have `gc`.
  if (globalThis.gc === undefined) {
    setFlagsFromString('--expose-gc');
    globalThis.gc = runInNewContext('gc') as NodeJS.GCFunction;
  }
  globalThis.gc();
}

/**
 * The median, smallest and largest of some figures; NaN if there are none.
 *
 * @internal
 */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/**
 * The result of several measurements.
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
 * The ratios of two series of figures, repetition by repetition. Has no repetitions if one of the series is missing.
 *
 * @internal
 */
export function pairedRatio(samples: Samples, of: string, over: string): Repeated {
  const denominators = samples.get(over) ?? [];
  const numerators = (samples.get(of) ?? []).slice(0, denominators.length);
  return repeated(numerators.map((figure, repetition) => figure / (denominators[repetition] ?? Number.NaN)));
}

/** The spread and the number of some figures. @internal */
export function repeated(figures: readonly number[]): Repeated {
  return { spread: spreadOf(figures), repetitions: figures.length };
}
