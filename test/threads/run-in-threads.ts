/** What the tests of the threads executor share: pools that close with their test, and attempts to put in them. */
import { afterAll, expect, onTestFinished } from 'vitest';
import type { Executor, TaskFunction } from '../../src/core/ports.js';
import { type ThreadsOptions, threads } from 'pullgraph/executors';
import { RecordedAttempt, type RecordedAttemptOptions } from '../support/recorded-attempt.js';

export interface TestedPool {
  readonly executor: Executor;
  /** Starts an attempt. */
  run(fn: TaskFunction, ...args: readonly unknown[]): RecordedAttempt;
  /** Starts an attempt with partial results. */
  stream(fn: TaskFunction, ...args: readonly unknown[]): RecordedAttempt;
  /** Starts an attempt that `options` describe further. */
  runWith(options: RecordedAttemptOptions, fn: TaskFunction, ...args: readonly unknown[]): RecordedAttempt;
}

/** A pool for the module `fixtures/<name>`. It closes with the test, which fails if an attempt has not ended once. */
export function testedPool(name: string, options: ThreadsOptions = {}): TestedPool {
  const [pool, close] = openPool(name, options);
  onTestFinished(close);
  return pool;
}

/** As `testedPool`, for all tests of a file: a worker that loads TypeScript takes its time to start. */
export function filePool(name: string, options: ThreadsOptions = {}): TestedPool {
  const [pool, close] = openPool(name, options);
  afterAll(close);
  return pool;
}

function openPool(name: string, options: ThreadsOptions): [TestedPool, () => Promise<void>] {
  const executor = threads(fixture(name), { size: 2, ...options });
  const attempts: RecordedAttempt[] = [];
  const runWith: TestedPool['runWith'] = (how, fn, ...args) => {
    const attempt = new RecordedAttempt(fn, args, how);
    attempts.push(attempt);
    executor.run(attempt);
    return attempt;
  };
  const pool: TestedPool = {
    executor,
    runWith,
    run: (fn, ...args) => runWith({}, fn, ...args),
    stream: (fn, ...args) => runWith({ stream: true }, fn, ...args),
  };
  const close = async (): Promise<void> => {
    await executor.close();
    for (const attempt of attempts) expect(attempt.ends).toHaveLength(1);
  };
  return [pool, close];
}

export function fixture(name: string): URL {
  return new URL(`./fixtures/${name}`, import.meta.url);
}

/** Memory that a test and the functions it runs both see: cells of zero. */
export function sharedCells(count: number): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(count * Int32Array.BYTES_PER_ELEMENT));
}

/** Resolves when `cells[index]` is at least `value`, while the event loop goes on. */
export async function reaches(cells: Int32Array, index: number, value: number): Promise<void> {
  while (Atomics.load(cells, index) < value) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
