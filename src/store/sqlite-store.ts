/** A store in a file: an SQLite database in WAL mode, and files beside it for large values. */
import { resolve } from 'node:path';
import * as v from 'valibot';
import { elementAt } from '../core/element-at.js';
import { SchedulerError, shown } from '../core/failures.js';
import type { KnownKind } from '../core/durations.js';
import type { Store, StoredRecord, StoreSession, StoreSetup } from '../core/store-port.js';
import type { Backing, Change, StoredValue } from './backing.js';
import { knownKind } from './known-kind.js';
import { partsOf, partsText } from './record-parts.js';
import { Session } from './session.js';
import { bytesIn, type Database, firstOf, type Row, type SqlValue, type Statement } from './sqlite-driver.js';
import { closeStoreFile, openStoreFile, storeError, storeId } from './sqlite-file.js';
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

/** Of the rest, each part is checked where it is used. */
const Rows = v.array(v.looseObject({ key: v.string() }));

/** How many rows are read at once, how many are held, and how long their bodies may be. */
const ROWS_AHEAD = 256;
const MOST_HELD = 64 * ROWS_AHEAD;
const BYTES_AHEAD = 1_024;

/** How many rows are written at once. */
const ROWS_AT_ONCE = 50;
const ROW = '(?, ?, ?, ?, ?, ?, ?, unixepoch(), ?)';

const ROW_OF_KEY = `
  SELECT rowid, key, queue, status, parts, fingerprint, sum, CASE WHEN bytes <= ${BYTES_AHEAD} THEN body END AS body
  FROM record WHERE key = ?`;

/** All of them as one text: for each row, the package that reads it costs more than SQLite. */
const ROWS_FROM = `
  SELECT json_group_array(json_object('rowid', rowid, 'key', key, 'queue', queue, 'status', status, 'parts', parts,
    'fingerprint', fingerprint, 'sum', sum, 'hex', CASE WHEN bytes <= ${BYTES_AHEAD} THEN hex(body) END)) AS rows
  FROM record WHERE rowid >= ? AND rowid < ?`;

/** The file as a backing. Every error is a `SchedulerError`. */
class SqliteBacking implements Backing {
  readonly id: string;
  readonly #path: string;
  readonly #database: Database;
  readonly #files: ValueFiles;
  readonly #statements = new Map<string, Statement>();
  /** Rows that were read ahead, by key. */
  readonly #ahead = new Map<string, Row>();
  #lastRead = Number.NaN;
  /** Known without a look-up: most runs of a new store submit all tasks before the first commit. */
  #hasRecords: boolean;
  #hasPartials: boolean;

  constructor(path: string, isEach: boolean) {
    this.#path = path;
    this.#database = openStoreFile(path, isEach);
    this.id = this.#guarded(() => storeId(this.#database));
    this.#files = new ValueFiles(path);
    this.#hasRecords = this.#guarded(() => this.#has('record'));
    this.#hasPartials = this.#guarded(() => this.#has('partial'));
  }

