/**
 * The log of a batch, in the columns of GNU parallel's `--joblog`. Each finished command appends one whole row, so that a killed
 * batch can be resumed.
 */
import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';

const COLUMNS = ['Seq', 'Host', 'Starttime', 'JobRuntime', 'Send', 'Receive', 'Exitval', 'Signal', 'Command'];

/** A finished command. @internal */
export interface JobRecord {
  readonly seq: number;
  readonly text: string;
  /** Start of the last attempt, in milliseconds since 1970. */
  readonly startedMs: number;
  readonly runtimeMs: number;
  /** Length of the output. */
  readonly receivedBytes: number;
  /** -1 for a command that timed out. */
  readonly exitCode: number;
  /** Number of the signal that ended the command; 0 for none. */
  readonly signal: number;
}

/** Which commands run: all of them, those that the joblog does not list as done, or those that it lists as failed. @internal */
export type Selection = 'all' | 'not done' | 'failed';

/** Tells which commands do not run, according to the joblog as it is now. @internal */
export function skippedBy(
  path: string | undefined,
  selection: Selection,
): (line: { seq: number; text: string }) => boolean {
  if (path === undefined || selection === 'all') return () => false;
  const ends = endsIn(path);
  return ({ seq, text }) => {
    const end = ends.get(seq);
    const isLogged = end !== undefined && end.text === loggedText(text);
    return selection === 'failed' ? !isLogged || end.isDone : isLogged && end.isDone;
  };
}

/** A command as its row has it: a row is one line. */
function loggedText(text: string): string {
  return text.replaceAll('\n', String.raw`\n`);
}

/** How a command ended, according to its last row. */
interface LoggedEnd {
  readonly text: string;
  readonly isDone: boolean;
}

/** The commands of a log, by number. Malformed rows are skipped. */
function endsIn(path: string): ReadonlyMap<number, LoggedEnd> {
  const ends = new Map<number, LoggedEnd>();
  if (!existsSync(path)) return ends;
  const rows = readFileSync(path, 'utf8').split('\n');
  // The text after the last line end is an incomplete row.
  for (const row of rows.slice(0, -1)) {
    const [seq, , , , , , exitCode, signal, ...command] = row.split('\t');
    if (!/^\d+$/.test(seq ?? '')) continue;
    ends.set(Number(seq), { text: command.join('\t'), isDone: exitCode === '0' && signal === '0' });
  }
  return ends;
}

/** A log being written. @internal */
export class Joblog {
  readonly #file: number;

  /** Starts a new log, or appends to the existing one. Throws if the file cannot be written. */
  constructor(path: string, isContinued: boolean) {
    const before = isContinued && existsSync(path) ? readFileSync(path, 'utf8') : '';
    this.#file = openSync(path, isContinued ? 'a' : 'w');
    if (before === '') this.#write(COLUMNS);
    else if (!before.endsWith('\n')) writeSync(this.#file, '\n');
  }

  add({ seq, startedMs, runtimeMs, receivedBytes, exitCode, signal, text }: JobRecord): void {
    const started = (startedMs / 1000).toFixed(3);
    const runtime = (runtimeMs / 1000).toFixed(3).padStart(10);
    this.#write([seq, ':', started, runtime, 0, receivedBytes, exitCode, signal, loggedText(text)]);
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(cells: readonly (string | number)[]): void {
    writeSync(this.#file, `${cells.join('\t')}\n`);
  }
}
