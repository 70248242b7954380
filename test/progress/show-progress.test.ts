/** `showProgress` on a stream that keeps what is written. Nothing here waits for a time: a bar draws when it begins and when it ends. */
import { describe, expect, test } from 'vitest';
import { Scheduler } from '../../src/index.js';
import { showProgress } from '../../src/progress/index.js';
import { quiet } from '../support/event-loop.js';
import { manualQueue } from '../support/one-queue.js';
import { refusalOf } from '../support/refusal.js';

const ESCAPE = '\u{1B}';
const work = (..._needed: readonly unknown[]): number => 1;

/** A terminal of that many columns, or no terminal. */
class Screen {
  written = '';
  readonly isTTY: boolean;
  readonly columns: number;
  #onLine: (() => void) | undefined = undefined;

  constructor(columns: number | undefined) {
    this.isTTY = columns !== undefined;
    this.columns = columns ?? 0;
  }

  readonly write = (chunk: string): boolean => {
    this.written += chunk;
    if (chunk.includes('\n')) this.#onLine?.();
    return true;
  };

  /** Resolves when a line has been ended. */
  line(): Promise<void> {
    return new Promise((resolve) => {
      this.#onLine = resolve;
    });
  }

  get stream(): NodeJS.WritableStream {
    return this as unknown as NodeJS.WritableStream;
  }

  /** Each drawing of the line, without the commands to the terminal. */
  get lines(): readonly string[] {
    return this.written.split(new RegExp(`(?:${ESCAPE}\\[\\d*[A-Z]|\n)+`)).filter((line) => line !== '');
  }
}

describe('the progress of a scheduler', () => {
  test('is drawn when work begins and when it has ended', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 2 });
    const screen = new Screen(60);
    showProgress(scheduler, { stream: screen.stream });
    for (const id of ['b', 'a']) queue.submit({ id }, work);
    queue.submit(work).cancel();
    expect(screen.written).toBe('');
    scheduler.start();
    await quiet();
    executor.attemptAt('a').done(1);
    executor.attemptAt('b').failed(new Error('no'));
    const ended = screen.line();
    await quiet();
    // Erased, for what is printed by those who waited for the end.
    expect(screen.written).toContain(`${ESCAPE}[1G${ESCAPE}[2K`);
    await ended;
    expect(screen.lines.at(0)).toContain('1/3 | 0s');
    expect(screen.lines.at(-1)).toMatch(/^\[=+\] 3\/3 \| 1 failed \| \d+s/);
    expect(screen.written).toMatch(/\n$/);
    // No position on the screen is saved: what others print moves it.
    expect(screen.written).not.toContain(`${ESCAPE}7`);
    expect(screen.written).not.toContain(`${ESCAPE}8`);
  });

  test('names what runs, is never wider than the terminal, and ends when it is told to', async () => {
    const { scheduler, queue } = manualQueue({ concurrency: 2 });
    for (const id of ['third', 'fetch \u{1B}[2J b', 'fetch a']) queue.submit({ id }, work);
    scheduler.start();
    await quiet();
    const screen = new Screen(90);
    const stop = showProgress(scheduler, { stream: screen.stream });
    stop();
    expect(screen.lines.at(-1)).toContain('0/3 | 2 running');
    for (const line of screen.lines) expect(line.length).toBeLessThan(90);
    const { written } = screen;
    stop();
    queue.submit(work).cancel();
    await quiet();
    expect(screen.written).toBe(written);
  });

  test('tells the names of tasks that begin while it is shown, without control characters', async () => {
    const { scheduler, queue } = manualQueue({ concurrency: 2 });
    const screen = new Screen(120);
    const stop = showProgress(scheduler, { stream: screen.stream });
    queue.submit({ id: 'fetch \u{1B}[2J b' }, work);
    queue.submit(work);
    scheduler.start();
    await quiet();
    stop();
    expect(screen.lines.at(-1)).toMatch(/ \| fetch \[2J b$/);
  });

  test('ends with the scheduler, and can be erased', async () => {
    const { scheduler, queue } = manualQueue();
    const screen = new Screen(60);
    showProgress(scheduler, { stream: screen.stream, clear: true });
    queue.submit({ id: 'a' }, work);
    const closed = scheduler.terminate();
    await closed;
    expect(screen.written).not.toContain('\n');
  });

  test('is a new line each time where there is no terminal', async () => {
    const { scheduler, queue } = manualQueue();
    const screen = new Screen(undefined);
    const stop = showProgress(scheduler, { stream: screen.stream });
    queue.submit({ id: 'a' }, work);
    scheduler.start();
    await quiet();
    stop();
    expect(screen.written).not.toContain('\u{1B}');
    expect(screen.written.split('\n').filter((line) => line !== '')).toHaveLength(2);
  });
});

test('what cannot be shown, or not so, is refused', () => {
  const scheduler = new Scheduler();
  const refused = (misuse: () => unknown): string => {
    const { code, message } = refusalOf(misuse);
    return `${code}: ${message}`;
  };
  expect(refused(() => showProgress({} as Scheduler))).toContain('InvalidArgument: showProgress takes a scheduler');
  expect(refused(() => showProgress(scheduler, { intervalMs: 0 }))).toBe(
    'InvalidOption: intervalMs must be a finite number greater than 0, got 0',
  );
  expect(refused(() => showProgress(scheduler, { strem: process.stderr } as object))).toContain('did you mean stream?');
  expect(refused(() => showProgress(scheduler, { stream: {} as NodeJS.WritableStream }))).toContain('InvalidOption');
  expect(refused(() => showProgress(scheduler, { clear: 1 as unknown as boolean }))).toContain('InvalidOption');
});
