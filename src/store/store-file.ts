/**
 * The file of a store seen from outside of a run: what it has, what is to be forgotten, whether it is whole. For the command `pullgraph
 * store`; it takes the lock, so that it cannot meet a run.
 */
import { existsSync } from 'node:fs';
import * as v from 'valibot';
import type { Recipe, StoredStatus } from '../core/store-port.js';
import { SchedulerError, shown } from '../core/failures.js';
import { digestOf } from '../system/digest.js';
import { decode } from './encoding/decode.js';
import { partsOf } from './record-parts.js';
import { bytesIn, type Database, type Row, type SqlValue, type Statement } from './sqlite-driver.js';
import { closeStoreFile, openStoreFile, storeError } from './sqlite-file.js';
import { ValueFiles } from './value-files.js';

/** One record, as a list shows it. @internal */
export interface ListedRecord {
  readonly key: string;
  readonly queue: string;
  readonly status: StoredStatus;
  /** Of its value. */
  readonly bytes: number;
  /** When it was kept, in seconds since 1970. */
  readonly at: number;
}

/** What `gc` has removed. @internal */
export interface Collected {
  readonly records: number;
  readonly bytes: number;
}

/** The seconds that a `Date` can represent lie within this of 1970. */
const MOST_S = 8.64e12;

/** How many rows are read at once where all are read. */
const ROWS_AT_ONCE = 256;

const Listed = v.object({
  key: v.string(),
  queue: v.string(),
  status: v.picklist(['done', 'failed', 'running', 'forgotten']),
  bytes: v.number(),
  at: v.pipe(v.number(), v.minValue(-MOST_S), v.maxValue(MOST_S)),
});

const COLUMNS = 'key, queue, status, bytes, at';

/** An open file; to be closed. Every error is a `SchedulerError`. @internal */
export class StoreFile {
  readonly #path: string;
  readonly #database: Database;
  readonly #files: ValueFiles;

  readonly #statements = new Map<string, Statement>();

  /** @throws SchedulerError `StoreInUse`, `StoreUnavailable`, `StoreCorrupt`, `MissingPackage`. */
  constructor(path: string) {
    // Opening it would make one.
    if (!existsSync(path)) throw new SchedulerError('StoreUnavailable', `there is no store ${path}`);
    this.#path = path;
    this.#database = openStoreFile(path, true);
    this.#files = new ValueFiles(path);
  }

  /** Those that are not forgotten, the newest last. */
  list(): readonly ListedRecord[] {
    return this.#rows(`SELECT ${COLUMNS} FROM record WHERE status <> 'forgotten' ORDER BY at, key`).map(listed);
  }

  /** Undefined for a key that the store does not have. */
  recipe(key: string): Recipe | undefined {
    const row = this.#rows('SELECT parts FROM record WHERE key = ?', key)[0];
    return row === undefined ? undefined : partsOf(key, row['parts']).recipe;
  }

  /** @throws SchedulerError `StoreCorrupt` if it is missing, or is not what was kept. */
  value(key: string): unknown {
    return this.#valueIn(key, this.#rows('SELECT sum, body FROM record WHERE key = ?', key)[0]);
  }

  #valueIn(key: string, row: Row | undefined): unknown {
    const sum = row?.['sum'];
    const bytes = bytesIn(row?.['body']) ?? (typeof sum === 'string' ? this.#files.read(sum) : undefined);
    if (bytes !== undefined && digestOf(bytes) === sum) return decode(bytes);
    throw new SchedulerError('StoreCorrupt', `the value of ${key} is ${bytes === undefined ? 'missing' : 'damaged'}`);
  }

