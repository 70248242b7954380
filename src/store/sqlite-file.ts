/**
 * The database of a store: its format, its lock, and one clear error for what can be wrong with it.
 *
 * The lock is SQLite's own, taken when the file is opened and held until it is closed, so that it ends with the process. A file beside the
 * database says who holds it, for the message alone.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, SchedulerError } from '../core/failures.js';
import { isInstance } from '../core/user-value.js';
import { type Database, firstOf, openDatabase, textIn, troubleOf } from './sqlite-driver.js';

/** The version of the format, kept as the database's `user_version`. */
const FORMAT = 2;

/**
 * How long the lock is tried for. Of several that try at the same moment, each may be in the way of the others; by then those that cannot
 * have it have given up at least once.
 */
const BUSY_MS = 200;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS record (key TEXT PRIMARY KEY, at INTEGER NOT NULL, entry BLOB NOT NULL, body BLOB);
  CREATE TABLE IF NOT EXISTS partial (
    key TEXT NOT NULL, recipe TEXT NOT NULL, place INTEGER NOT NULL, sum TEXT NOT NULL, at INTEGER NOT NULL,
    body BLOB,
    PRIMARY KEY (key, place)
  ) WITHOUT ROWID;
  PRAGMA user_version = ${FORMAT};
`;

/** Format 1 had columns for what is one text now. A record that is damaged is left out: its task runs again. */
const FROM_FORMAT_1 = `
  ALTER TABLE record RENAME TO record1;
  ${SCHEMA}
  INSERT INTO record SELECT key, at, CAST(json_patch(parts, json_object(
    'key', key, 'queue', queue, 'status', status, 'bytes', bytes, 'sum', sum, 'fingerprint', fingerprint)) AS BLOB), body
    FROM record1 WHERE json_valid(parts) ORDER BY rowid;
  DROP TABLE record1;
`;

/** What is known of durations. A file without it is of the same format: it is added, and left alone by versions that do not know it. */
const KINDS = 'CREATE TABLE IF NOT EXISTS kind (name TEXT PRIMARY KEY, stats TEXT NOT NULL) WITHOUT ROWID';

/** The store has an id, which a copy of its file shares. Versions before it had one leave the table alone. */
const IDENTITY = `
  CREATE TABLE IF NOT EXISTS identity (id TEXT NOT NULL);
  INSERT INTO identity SELECT lower(hex(randomblob(16))) WHERE NOT EXISTS (SELECT 1 FROM identity);
`;

/** The id of an open store. @internal */
export function storeId(database: Database): string {
  return textIn(firstOf(database.prepare('SELECT CAST(id AS BLOB) AS id FROM identity'))?.['id']);
}

/**
 * Opens the database of a store, makes it if there is none, and locks it.
 *
 * @throws SchedulerError `StoreInUse`, `StoreUnavailable`, `StoreCorrupt`, `MissingPackage`.
 * @internal
 */
export function openStoreFile(path: string, isEach: boolean): Database {
  let database: Database | undefined;
  try {
    database = openDatabase(path);
    database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    // Takes the lock, which is kept. A change of the journal's mode would not wait for it.
    database.exec('BEGIN EXCLUSIVE');
    database.exec('COMMIT');
    database.exec('PRAGMA journal_mode = WAL');
    // With WAL, `NORMAL` loses nothing when the process dies; `FULL` loses nothing when the computer does.
    database.exec(`PRAGMA synchronous = ${isEach ? 'FULL' : 'NORMAL'}`);
    database.exec('BEGIN IMMEDIATE');
    const found = Number(firstOf(database.prepare('PRAGMA user_version'))?.['user_version']);
    if (found > FORMAT) throw tooNew(path, found);
    if (found < FORMAT) database.exec(found === 1 ? FROM_FORMAT_1 : SCHEMA);
    database.exec(KINDS);
    database.exec(IDENTITY);
    database.exec('COMMIT');
    writeFileSync(pidFile(path), String(process.pid));
    return database;
  } catch (error) {
    if (database !== undefined) abandon(database);
    throw storeError(path, error);
  }
}

/** Closes a database that could not be taken into use. */
function abandon(database: Database): void {
  try {
    database.exec('ROLLBACK');
  } catch {
    // No transaction was open.
  }
  database.close();
}

/**
 * Closes the database and gives the lock back. It has to be given back by hand: libsql closes the file only when the last statement has
 * been collected. What was committed is then in the one file.
 *
 * @internal
 */
export function closeStoreFile(path: string, database: Database): void {
  rmSync(pidFile(path), { force: true });
  try {
    database.exec('PRAGMA journal_mode = DELETE');
    database.exec('PRAGMA locking_mode = NORMAL');
    // The lock is given back with the next access.
    database.exec('SELECT count(*) FROM sqlite_schema');
  } finally {
    database.close();
  }
}

function tooNew(path: string, found: number): SchedulerError {
  const message = `the store ${path} has format ${found}, which a newer pullgraph has written; this one reads up to ${FORMAT}`;
  return new SchedulerError('StoreUnavailable', message);
}

/** What went wrong with the store, as one of its errors. @internal */
export function storeError(path: string, cause: unknown): SchedulerError {
  if (isInstance(cause, SchedulerError)) return cause;
  const trouble = troubleOf(cause);
  switch (trouble) {
    case 'busy':
      return new SchedulerError('StoreInUse', `the store ${path} is in use by ${holderOf(path)}`, { cause });
    case 'corrupt': {
      const message = `the store ${path} is damaged, or is no store: ${describe(cause)}; delete it to begin anew`;
      return new SchedulerError('StoreCorrupt', message, { cause });
    }
    case 'full':
      return unavailable(path, 'the disk is full', cause);
    case 'readonly':
      return unavailable(path, 'it cannot be written', cause);
    case 'unopened':
      return unavailable(path, 'it cannot be opened; its folder must be there, and be writable', cause);
    case 'other':
      return unavailable(path, describe(cause), cause);
  }
}

function unavailable(path: string, why: string, cause: unknown): SchedulerError {
  return new SchedulerError('StoreUnavailable', `the store ${path} cannot be used: ${why}`, { cause });
}

function holderOf(path: string): string {
  try {
    const pid = readFileSync(pidFile(path), 'utf8').trim();
    return pid === String(process.pid) ? 'another scheduler of this process' : `process ${pid}`;
  } catch {
    return 'another process';
  }
}

function pidFile(path: string): string {
  return `${path}-pid`;
}
