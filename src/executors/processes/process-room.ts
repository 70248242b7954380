/**
 * Waits out a machine that has no room for another process: no file descriptors, no process slots, no memory. A start that is
 * refused is tried again when a process of this executor has ended, so fewer run at once; each end lets two try, so more run again
 * when there is room.
 *
 * Invariant: while an attempt waits, either a process of this executor is there whose end wakes one, or a timer runs.
 */
import { isInstance } from '../../core/user-value.js';
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { processesLeft } from './process-limits.js';

/** The error codes of a system that may have room later. */
const REFUSALS: ReadonlySet<unknown> = new Set(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM']);

/** How often a start is refused in a row, with no process of ours to wait for, until it fails: about half a minute. */
const MOST_REFUSALS = 32;

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/** How many waiting starts are tried when a process has ended. */
const WOKEN_PER_END = 2;

/** Whether the error says that the system has no room for a process. @internal */
export function isRefusal(error: unknown): boolean {
  return isInstance(error, Error) && 'code' in error && REFUSALS.has(error.code);
}

/**
 * What Node opens to start a process: two for each of three pipes, and two to hear of a failure. Four more are left for files that
 * are opened meanwhile.
 */
const DESCRIPTORS_PER_START = 12;

/** How many more processes each one that is present may start: a shell starts at least one. */
const STARTED_BY_EACH = 1;

/**
 * Throws an error that `isRefusal` knows unless there is room for one more process. Node loses a process that finds no file
 * descriptors, and a shell that finds no process for its command just fails.
 *
 * @param present - how many processes there are already; with none, a start that may fail is better than none.
 * @internal
 */
export function checkRoom(present: number): void {
  checkDescriptors();
  if (present === 0 || processesLeft() > (present + 1) * STARTED_BY_EACH) return;
  throw Object.assign(new Error('the system has no room for another process'), { code: 'EAGAIN' });
}

function checkDescriptors(): void {
  const opened: number[] = [];
  try {
    while (opened.length < DESCRIPTORS_PER_START) opened.push(openSync(devNull, 'r'));
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}

/** The processes of one executor, and the starts that wait for room. @internal */
export class ProcessRoom {
  /** How many processes there are, that which is being started among them. */
  #present = 0;
  readonly #waiting: (() => void)[] = [];

  /**
   * Runs `step`, which starts a process and resolves when it has ended, until the system has had room for it or too many starts have
   * been refused. Returns the last result.
   *
   * @param step - is told how many other processes there are.
   * @param onWait - receives a function that ends the wait which begins.
   */
  async through<T>(
    step: (others: number) => Promise<T>,
    isRefused: (result: T) => boolean,
    onWait: (wake: () => void) => void,
  ): Promise<T> {
    let refusals = 0;
    // Who comes later waits behind those who wait.
    if (this.#waiting.length > 0) await this.#wait(onWait);
    for (;;) {
      this.#present += 1;
      const result = await step(this.#present - 1).finally(() => (this.#present -= 1));
      const isGivenUp = this.#present === 0 && refusals === MOST_REFUSALS;
      if (!isRefused(result) || isGivenUp) {
        for (const wake of this.#waiting.splice(0, WOKEN_PER_END)) wake();
        return result;
      }
      refusals = this.#present === 0 ? refusals + 1 : 0;
      await this.#wait(
        onWait,
        this.#present === 0 ? Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** refusals) : undefined,
      );
    }
  }

  async #wait(onWait: (wake: () => void) => void, pauseMs?: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((wake) => {
      this.#waiting.push(wake);
      onWait(() => {
        const place = this.#waiting.indexOf(wake);
        if (place >= 0) this.#waiting.splice(place, 1);
        wake();
      });
      if (pauseMs !== undefined) timer = setTimeout(wake, pauseMs);
    });
    clearTimeout(timer);
  }
}