  /** Deletes the value, so that the task runs again; the key stays, to say why. Returns whether it was there. */
  forget(key: string): boolean {
    if (this.#rows("SELECT key FROM record WHERE key = ? AND status <> 'forgotten'", key).length === 0) return false;
    this.#atOnce(() => {
      this.#run(
        "UPDATE record SET status = 'forgotten', fingerprint = NULL, sum = NULL, bytes = 0, body = NULL WHERE key = ?",
        key,
      );
      this.#run('DELETE FROM partial WHERE key = ?', key);
    });
    return true;
  }

  /**
   * Removes what was kept more than `maxAgeS` seconds ago, then the oldest until the values take at most `maxBytes`, then files of none.
   * Marks of tasks that were running stay: they are what `onInterrupted: 'fail'` goes by.
   */
  gc({
    maxAgeS,
    maxBytes,
  }: {
    readonly maxAgeS?: number | undefined;
    readonly maxBytes?: number | undefined;
  }): Collected {
    const doomed: ListedRecord[] = [];
    const kept: ListedRecord[] = [];
    const all = this.#rows(`SELECT ${COLUMNS} FROM record WHERE status <> 'running' ORDER BY at, key`).map(listed);
    const now = Number(this.#rows('SELECT unixepoch() AS now')[0]?.['now']);
    for (const record of all) (maxAgeS !== undefined && now - record.at > maxAgeS ? doomed : kept).push(record);
    let total = kept.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const record of kept) {
      if (maxBytes === undefined || total <= maxBytes) break;
      doomed.push(record);
      total -= record.bytes;
    }
    this.#atOnce(() => {
      for (const { key } of doomed) {
        this.#run('DELETE FROM record WHERE key = ?', key);
        this.#run('DELETE FROM partial WHERE key = ?', key);
      }
      if (maxAgeS !== undefined) this.#run('DELETE FROM partial WHERE at < ?', now - maxAgeS);
    });
    const sums = this.#rows('SELECT sum FROM record UNION SELECT sum FROM partial').map(({ sum }) => sum);
    const needed = new Set(sums);
    const swept = this.#files.sweep((sum) => needed.has(sum));
    this.#guarded(() => this.#database.exec('VACUUM'));
    return {
      records: doomed.length,
      bytes: Math.max(
        swept,
        doomed.reduce((sum, { bytes }) => sum + bytes, 0),
      ),
    };
  }

  /** Reads everything. Returns how many records there are, the forgotten ones left out, and what is wrong, a line each. */
  verify(): { readonly records: number; readonly wrong: readonly string[] } {
    const word = Object.values(this.#rows('PRAGMA integrity_check')[0] ?? {})[0];
    const wrong = word === 'ok' ? [] : [`the database: ${String(word)}`];
    let records = 0;
    const sql = `SELECT rowid, * FROM record WHERE rowid > ? AND status <> 'forgotten' ORDER BY rowid LIMIT ${ROWS_AT_ONCE}`;
    for (let rows = this.#rows(sql, -1); rows.length > 0; rows = this.#rows(sql, Number(rows.at(-1)?.['rowid']))) {
      for (const row of rows) {
        records += 1;
        try {
          const { key, status } = listed(row);
          partsOf(key, row['parts']);
          if (status === 'done' || status === 'failed') this.#valueIn(key, row);
        } catch (error) {
          wrong.push(error instanceof Error ? error.message : `${shown(row['key'])} cannot be read`);
        }
      }
    }
    return { records, wrong };
  }

  close(): void {
    this.#guarded(() => closeStoreFile(this.#path, this.#database));
  }

  #rows(sql: string, ...values: readonly SqlValue[]): readonly Row[] {
    return this.#guarded(() => this.#statement(sql).all(...values));
  }

  #run(sql: string, ...values: readonly SqlValue[]): void {
    this.#guarded(() => void this.#statement(sql).run(...values));
  }

  #statement(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, (statement = this.#database.prepare(sql)));
    return statement;
  }

  /** All of it or nothing. What fails is rolled back when the file is closed. */
  #atOnce(work: () => void): void {
    this.#guarded(() => this.#database.exec('BEGIN IMMEDIATE'));
    work();
    this.#guarded(() => this.#database.exec('COMMIT'));
  }

  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw storeError(this.#path, error);
    }
  }
}

/** @throws SchedulerError `StoreCorrupt`. */
function listed(row: Row): ListedRecord {
  const read = v.safeParse(Listed, row);
  if (read.success) return read.output;
  throw new SchedulerError('StoreCorrupt', `what the store has under ${shown(row['key'])} is no record`);
}
