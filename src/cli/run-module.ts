/** Loads a module, passes it a scheduler, waits for all its tasks, and reports failures. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TasksFailed } from '../core/failures.js';
import { Scheduler } from '../runtime/scheduler.js';
import type { SchedulerOptions } from '../runtime/scheduler-options.js';
import { endAfterRunning, EndingSignals } from './ending-signals.js';
import { codeOfFailures, OTHER_ERROR } from './exit-codes.js';
import { failureLines, failureRecord } from './failure-report.js';
import type { GraphFormat } from './dry-run.js';
import { offerOwnPackage } from './own-package.js';
import { ProgressTally } from '../progress/progress-tally.js';
import { messageOf } from '../core/user-value.js';
import type { Inspection, InspectionOptions } from './inspection.js';
import type { Progress } from './progress.js';
import { say, sayLines } from './say.js';
import type { TraceFile } from './trace-file.js';
import { watchForDeadWait } from './dead-wait.js';

type Main = (scheduler: Scheduler, args: readonly string[]) => unknown;

/** @internal */
export interface RunOptions {
  readonly file: string;
  /** What the module gets as its second argument and in `process.argv`. */
  readonly args: readonly string[];
  readonly progress: boolean;
  /** Whether to end standard output with a line of JSON about the run. */
  readonly json: boolean;
  /** The file for a trace. */
  readonly trace: string | undefined;
  /** Where to inspect the run, if it is to be. */
  readonly inspect: InspectionOptions | undefined;
  /** The file of the store, if there is to be one. */
  readonly store: string | undefined;
  /** Whether to print what would run, and how. */
  readonly dryRun: { readonly graph: GraphFormat | undefined } | undefined;
}

/** @internal */
export interface ModuleEnd {
  /** The exit code. */
  readonly code: number;
  /** Whether to exit even if the module has left something that keeps the process alive. */
  readonly isOver: boolean;
}

/** What went wrong; undefined `error` if nothing did. */
interface Failure {
  readonly error: unknown;
}

/**
 * Resolves when everything has settled and failures have been reported on standard error. If nothing is left that could settle the
 * wait, the process exits with a message and an exit code instead.
 *
 * @internal
 */
export async function runModule(options: RunOptions): Promise<ModuleEnd> {
  if (options.dryRun !== undefined) return dryRun(options, options.dryRun.graph);
  const stopWatching = watchForDeadWait('run', codeOfFailures(1));
  try {
    const main = await load(options);
    return main === undefined ? { code: OTHER_ERROR, isOver: true } : await runLoaded(main, options);
  } finally {
    stopWatching();
  }
}

async function dryRun(options: RunOptions, graph: GraphFormat | undefined): Promise<ModuleEnd> {
  const main = await load(options);
  const { DryScheduler, dryPlan, planText } = await import('./dry-run.js');
  const scheduler = main && (await schedulerOver(options.store, DryScheduler));
  if (scheduler === undefined) return { code: OTHER_ERROR, isOver: true };
  try {
    const text = planText(await dryPlan(scheduler, () => main?.(scheduler, options.args)), graph);
    await new Promise((printed) => process.stdout.write(text, printed));
    return { code: 0, isOver: true };
  } catch (error) {
    sayLines('run', failureLines(error));
    return { code: codeOfFailures(1), isOver: true };
  }
}

async function runLoaded(main: Main, options: RunOptions): Promise<ModuleEnd> {
  const trace = await openTrace(options.trace);
  if (trace === 'unwritable') return { code: OTHER_ERROR, isOver: true };
  const scheduler = await schedulerOver(options.store, Scheduler);
  if (scheduler === undefined) return { code: OTHER_ERROR, isOver: true };
  const inspection = await openInspection(options.inspect, scheduler);
  if (inspection === 'unavailable') return { code: OTHER_ERROR, isOver: true };
  trace?.follow(scheduler);
  const tally = new ProgressTally(scheduler);
  const progress = options.progress ? await shownProgress(scheduler, tally) : undefined;
  const interrupted = new AbortController();
  const signals = new EndingSignals('run', scheduler, () => interrupted.abort());
  const drained = new Promise<undefined>((done) => {
    // The first signal has already closed the scheduler: `close` returns the same promise.
    const over = (): void => done(undefined);
    interrupted.signal.addEventListener('abort', () => void scheduler.close().then(over, over));
  });
  scheduler.start();
  const failure = await Promise.race([failureOf(main, scheduler, options.args), drained]);
  // What the module left, or left unseen, has been reported.
  await endAfterRunning(scheduler);
  signals.close();
  trace?.end();
  progress?.stop();
  const isInterrupted = signals.exitCode !== undefined;
  const code = signals.exitCode ?? codeOfFailures(failure === undefined ? 0 : 1);
  if (!isInterrupted && failure !== undefined) sayLines('run', failureLines(failure.error));
  if (options.json) await printJson({ code, tasks: tally.ended, ...recordOf(failure) });
  await inspection?.end(isInterrupted);
  return { code, isOver: isInterrupted };
}

