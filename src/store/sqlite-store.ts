/** A store in a file: an SQLite database in WAL mode, and files beside it for large values. */
import { resolve } from 'node:path';
import * as v from 'valibot';
import { SchedulerError, shown } from '../core/failures.js';
import type { Store, StoredRecord, StoreSession, StoreSetup } from '../core/store-port.js';
import type { Backing, Change, StoredValue } from './backing.js';
import { partsOf, partsText } from './record-parts.js';
import { Session } from './session.js';
import { bytesIn, type Database, firstOf, type Row, type Statement } from './sqlite-driver.js';
import { closeStoreFile, openStoreFile, storeError } from './sqlite-file.js';
import { MOST_BYTES_IN_ROW, ValueFiles } from './value-files.js';

/**
 * A store in the file `path`, which is made if there is none; its folder must exist. It is opened by the scheduler that it is given to,
 * and is that scheduler's alone until it is closed. Beside the file there are SQLite's own (`-wal`), `-pid`, and a folder `-values`.
 *
 * @throws SchedulerError `InvalidArgument` for a path that is no string.
 * @public
 */
export function sqliteStore(path: string): Store {
  if (typeof path !== 'string' || path === '') {
    throw new SchedulerError('InvalidArgument', `sqliteStore takes the path of a file, got ${shown(path)}`);
  }
  const name = resolve(path);
  return {
    name,
    _open(setup: StoreSetup): StoreSession {
      return new Session(new SqliteBacking(name, setup.durability === 'each'), setup, () => undefined);
    },
  };
}

const RecordRow = v.object({
  key: v.string(),
  queue: v.string(),
  status: v.picklist(['done', 'failed', 'running', 'forgotten']),
  parts: v.string(),
  fingerprint: v.nullable(v.string()),
});

/** How many rows are read at once, and how long their bodies may be. */
const ROWS_AHEAD = 256;
const BYTES_AHEAD = 4_096;

const ROWS = `
  SELECT rowid, key, queue, status, parts, fingerprint, sum, CASE WHEN bytes <= ${BYTES_AHEAD} THEN body END AS body
  FROM record`;

/** The file as a backing. Every error is a `SchedulerError`. */
class SqliteBacking implements Backing {
  readonly #path: string;
  readonly #database: Database;
  readonly #files: ValueFiles;
  readonly #statements = new Map<string, Statement>();
  /** Rows that were read ahead, by key. */
  readonly #ahead = new Map<string, Row>();
  #lastRead = Number.NaN;

  constructor(path: string, isEach: boolean) {
    this.#path = path;
    this.#database = openStoreFile(path, isEach);
    this.#files = new ValueFiles(path);
  }

