/**
 * The file of a store seen from outside of a run: what it has, what is to be forgotten, whether it is whole. For the command `pullgraph
 * store`; it takes the lock, so that it cannot meet a run.
 */
import { existsSync } from 'node:fs';
import * as v from 'valibot';
import type { Recipe, StoredStatus } from '../core/store-port.js';
import { SchedulerError } from '../core/failures.js';
import { digestOf } from '../system/digest.js';
import { decode } from './encoding/decode.js';
import { type Entry, entryIn, noRecord, recordIn, valueIn } from './entry.js';
import { bytesIn, type Database, type Row, type SqlValue, type Statement, textIn } from './sqlite-driver.js';
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

const Time = v.pipe(v.number(), v.minValue(-MOST_S), v.maxValue(MOST_S));

/** The key as bytes: it may be damaged. */
const PAGE = `
  SELECT rowid, CAST(key AS BLOB) AS name, at, entry FROM record WHERE rowid > ? ORDER BY rowid LIMIT ${ROWS_AT_ONCE}`;

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
    return this.#listed().filter(({ status }) => status !== 'forgotten');
  }

  /** All of them, the newest last. */
  #listed(): readonly ListedRow[] {
    const rows = Array.from(this.#all(), listed);
    return rows.toSorted((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
  }

  *#all(): Iterable<Row> {
    for (let page = this.#rows(PAGE, -1); page.length > 0; page = this.#rows(PAGE, Number(page.at(-1)?.['rowid']))) {
      yield* page;
    }
  }

  /** Undefined for a key that the store does not have. */
  recipe(key: string): Recipe | undefined {
    const row = this.#row(key);
    return row && recordIn(entryIn(row['entry'], key)).recipe;
  }

  /** @throws SchedulerError `StoreCorrupt` if it is missing, or is not what was kept. */
  value(key: string): unknown {
    const row = this.#row(key);
    return this.#valueIn(key, row, row && entryIn(row['entry'], key));
  }

  #row(key: string): Row | undefined {
    return this.#rows('SELECT rowid, entry FROM record WHERE key = ?', key)[0];
  }

  #valueIn(key: string, row: Row | undefined, entry: Entry | undefined): unknown {
    const sum = entry?.sum;
    const bytes = valueIn(entry) ?? this.#bodyOf(row) ?? (typeof sum === 'string' ? this.#files.read(sum) : undefined);
    if (bytes !== undefined && digestOf(bytes) === sum) return decode(bytes);
    throw new SchedulerError('StoreCorrupt', `the value of ${key} is ${bytes === undefined ? 'missing' : 'damaged'}`);
  }

  #bodyOf(row: Row | undefined): Uint8Array | undefined {
    if (row === undefined) return undefined;
    return bytesIn(this.#rows('SELECT body FROM record WHERE rowid = ?', Number(row['rowid']))[0]?.['body']);
  }

  /** Deletes the value, so that the task runs again; the key stays, to say why. Returns whether it was there. */
  forget(key: string): boolean {
    const row = this.#row(key);
    const entry = row && entryIn(row['entry'], key);
    if (entry === undefined || entry.status === 'forgotten') return false;
    const { fingerprint: _fingerprint, sum: _sum, value: _value, ...rest } = entry;
    const forgotten: Entry = { ...rest, status: 'forgotten', bytes: 0 };
    this.#atOnce(() => {
      const sql = 'UPDATE record SET entry = CAST(? AS BLOB), body = NULL WHERE key = ?';
      this.#run(sql, JSON.stringify(forgotten), key);
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
    const all = this.#listed();
    const kept = all.filter(({ status }) => status !== 'running');
    const now = Number(this.#rows('SELECT unixepoch() AS now')[0]?.['now']);
    const doomed = new Set(kept.filter(({ at }) => maxAgeS !== undefined && now - at > maxAgeS));
    let total = kept.reduce((sum, row) => sum + (doomed.has(row) ? 0 : row.bytes), 0);
    for (const row of kept) {
      if (maxBytes === undefined || total <= maxBytes) break;
      if (doomed.has(row)) continue;
      doomed.add(row);
      total -= row.bytes;
    }
    this.#atOnce(() => {
      for (const { rowid, key } of doomed) {
        this.#run('DELETE FROM record WHERE rowid = ?', rowid);
        this.#run('DELETE FROM partial WHERE key = ?', key);
      }
      if (maxAgeS !== undefined) this.#run('DELETE FROM partial WHERE at < ?', now - maxAgeS);
    });
    const ofPartials = this.#rows('SELECT CAST(sum AS BLOB) AS sum FROM partial').map(({ sum }) => textIn(sum));
    const needed = new Set([...all.filter((row) => !doomed.has(row)).map(({ sum }) => sum), ...ofPartials]);
    const swept = this.#files.sweep((sum) => needed.has(sum));
    this.#guarded(() => this.#database.exec('VACUUM'));
    return {
      records: doomed.size,
      bytes: Math.max(
        swept,
        [...doomed].reduce((sum, { bytes }) => sum + bytes, 0),
      ),
    };
  }

  /** Reads everything. Returns how many records there are, the forgotten ones left out, and what is wrong, a line each. */
  verify(): { readonly records: number; readonly wrong: readonly string[] } {
    const word = Object.values(this.#rows('PRAGMA integrity_check')[0] ?? {})[0];
    const wrong = word === 'ok' ? [] : [`the database: ${String(word)}`];
    let records = 0;
    for (const row of this.#all()) {
      try {
        const entry = entryAt(row);
        if (entry.status === 'forgotten') continue;
        if (entry.status !== 'running') this.#valueIn(entry.key, row, entry);
      } catch (error) {
        wrong.push(error instanceof Error ? error.message : `row ${String(row['rowid'])} cannot be read`);
      }
      records += 1;
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

/** As a list shows it, and where it lies. */
interface ListedRow extends ListedRecord {
  readonly rowid: number;
  readonly sum: string | null | undefined;
}

/** The entry of a row of a page, which has a time. @throws SchedulerError `StoreCorrupt`. */
function entryAt({ name, at, entry }: Row): Entry {
  const read = entryIn(entry, textIn(name));
  if (!v.is(Time, at)) throw noRecord(read.key);
  return read;
}

/** @throws SchedulerError `StoreCorrupt`. */
function listed(row: Row): ListedRow {
  const { key, queue, status, bytes, sum } = entryAt(row);
  return { rowid: Number(row['rowid']), key, queue, status, bytes, sum, at: Number(row['at']) };
}