/** Undefined, and the reason printed, where the store cannot be used. */
async function schedulerOver<S extends Scheduler>(
  file: string | undefined,
  Made: new (options?: SchedulerOptions) => S,
): Promise<S | undefined> {
  if (file === undefined) return new Made();
  const { sqliteStore } = await import('../store/sqlite-store.js');
  try {
    return new Made({ store: sqliteStore(file) });
  } catch (error) {
    sayLines('run', failureLines(error));
    return undefined;
  }
}

/** The failure, when everything has settled; undefined if all went well. */
async function failureOf(main: Main, scheduler: Scheduler, args: readonly string[]): Promise<Failure | undefined> {
  try {
    await main(scheduler, args);
    await scheduler.wait();
    return undefined;
  } catch (error) {
    return { error };
  }
}

async function openInspection(
  given: InspectionOptions | undefined,
  scheduler: Scheduler,
): Promise<Inspection | 'unavailable' | undefined> {
  if (given === undefined) return undefined;
  const inspection = new (await import('./inspection.js')).Inspection('run', given);
  try {
    await inspection.open(scheduler);
    return inspection;
  } catch (error) {
    say('run', messageOf(error));
    return 'unavailable';
  }
}

async function openTrace(path: string | undefined): Promise<TraceFile | 'unwritable' | undefined> {
  if (path === undefined) return undefined;
  const { TraceFile: File } = await import('./trace-file.js');
  try {
    return new File('run', path);
  } catch (error) {
    say('run', messageOf(error));
    return 'unwritable';
  }
}

async function load({ file, args, json }: RunOptions): Promise<Main | undefined> {
  const path = resolve(file);
  process.argv.splice(1, process.argv.length, path, ...args);
  offerOwnPackage(path);
  let failure: Failure;
  try {
    const module: unknown = await import(pathToFileURL(path).href);
    const main: unknown = typeof module === 'object' && module !== null ? Reflect.get(module, 'default') : undefined;
    if (typeof main === 'function') return main as Main;
    failure = { error: new Error(`${file} has no default export that is a function`) };
    say('run', `${file} has no default export that is a function`);
  } catch (error) {
    failure = { error };
    // Only Node itself can say where a module cannot be parsed, and only of an error that nobody catches.
    if (error instanceof SyntaxError) sayLines('run', [`${file} cannot be loaded: ${error.message}`]);
    else sayLines('run', [`${file} cannot be loaded:`, ...failureLines(error)]);
  }
  if (json) await printJson({ code: OTHER_ERROR, tasks: { done: 0, failed: 0, cancelled: 0 }, ...recordOf(failure) });
  if (failure.error instanceof SyntaxError) await neverAfter(failure.error);
  return undefined;
}

/** Ends the process as Node does for an error that nobody catches, but with the exit code of a module that cannot be loaded. */
function neverAfter(error: unknown): Promise<never> {
  process.once('exit', () => {
    process.exitCode = OTHER_ERROR;
  });
  return new Promise(() => {
    setImmediate(() => {
      throw error;
    });
  });
}

function recordOf(failure: Failure | undefined): object {
  if (failure === undefined) return {};
  const { error } = failure;
  if (!(error instanceof TasksFailed)) return { error: failureRecord(error) };
  const failures = error.errors.map((each, index) => ({ task: error.tasks[index], ...failureRecord(each) }));
  return { failures };
}

function printJson(report: object): Promise<void> {
  return new Promise((resolvePrinted) => process.stdout.write(`${JSON.stringify(report)}\n`, () => resolvePrinted()));
}

async function shownProgress(scheduler: Scheduler, tally: ProgressTally): Promise<Progress> {
  const { Progress } = await import('./progress.js');
  const progress = new Progress((elapsedS) => tally.view(elapsedS));
  scheduler.on('task', () => progress.changed());
  return progress;
}
