/**
 * Shows how a scheduler fares, in one line that is redrawn, by cli-progress. It only listens: it slows nothing down and decides nothing.
 *
 * Invariants: a bar is drawn while the scheduler is busy and for `LINGER_MS` after that, so it keeps no process alive that has nothing to
 * do; the cursor is left at the beginning of a line.
 */
import { createRequire } from 'node:module';
import { clearLine, cursorTo } from 'node:readline';
import type { Format, SingleBar } from 'cli-progress';
import { SchedulerError, shown } from '../core/failures.js';
import { requiredPackage } from '../core/needed-package.js';
import { checkOptionNames } from '../core/option-names.js';
import type { SchedulerState } from '../runtime/events/event-hub.js';
import { Scheduler } from '../runtime/scheduler.js';
import { lineFormat, progressLine } from './progress-line.js';
import { ProgressTally } from './progress-tally.js';

/**
 * The options of `showProgress`.
 *
 * @public
 */
export interface ProgressOptions {
  /** Where the line is drawn. Default: the standard error. */
  readonly stream?: NodeJS.WritableStream;
  /** How often it is drawn, in milliseconds: a finite number greater than 0. Default: 100 on a terminal, 2,000 elsewhere, where each is a new line. */
  readonly intervalMs?: number;
  /** Whether the line is erased at the end. Default: false. */
  readonly clear?: boolean;
}

const NAMES = { stream: true, intervalMs: true, clear: true } satisfies Record<keyof ProgressOptions, true>;

interface CliProgress {
  readonly SingleBar: typeof SingleBar;
  readonly Format: typeof Format;
}

/** Work that goes on within this time goes on in the same line. */
const LINGER_MS = 100;

/**
 * Shows the progress of a scheduler while it is busy: how many tasks have settled of those known, how many failed and run, the time, and
 * the ids of running tasks where a user gave them one. When the scheduler has nothing to do the line is left as it is; later work has a line
 * of its own, and the counts go on.
 *
 * @returns what ends it; calling it again does nothing. It also ends when the scheduler is closed.
 * @throws SchedulerError `MissingPackage` without cli-progress; `InvalidArgument`; `InvalidOption`.
 * @public
 */
export function showProgress(scheduler: Scheduler, options: ProgressOptions = {}): () => void {
  if (!(scheduler instanceof Scheduler)) {
    throw new SchedulerError('InvalidArgument', `showProgress takes a scheduler, got ${shown(scheduler)}`);
  }
  check(options);
  const load: (name: string) => CliProgress = createRequire(import.meta.url);
  const library = requiredPackage('cli-progress', 'pullgraph/progress', () => load('cli-progress'));
  const tally = new ProgressTally(scheduler);
  const { stream = process.stderr } = options;
  const bar = barOf(library, tally, { ...options, stream });
  let lingering: NodeJS.Timeout | undefined;
  const end = (): void => {
    clearTimeout(lingering);
    bar.stop();
  };
  const follow = (state: SchedulerState): void => {
    clearTimeout(lingering);
    if (state === 'busy') {
      if (!bar.isActive) bar.start(1, 0);
      return;
    }
    // Who waited for this is likely to print something now.
    if (bar.isActive) erase(stream);
    lingering = setTimeout(end, LINGER_MS).unref();
  };
  const unlisten = scheduler.on('scheduler', ({ state }) => {
    if (state === 'closed') stop();
    else follow(state);
  });
  const stop = (): void => {
    unlisten();
    tally.stop();
    end();
  };
  if (scheduler.state === 'busy') follow('busy');
  return stop;
}

function barOf(
  { SingleBar: Bar, Format: format }: CliProgress,
  tally: ProgressTally,
  options: ProgressOptions & { readonly stream: NodeJS.WritableStream },
): SingleBar {
  const { stream, intervalMs, clear = false } = options;
  return new Bar({
    stream: withoutPositions(stream),
    format: (_, { startTime, stopTime, maxWidth }) =>
      progressLine(tally.view(((stopTime ?? Date.now()) - startTime) / 1000), maxWidth - 1, lineFormat(format)),
    ...(intervalMs === undefined ? {} : { fps: 1000 / intervalMs, notTTYSchedule: intervalMs }),
    clearOnComplete: clear,
    noTTYOutput: true,
    // The line is never wider than the terminal.
    linewrap: true,
    // Others may have printed over the line.
    forceRedraw: true,
    gracefulExit: false,
  });
}

/** Erases the line on a terminal. */
function erase(stream: NodeJS.WritableStream): void {
  if (!('isTTY' in stream && stream.isTTY === true)) return;
  cursorTo(stream, 0);
  clearLine(stream, 0);
}

/**
 * The stream without the commands that save and restore the cursor: the position is one on the screen, and lines that others have
 * printed meanwhile have moved the screen.
 */
function withoutPositions(stream: NodeJS.WritableStream): NodeJS.WritableStream {
  const write = (chunk: string): boolean => chunk === '\u{1B}7' || chunk === '\u{1B}8' || stream.write(chunk);
  return new Proxy(stream, {
    get: (target, name): unknown => (name === 'write' ? write : Reflect.get(target, name)),
  });
}

function check(options: ProgressOptions): void {
  checkOptionNames('showProgress', options, NAMES);
  const { stream, intervalMs, clear } = options;
  if (stream !== undefined && typeof stream.write !== 'function') {
    throw new SchedulerError('InvalidOption', `stream must be a stream that can be written to, got ${shown(stream)}`);
  }
  if (intervalMs !== undefined && !(typeof intervalMs === 'number' && Number.isFinite(intervalMs) && intervalMs > 0)) {
    const message = `intervalMs must be a finite number greater than 0, got ${shown(intervalMs)}`;
    throw new SchedulerError('InvalidOption', message);
  }
  if (clear !== undefined && typeof clear !== 'boolean') {
    throw new SchedulerError('InvalidOption', `clear must be true or false, got ${shown(clear)}`);
  }
}
