/** Progress on standard error: a line redrawn in place on a terminal, a new line every two seconds elsewhere. */
import cliProgress from 'cli-progress';
import { lineFormat, progressLine, type ProgressView } from '../progress/progress-line.js';
import { StatusLine } from './status-line.js';

const NOT_TERMINAL_MS = 2_000;
const NOT_TERMINAL_COLUMNS = 200;

const format = lineFormat(cliProgress.Format);

/** The progress of a run, shown from construction until `stop`. @internal */
export class Progress {
  readonly #view: (elapsedS: number) => ProgressView;
  readonly #startedMs = performance.now();
  readonly #line: StatusLine | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  #last = '';

  constructor(view: (elapsedS: number) => ProgressView) {
    this.#view = view;
    if (process.stderr.isTTY) {
      this.#line = new StatusLine(process.stderr, [process.stdout], (columns) =>
        progressLine(this.#now(), columns, format),
      );
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

  #now(): ProgressView {
    return this.#view((performance.now() - this.#startedMs) / 1_000);
  }

  #print(): void {
    const text = progressLine({ ...this.#now(), names: [] }, NOT_TERMINAL_COLUMNS, format);
    if (text !== this.#last) process.stderr.write(`${text}\n`);
    this.#last = text;
  }
}