  record(key: string): StoredRecord | undefined {
    return this.#guarded(() => {
      const row = this.#row(key);
      if (row === undefined) return undefined;
      const read = v.safeParse(RecordRow, row);
      if (!read.success) throw new SchedulerError('StoreCorrupt', `what the store has under ${key} is no record`);
      const { queue, status, parts, fingerprint } = read.output;
      return { key, queue, status, ...partsOf(key, parts), fingerprint: fingerprint ?? undefined };
    });
  }

  value(key: string): StoredValue | undefined {
    return this.#guarded(() => {
      const row = this.#row(key);
      if (row === undefined || bytesIn(row['body']) !== undefined) return this.#valueOf(row);
      return this.#valueOf(firstOf(this.#statement('SELECT sum, body FROM record WHERE key = ?'), key));
    });
  }

  /** Without its body, if that is long. A program submits its tasks in the same order again, so what was kept next is read along. */
  #row(key: string): Row | undefined {
    const ahead = this.#ahead.get(key);
    if (ahead !== undefined) return ahead;
    const row = firstOf(this.#statement(`${ROWS} WHERE key = ?`), key);
    if (row === undefined) return undefined;
    const isNext = row['rowid'] === this.#lastRead + 1;
    this.#ahead.clear();
    this.#readAhead(row);
    if (!isNext) return row;
    const next = this.#statement(`${ROWS} WHERE rowid > ? ORDER BY rowid LIMIT ${ROWS_AHEAD}`);
    for (const other of next.all(this.#lastRead)) this.#readAhead(other);
    return row;
  }

  #readAhead(row: Row): void {
    if (typeof row['key'] === 'string') this.#ahead.set(row['key'], row);
    this.#lastRead = Number(row['rowid']);
  }

  partials(key: string, recipe: string): readonly StoredValue[] {
    return this.#guarded(() => {
      const sql = 'SELECT place, sum, body FROM partial WHERE key = ? AND recipe = ? ORDER BY place';
      const values: StoredValue[] = [];
      for (const row of this.#statement(sql).all(key, recipe)) {
        const value = this.#valueOf(row);
        if (row['place'] !== values.length || value === undefined) break;
        values.push(value);
      }
      return values;
    });
  }

  #valueOf(row: Row | undefined): StoredValue | undefined {
    const sum = row?.['sum'];
    if (row === undefined || typeof sum !== 'string') return undefined;
    const bytes = bytesIn(row['body']) ?? this.#files.read(sum);
    return bytes === undefined ? undefined : { bytes, sum };
  }

  write(changes: readonly Change[]): void {
    this.#ahead.clear();
    this.#guarded(() => {
      // Files first: a record whose file is missing would be worth nothing.
      for (const change of changes) {
        if ('value' in change && change.value !== undefined && isLarge(change.value)) this.#files.write(change.value);
      }
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        for (const change of changes) this.#apply(change);
        this.#database.exec('COMMIT');
      } catch (error) {
        this.#rollBack();
        throw error;
      }
    });
  }

  #apply(change: Change): void {
    switch (change.kind) {
      case 'put': {
        const { key, queue, status, fingerprint } = change.record;
        const { value } = change;
        this.#statement('INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?, ?, ?, unixepoch(), ?)').run(
          key,
          queue,
          status,
          partsText(change.record),
          fingerprint ?? null,
          value?.sum ?? null,
          value?.bytes.length ?? 0,
          bodyOf(value),
        );
        if (status !== 'running') this.#statement('DELETE FROM partial WHERE key = ?').run(key);
        return;
      }
      case 'relabel': {
        const { record } = change;
        this.#statement('UPDATE record SET parts = ? WHERE key = ?').run(partsText(record), record.key);
        return;
      }
      case 'partial': {
        const { key, recipe, index, value } = change;
        this.#statement('DELETE FROM partial WHERE key = ? AND recipe <> ?').run(key, recipe);
        const sql = 'INSERT OR REPLACE INTO partial VALUES (?, ?, ?, ?, unixepoch(), ?)';
        this.#statement(sql).run(key, recipe, index, value.sum, bodyOf(value));
        return;
      }
      case 'drop':
        this.#statement('DELETE FROM record WHERE key = ?').run(change.key);
        this.#statement('DELETE FROM partial WHERE key = ?').run(change.key);
        return;
      default:
        change satisfies never;
    }
  }

  close(): void {
    this.#guarded(() => closeStoreFile(this.#path, this.#database));
  }

  #rollBack(): void {
    try {
      this.#database.exec('ROLLBACK');
    } catch {
      // SQLite has rolled back by itself, as it does when the disk is full.
    }
  }

  #statement(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, (statement = this.#database.prepare(sql)));
    return statement;
  }

  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw storeError(this.#path, error);
    }
  }
}

function isLarge({ bytes }: StoredValue): boolean {
  return bytes.length > MOST_BYTES_IN_ROW;
}

/** Large values are in files; the row has their name as `sum`. */
function bodyOf(value: StoredValue | undefined): Uint8Array | null {
  return value === undefined || isLarge(value) ? null : value.bytes;
}
