/** Progress on standard error: a line redrawn in place on a terminal, a new line every two seconds elsewhere. */
import { SingleBar } from 'cli-progress';

const NOT_TERMINAL_MS = 2_000;

/** @internal */
export interface Counts {
  readonly running: number;
  readonly done: number;
  readonly failed: number;
}

/** The progress of a run, shown from construction until `stop`. @internal */
export class Progress {
  readonly #bar: SingleBar;

  /** With `hasTotal`, a bar shows the finished share of the tasks known so far. */
  constructor(hasTotal: boolean) {
    const counts = '{done} done, {failed} failed, {running} running | {duration_formatted}';
    this.#bar = new SingleBar({
      format: hasTotal ? `{bar} {value}/{total} | ${counts}` : counts,
      stream: process.stderr,
      noTTYOutput: true,
      notTTYSchedule: NOT_TERMINAL_MS,
      // ending-signals.ts handles signals.
      gracefulExit: false,
      emptyOnZero: true,
    });
    this.#bar.start(0, 0, { running: 0, done: 0, failed: 0 });
  }

  show(counts: Counts, total = 0): void {
    this.#bar.setTotal(total);
    this.#bar.update(counts.done + counts.failed, counts);
  }

  stop(): void {
    this.#bar.stop();
  }
}