  #has(table: 'record' | 'partial'): boolean {
    return firstOf(this.#statement(`SELECT key FROM ${table} LIMIT 1`)) !== undefined;
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
      if (row === undefined || bodyIn(row) !== undefined) return this.#valueOf(row);
      return this.#valueOf(firstOf(this.#statement('SELECT sum, body FROM record WHERE key = ?'), key));
    });
  }

  /**
   * Without its body, if that is long. A program submits its tasks in an order that has to do with the one in which they ended, the same or
   * the reverse, so what was kept shortly before and after is read along.
   */
  #row(key: string): Row | undefined {
    const ahead = this.#ahead.get(key);
    if (ahead !== undefined) return ahead;
    const row = this.#hasRecords ? firstOf(this.#statement(ROW_OF_KEY), key) : undefined;
    if (row === undefined) return undefined;
    const rowid = Number(row['rowid']);
    const isNear = Math.abs(rowid - this.#lastRead) <= ROWS_AHEAD;
    this.#lastRead = rowid;
    if (isNear) this.#readAround(rowid);
    return row;
  }

  #readAround(rowid: number): void {
    if (this.#ahead.size >= MOST_HELD) this.#ahead.clear();
    const first = rowid - (rowid % ROWS_AHEAD);
    try {
      const text = firstOf(this.#statement(ROWS_FROM), first, first + ROWS_AHEAD)?.['rows'];
      for (const row of v.parse(Rows, JSON.parse(String(text)))) this.#ahead.set(row.key, row);
    } catch {
      // One of them is damaged: each is read by its key then, and that one is refused alone.
    }
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
    const bytes = bodyIn(row) ?? this.#files.read(sum);
    return bytes === undefined ? undefined : { bytes, sum };
  }

  durations(): readonly KnownKind[] {
    return this.#guarded(() =>
      this.#statement('SELECT name, stats FROM kind')
        .all()
        .map((row) => knownKind(row['name'], row['stats']))
        .filter((known) => known !== undefined),
    );
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
        for (let at = 0; at < changes.length; ) at += this.#applyFrom(changes, at);
        this.#database.exec('COMMIT');
      } catch (error) {
        this.#rollBack();
        throw error;
      }
    });
  }

  /** Returns how many it has applied: records that follow each other are written at once. */
  #applyFrom(changes: readonly Change[], at: number): number {
    const rows = changes.slice(at, at + ROWS_AT_ONCE).filter(isPut);
    const count = rows.length === ROWS_AT_ONCE ? ROWS_AT_ONCE : 1;
    if (count > 1) this.#put(rows);
    else this.#apply(elementAt(changes, at));
    return count;
  }

  #put(puts: readonly Put[]): void {
    const sql = `INSERT OR REPLACE INTO record VALUES ${puts.map(() => ROW).join()}`;
    this.#statement(sql).run(...puts.flatMap(columnsOf));
    this.#hasRecords = true;
    if (!this.#hasPartials) return;
    for (const { record } of puts) {
      if (record.status !== 'running') this.#statement('DELETE FROM partial WHERE key = ?').run(record.key);
    }
  }

  #apply(change: Change): void {
    switch (change.kind) {
      case 'put':
        this.#put([change]);
        return;
      case 'relabel': {
        const { record } = change;
        this.#statement('UPDATE record SET parts = ? WHERE key = ?').run(partsText(record), record.key);
        return;
      }
      case 'partial': {
        const { key, recipe, index, value } = change;
        this.#hasPartials = true;
        this.#statement('DELETE FROM partial WHERE key = ? AND recipe <> ?').run(key, recipe);
        const sql = 'INSERT OR REPLACE INTO partial VALUES (?, ?, ?, ?, unixepoch(), ?)';
        this.#statement(sql).run(key, recipe, index, value.sum, bodyOf(value));
        return;
      }
      case 'drop':
        this.#statement('DELETE FROM record WHERE key = ?').run(change.key);
        this.#statement('DELETE FROM partial WHERE key = ?').run(change.key);
        return;
      case 'durations': {
        const [name, stats] = change.known;
        this.#statement('INSERT OR REPLACE INTO kind VALUES (?, ?)').run(name, JSON.stringify(stats));
        return;
      }
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

type Put = Extract<Change, { readonly kind: 'put' }>;

function isPut(change: Change): change is Put {
  return change.kind === 'put';
}

/** In the order of the table, without the time. */
function columnsOf({ record, value }: Put): readonly SqlValue[] {
  const { key, queue, status, fingerprint } = record;
  const size = value?.bytes.length ?? 0;
  return [key, queue, status, partsText(record), fingerprint ?? null, value?.sum ?? null, size, bodyOf(value)];
}

/** The bytes in a row, which are hexadecimal where it was read with others. */
function bodyIn({ body, hex }: Row): Uint8Array | undefined {
  return typeof hex === 'string' ? Buffer.from(hex, 'hex') : bytesIn(body);
}

/** Large values are in files; the row has their name as `sum`. */
function bodyOf(value: StoredValue | undefined): Uint8Array | null {
  return value === undefined || isLarge(value) ? null : value.bytes;
}
