/**
 * SQLite as the running Node has it: `node:sqlite` (22.13 and later), else the package `libsql`. This file alone knows the difference.
 * Both are synchronous; their errors are told apart here by SQLite's own result codes.
 */
import { createRequire } from 'node:module';
import { requiredPackage } from '../core/needed-package.js';
import { isInstance } from '../core/user-value.js';

/** A value of a column, or of a parameter. @internal */
export type SqlValue = string | number | null | Uint8Array;

/** A row by column. @internal */
export type Row = Readonly<Record<string, unknown>>;

/** @internal */
export interface Statement {
  run(...values: readonly SqlValue[]): unknown;
  all(...values: readonly SqlValue[]): readonly Row[];
}

/** @internal */
export interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

type DatabaseClass = new (path: string) => Database;

/**
 * The first row, undefined if there is none. Neither package's own `get` is used: libsql's leaves the statement open, and with it a lock.
 *
 * @internal
 */
export function firstOf(statement: Statement, ...values: readonly SqlValue[]): Row | undefined {
  return statement.all(...values)[0];
}

/** The bytes of a column: one package returns them as an array of bytes, the other as a buffer. @internal */
export function bytesIn(column: unknown): Uint8Array | undefined {
  if (isInstance(column, Uint8Array)) return column;
  return isInstance(column, ArrayBuffer) ? new Uint8Array(column) : undefined;
}

/**
 * The text of a column that is read as bytes: libsql ends the process where a text is not UTF-8, as one that is damaged may be.
 *
 * @internal
 */
export function textIn(column: unknown): string {
  const bytes = bytesIn(column);
  return bytes === undefined ? '' : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
}

/** What is wrong, by SQLite's result codes. @internal */
export type SqliteTrouble = 'busy' | 'corrupt' | 'full' | 'readonly' | 'unopened' | 'other';

/** @throws SchedulerError `MissingPackage`; an error of SQLite's own, to be told apart by `troubleOf`. @internal */
export function openDatabase(path: string): Database {
  return new (databaseClass())(path);
}

function databaseClass(): DatabaseClass {
  const builtIn = process.getBuiltinModule('node:sqlite') as { readonly DatabaseSync: DatabaseClass } | undefined;
  if (builtIn !== undefined) return builtIn.DatabaseSync;
  const user = 'sqliteStore on a Node before 22.13';
  return requiredPackage('libsql', user, () => createRequire(import.meta.url)('libsql') as DatabaseClass);
}

/** By the primary result code. */
const TROUBLES: Readonly<Record<number, SqliteTrouble>> = {
  5: 'busy',
  6: 'busy',
  8: 'readonly',
  11: 'corrupt',
  13: 'full',
  14: 'unopened',
  26: 'corrupt',
};

/** libsql names the codes. */
const NAMED: Readonly<Record<string, number>> = {
  SQLITE_BUSY: 5,
  SQLITE_LOCKED: 6,
  SQLITE_READONLY: 8,
  SQLITE_CORRUPT: 11,
  SQLITE_FULL: 13,
  SQLITE_NOTADB: 26,
};

/** @internal */
export function troubleOf(error: unknown): SqliteTrouble {
  if (!isInstance(error, Error)) return 'other';
  if ('errcode' in error && typeof error.errcode === 'number') return TROUBLES[error.errcode & 255] ?? 'other';
  // libsql's constructor gives the code in its message alone.
  if (error.message.startsWith('ConnectionFailed') && /: 14\b/.test(error.message)) return 'unopened';
  const name = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const named = Object.keys(NAMED).find((each) => name.startsWith(each));
  return named === undefined ? 'other' : (TROUBLES[NAMED[named] ?? 0] ?? 'other');
}
