/** What the contract of executors has them run: functions such as a user's own module may export. */
import { taskContext } from '../../src/index.js';

/** Waits, while the event loop goes on, until `cells[index]` is at least `value`. */
export async function reaches(cells: Int32Array, index: number, value: number): Promise<void> {
  while (Atomics.load(cells, index) < value) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

export function add(a: number, b: number): number {
  return a + b;
}

export async function addLater(a: number, b: number): Promise<number> {
  await Promise.resolve();
  return a + b;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

export function echo(...args: readonly unknown[]): readonly unknown[] {
  return args;
}

export async function echoLater(value: unknown): Promise<unknown> {
  await Promise.resolve();
  return value;
}

export function nothing(): void {
  // Returns nothing.
}

export function isCalledPlainly(this: unknown): boolean {
  // oxlint-disable-next-line oxc/no-this-in-exported-function -- what it is called with is the question
  return this === undefined;
}

export function failing(message: string): never {
  throw Object.assign(new RangeError(message, { cause: 'the cause' }), { channel: 7 });
}

export async function failingLater(message: string): Promise<never> {
  await Promise.resolve();
  return failing(message);
}

export function throwing(value: unknown): never {
  throw value;
}

export function* counting(to: number): Generator<number, string> {
  for (let value = 0; value < to; value += 1) yield value;
  return 'nobody sees this';
}

export async function* countingLater(to: number): AsyncGenerator<number> {
  for (let value = 0; value < to; value += 1) {
    await Promise.resolve();
    yield value;
  }
}

export function arrayOf(to: number): number[] {
  return [...counting(to)];
}

export async function setOf(to: number): Promise<Set<number>> {
  await Promise.resolve();
  return new Set(counting(to));
}

export function generatorOf(to: number): Iterable<number> {
  return counting(to);
}

export function textOf(to: number): string {
  return arrayOf(to).join('');
}

export async function notIterable(): Promise<number[]> {
  return 7 as unknown as number[];
}

export const announcing = Object.assign((to: number, asMany: number): number[] => arrayOf(asMany), {
  numberOfResults: (to: number): number => to,
});

export function* failingAfter(values: number): Generator<number> {
  yield* counting(values);
  failing('midway');
}

export async function* failingLaterAfter(values: number): AsyncGenerator<number> {
  yield* countingLater(values);
  await failingLater('midway');
}

/** Counts in cell 0 how often it was asked for a value. */
export function* counted(cells: Int32Array, to: number): Generator<number> {
  for (let value = 0; value < to; value += 1) {
    Atomics.add(cells, 0, 1);
    yield value;
  }
}

export async function* countedLater(cells: Int32Array, to: number): AsyncGenerator<number> {
  for (const value of counted(cells, to)) {
    await Promise.resolve();
    yield value;
  }
}

/** Yields 0, 1, …; goes on after each only when cell 0 has counted it. Cell 1 tells that it was closed. */
export async function* stepwise(cells: Int32Array, steps: number): AsyncGenerator<number> {
  try {
    for (let step = 0; step < steps; step += 1) {
      yield step;
      await reaches(cells, 0, step + 1);
    }
  } finally {
    Atomics.store(cells, 1, 1);
  }
}

/** Counts in cell 0 that it has begun, and ends when cell 1 is set. */
export async function heldUp(cells: Int32Array, result: string): Promise<string> {
  Atomics.add(cells, 0, 1);
  await reaches(cells, 1, 1);
  return result;
}

/** Counts in cell 0 that it has begun, and ends when it is told to; then it counts in cell 1. */
export async function untilAborted(cells: Int32Array): Promise<string> {
  const { signal } = taskContext();
  Atomics.add(cells, 0, 1);
  while (!signal.aborted) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  Atomics.add(cells, 1, 1);
  return 'ignored';
}

/** Counts in cell 0 how many run at once and keeps the most in cell 1; cell 2 counts the calls. */
export async function crowded(cells: Int32Array): Promise<void> {
  const present = Atomics.add(cells, 0, 1) + 1;
  if (present > Atomics.load(cells, 1)) Atomics.store(cells, 1, present);
  Atomics.add(cells, 2, 1);
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  Atomics.sub(cells, 0, 1);
}

export function contextNow(): { readonly id: string; readonly queue: string; readonly attempt: number } {
  const { id, queue, attempt } = taskContext();
  return { id, queue, attempt };
}

export function* contextsOfSteps(steps: number): Generator<string> {
  for (let step = 0; step < steps; step += 1) yield taskContext().id;
}

export async function contextTooLate(): Promise<string> {
  await Promise.resolve();
  return taskContext().id;
}
