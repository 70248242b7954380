/** Loads a module, passes it a scheduler, waits for all its tasks, and reports failures. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe } from '../core/failures.js';
import { Scheduler } from '../runtime/scheduler.js';
import { EndingSignals } from './ending-signals.js';
import { codeOfFailures, OTHER_ERROR } from './exit-codes.js';
import type { Progress } from './progress.js';
import { say } from './say.js';
import { watchForDeadWait } from './dead-wait.js';

type Main = (scheduler: Scheduler) => unknown;

/** @internal */
export interface ModuleEnd {
  /** The exit code. */
  readonly code: number;
  /** Whether to exit even if the module has left something that keeps the process alive. */
  readonly isOver: boolean;
}

/**
 * Resolves when everything has settled and failures have been reported on standard error. If nothing is left that could settle the
 * wait, the process exits with a message and an exit code instead.
 *
 * @internal
 */
export async function runModule(file: string, isProgressShown: boolean): Promise<ModuleEnd> {
  const stopWatching = watchForDeadWait('run', codeOfFailures(1));
  try {
    return await runLoaded(await load(file), isProgressShown);
  } finally {
    stopWatching();
  }
}

async function runLoaded(main: Main | undefined, isProgressShown: boolean): Promise<ModuleEnd> {
  if (main === undefined) return { code: OTHER_ERROR, isOver: true };
  const scheduler = new Scheduler();
  const progress = isProgressShown ? await shownProgress(scheduler) : undefined;
  const interrupted = new AbortController();
  const signals = new EndingSignals('run', scheduler, () => interrupted.abort());
  const drained = new Promise<void>((done) => {
    // The first signal has already closed the scheduler: `close` returns the same promise.
    interrupted.signal.addEventListener('abort', () => void scheduler.close().then(done, done));
  });
  scheduler.start();
  const failure = await Promise.race([failureOf(main, scheduler), drained]);
  // What the module left, or left unseen, has been reported.
  void scheduler.stop();
  await scheduler.close().catch(() => undefined);
  signals.close();
  progress?.stop();
  const { exitCode } = signals;
  if (exitCode !== undefined) return { code: exitCode, isOver: true };
  if (failure === undefined) return { code: 0, isOver: false };
  say('run', failure);
  return { code: codeOfFailures(1), isOver: false };
}

/** A description of the failure, when everything has settled; undefined if all went well. */
async function failureOf(main: Main, scheduler: Scheduler): Promise<string | undefined> {
  try {
    await main(scheduler);
    await scheduler.wait();
    return undefined;
  } catch (error) {
    return describe(error);
  }
}

async function load(file: string): Promise<Main | undefined> {
  try {
    const module: unknown = await import(pathToFileURL(resolve(file)).href);
    const main: unknown = typeof module === 'object' && module !== null ? Reflect.get(module, 'default') : undefined;
    if (typeof main === 'function') return main as Main;
    say('run', `${file} has no default export that is a function`);
  } catch (error) {
    say('run', `${file} cannot be loaded: ${describe(error)}`);
  }
  return undefined;
}

async function shownProgress(scheduler: Scheduler): Promise<Progress> {
  const { Progress } = await import('./progress.js');
  const progress = new Progress(false);
  const counts = { running: 0, done: 0, failed: 0 };
  scheduler.on('task', ({ previous, state }) => {
    const isRunning = state === 'running' || state === 'partial';
    const wasRunning = previous === 'running' || previous === 'partial';
    counts.running += Number(isRunning) - Number(wasRunning);
    if (state === 'done') counts.done += 1;
    if (state === 'failed' || state === 'cancelled') counts.failed += 1;
    progress.show(counts);
  });
  return progress;
}
