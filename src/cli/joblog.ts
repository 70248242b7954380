/**
 * The log of a batch of commands in the columns of GNU parallel's `--joblog`: one row for each that has ended, appended as a
 * whole, so that a batch that was killed can be resumed from it.
 */
import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { CommandLine } from './command-lines.js';

const COLUMNS = ['Seq', 'Host', 'Starttime', 'JobRuntime', 'Send', 'Receive', 'Exitval', 'Signal', 'Command'];

/** What is known of a command that has ended. @internal */
export interface JobRecord extends CommandLine {
  /** When its last attempt began, in milliseconds since 1970. */
  readonly startedMs: number;
  readonly runtimeMs: number;
  /** Length of its output. */
  readonly receivedBytes: number;
  /** -1 where it had none, as its time was over. */
  readonly exitCode: number;
  /** Number of the signal that ended it; 0 where none did. */
  readonly signal: number;
}

/** The commands that a log says are done: those with exit code 0. Rows that it cannot read do not count. @internal */
export function doneIn(path: string): ReadonlyMap<number, string> {
  const done = new Map<number, string>();
  if (!existsSync(path)) return done;
  const rows = readFileSync(path, 'utf8').split('\n');
  // What follows the last line end is a row that was cut off.
  for (const row of rows.slice(0, -1)) {
    const [seq, , , , , , exitCode, signal, ...command] = row.split('\t');
    if (exitCode === '0' && signal === '0' && /^\d+$/.test(seq ?? '')) done.set(Number(seq), command.join('\t'));
  }
  return done;
}

/** A log that is written to. @internal */
export class Joblog {
  readonly #file: number;

  /** Begins a new log, or goes on with the one that is there. Throws where the file cannot be written. */
  constructor(path: string, isContinued: boolean) {
    const before = isContinued && existsSync(path) ? readFileSync(path, 'utf8') : '';
    this.#file = openSync(path, isContinued ? 'a' : 'w');
    if (before === '') this.#write(COLUMNS);
    else if (!before.endsWith('\n')) writeSync(this.#file, '\n');
  }

  add({ seq, startedMs, runtimeMs, receivedBytes, exitCode, signal, text }: JobRecord): void {
    const started = (startedMs / 1000).toFixed(3);
    const runtime = (runtimeMs / 1000).toFixed(3).padStart(10);
    this.#write([seq, ':', started, runtime, 0, receivedBytes, exitCode, signal, text]);
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(cells: readonly (string | number)[]): void {
    writeSync(this.#file, `${cells.join('\t')}\n`);
  }
}
