/** Progress on standard error: a line redrawn in place on a terminal, a new line every two seconds elsewhere. */
import cliProgress from 'cli-progress';
import { StatusLine } from './status-line.js';

const NOT_TERMINAL_MS = 2_000;

/** @internal */
export interface Counts {
  readonly running: number;
  readonly done: number;
  readonly failed: number;
}

/** What there is to show. @internal */
export interface ProgressState {
  readonly counts: Counts;
  /** Undefined while it is not known. */
  readonly total?: number | undefined;
  /** Names of what runs, the longest-running first. */
  readonly names: Iterable<string>;
  readonly elapsedMs: number;
  /** Whether to show the time that is left in place of the time that has passed. */
  readonly isEtaShown: boolean;
}

/** The progress of a run, shown from construction until `stop`. @internal */
export class Progress {
  readonly #state: () => Omit<ProgressState, 'elapsedMs'>;
  readonly #startedMs = performance.now();
  readonly #line: StatusLine | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  #last = '';

  constructor(state: () => Omit<ProgressState, 'elapsedMs'>) {
    this.#state = state;
    if (process.stderr.isTTY) {
      this.#line = new StatusLine(process.stderr, [process.stdout], (columns) => progressText(this.#now(), columns));
    } else {
      this.#timer = setInterval(() => this.#print(), NOT_TERMINAL_MS).unref();
    }
  }

  /** The state has changed. */
  changed(): void {
    this.#line?.changed();
  }

  stop(): void {
    this.#line?.stop();
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#print();
  }

  #now(): ProgressState {
    return { ...this.#state(), elapsedMs: performance.now() - this.#startedMs };
  }

  #print(): void {
    const text = progressText({ ...this.#now(), names: [] }, 200);
    if (text !== this.#last) process.stderr.write(`${text}\n`);
    this.#last = text;
  }
}

const BAR_FROM_COLUMNS = 60;
const SEPARATOR = ' | ';

/** One line of at most `columns` columns: the parts that matter most are those that a narrow terminal shows. @internal */
export function progressText(state: ProgressState, columns: number): string {
  const { counts, total, names, isEtaShown, elapsedMs } = state;
  const { done, failed, running } = counts;
  const ended = done + failed;
  const parts = [
    total === undefined ? `${done} done` : `${ended}/${total}`,
    ...(total !== undefined && total > 0 && columns >= BAR_FROM_COLUMNS ? [bar(ended / total, columns)] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(isEtaShown ? [`ETA ${etaOf(ended, total, elapsedMs)}`] : [time(elapsedMs)]),
  ];
  if (running > 0) parts.push(`${running} running`);
  let text = parts[0] ?? '';
  for (const part of parts.slice(1)) if (widthOf(text + SEPARATOR + part) <= columns) text += SEPARATOR + part;
  if (running === 0 || !text.endsWith(' running')) return text;
  let separator = ': ';
  for (const name of names) {
    const shown = printable(name);
    const room = columns - widthOf(text + separator);
    if (room < 4) break;
    text += separator + cut(shown, room);
    separator = ', ';
  }
  return text;
}

function bar(share: number, columns: number): string {
  const barsize = columns < 100 ? 10 : 25;
  const options = {
    barsize,
    barCompleteString: '█'.repeat(barsize),
    barIncompleteString: '░'.repeat(barsize),
    barGlue: '',
  };
  return cliProgress.Format.BarFormat(Math.min(1, share), options);
}

function etaOf(ended: number, total: number | undefined, elapsedMs: number): string {
  return ended === 0 || total === undefined ? '?' : time((elapsedMs / ended) * Math.max(0, total - ended));
}

function time(ms: number): string {
  return cliProgress.Format.TimeFormat(Math.round(ms / 1_000), { autopaddingChar: ' ' }, 1).trim();
}

/** Without what would move the cursor, colour the terminal or begin a line. */
function printable(name: string): string {
  return name.replaceAll(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
}

function cut(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let kept = '';
  for (const character of text) {
    if (widthOf(kept + character) >= columns) break;
    kept += character;
  }
  return `${kept}…`;
}

/** The columns that a text takes, or more: what may be wide counts as two. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += (character.codePointAt(0) ?? 0) >= 0x11_00 && !/[…█░]/.test(character) ? 2 : 1;
  return width;
}
