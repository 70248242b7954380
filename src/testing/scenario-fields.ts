/** Reads and validates single fields of untrusted data. Errors name the field, the expectation and the value. */
import { SchedulerError, shown } from '../core/failures.js';

/** @internal */
export function readRecord(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return Object.fromEntries(Object.entries(value));
  throw unexpected(where, 'an object', value);
}

/** @internal */
export function readArray(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw unexpected(where, 'an array', value);
}

/** A non-empty string. @internal */
export function readString(value: unknown, where: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw unexpected(where, 'a non-empty string', value);
}

/** An array of non-empty strings. @internal */
export function readStrings(value: unknown, where: string): readonly string[] {
  return readArray(value, where).map((item, index) => readString(item, `${where}[${index}]`));
}

/** @internal */
export function readBoolean(value: unknown, where: string): boolean {
  if (typeof value === 'boolean') return value;
  throw unexpected(where, 'true or false', value);
}

/** A safe integer of at least `least`. @internal */
export function readInteger(value: unknown, where: string, least = -Infinity): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value;
  throw unexpected(where, least === -Infinity ? 'an integer' : `an integer of at least ${least}`, value);
}

/** Finite amounts of at least 0, by name. @internal */
export function readAmounts(value: unknown, where: string): Readonly<Record<string, number>> {
  const amounts = Object.entries(readRecord(value, where));
  return Object.fromEntries(amounts.map(([name, amount]) => [name, readAmount(amount, `${where}.${name}`)]));
}

function readAmount(value: unknown, where: string): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  throw unexpected(where, 'a finite number of at least 0', value);
}

function unexpected(where: string, expected: string, value: unknown): SchedulerError {
  return new SchedulerError('InvalidArgument', `${where}: expected ${expected}, got ${shown(value)}`);
}
