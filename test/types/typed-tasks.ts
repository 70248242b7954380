/** What the type tests submit. Only looked at by the compiler: what is declared here does not exist at run time. */
import type { Handle, Queue, Scheduler, StreamHandle } from '../../src/index.js';

export declare const scheduler: Scheduler;
export declare const queue: Queue;
export declare const numeric: Handle<number>;
export declare const text: Handle<string>;
export declare const numbers: StreamHandle<number>;
export declare const matrix: Handle<Float64Array>;

export function double(n: number): number {
  return n * 2;
}

export function repeat(what: string, times?: number): string {
  return what.repeat(times ?? 2);
}

export function sum(...terms: number[]): number {
  return terms.reduce((a, b) => a + b, 0);
}

export function identity<T>(value: T): T {
  return value;
}

export function pair<A, B>(a: A, b: B): [A, B] {
  return [a, b];
}

export function* twoKinds(): Generator<number | string, void, undefined> {
  yield 1;
}

export async function* lines(): AsyncGenerator<string, void, undefined> {
  yield 'a';
}

/** An overloaded function: optional and rest parameters, and one parameter alike in two signatures. */
export declare function convert(text: string): Date;
export declare function convert(n: number, digits?: number): string;
export declare function convert(all: readonly number[], ...more: string[]): number[];
export declare function convert(n: number, how: { base: number }): bigint;

/** An overloaded function of two kinds. */
export declare function read(path: string): Promise<Uint8Array>;
export declare function read(path: string, encoding: 'utf8'): Generator<string, void, undefined>;

/** An overloaded function with a generic signature. */
export declare function first(text: string): string;
export declare function first<T extends object>(items: T): T[];
