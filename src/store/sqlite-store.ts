/** A store in a file: an SQLite database in WAL mode, and files beside it for large values. */
import { resolve } from 'node:path';
import { elementAt } from '../core/element-at.js';
import { SchedulerError, shown } from '../core/failures.js';
import type { KnownKind } from '../core/durations.js';
import type { Store, StoredRecord, StoreSession, StoreSetup } from '../core/store-port.js';
import type { Backing, Change, StoredValue } from './backing.js';
import { checkedEntry, type Entry, entryIn, entryOf, isShort, recordIn, valueIn } from './entry.js';
import { knownKind } from './known-kind.js';
import { Session } from './session.js';
import { bytesIn, type Database, firstOf, type SqlValue, type Statement, textIn } from './sqlite-driver.js';
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

/** How many rows are read at once, and how many are held. */
const ROWS_AHEAD = 256;
const MOST_HELD = 64 * ROWS_AHEAD;

/** How many rows are written at once. */
const ROWS_AT_ONCE = 100;

/** All of them as one text: for each row, the package that reads it costs more than SQLite. */
const ENTRIES_FROM = `
  SELECT CAST(group_concat(entry, ',') AS BLOB) AS entries FROM record WHERE rowid >= ? AND rowid < ?`;

/** The file as a backing. Every error is a `SchedulerError`. */
class SqliteBacking implements Backing {
  readonly id: string;
  readonly #path: string;
  readonly #database: Database;
  readonly #files: ValueFiles;
  readonly #statements = new Map<string, Statement>();
  /** What was read ahead and not asked for yet, by key. */
  readonly #ahead = new Map<string, unknown>();
  #lastRead = Number.NaN;
  /** The entry that was asked for last: first its record is, then its value. */
  #last: Entry | undefined = undefined;
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
      const entry = this.#entry(key);
      return entry && recordIn(entry);
    });
  }

  value(key: string): StoredValue | undefined {
    return this.#guarded(() => {
      const entry = this.#entry(key);
      const bytes = valueIn(entry) ?? firstOf(this.#statement('SELECT body FROM record WHERE key = ?'), key)?.['body'];
      return this.#valueOf(entry?.sum, bytes);
    });
  }

  #entry(key: string): Entry | undefined {
    if (this.#last?.key === key) return this.#last;
    const ahead = this.#ahead.get(key);
    if (ahead === undefined) return (this.#last = this.#read(key));
    this.#ahead.delete(key);
    return (this.#last = checkedEntry(ahead, key));
  }

  /**
   * A program submits its tasks in an order that has to do with the one in which they ended, the same or the reverse, so what was kept
   * shortly before and after is read along.
   */
  #read(key: string): Entry | undefined {
    if (!this.#hasRecords) return undefined;
    const row = firstOf(this.#statement('SELECT rowid, entry FROM record WHERE key = ?'), key);
    if (row === undefined) return undefined;
    const rowid = Number(row['rowid']);
    const isNear = Math.abs(rowid - this.#lastRead) <= ROWS_AHEAD;
    this.#lastRead = rowid;
    if (isNear) this.#readAround(rowid);
    return entryIn(row['entry'], key);
  }

  #readAround(rowid: number): void {
    if (this.#ahead.size >= MOST_HELD) this.#ahead.clear();
    const first = rowid - (rowid % ROWS_AHEAD);
    try {
      const text = textIn(firstOf(this.#statement(ENTRIES_FROM), first, first + ROWS_AHEAD)?.['entries']);
      const entries: unknown = JSON.parse(`[${text}]`);
      if (Array.isArray(entries)) for (const entry of entries.filter(hasKey)) this.#ahead.set(entry.key, entry);
    } catch {
      // One of them is damaged: each is read by its key then, and that one is refused alone.
    }
  }

  partials(key: string, recipe: string): readonly StoredValue[] {
    return this.#guarded(() => {
      const sql = `SELECT place, CAST(sum AS BLOB) AS sum, body FROM partial WHERE key = ? AND recipe = ? ORDER BY place`;
      const values: StoredValue[] = [];
      for (const row of this.#statement(sql).all(key, recipe)) {
        const value = this.#valueOf(textIn(row['sum']), row['body']);
        if (row['place'] !== values.length || value === undefined) break;
        values.push(value);
      }
      return values;
    });
  }

  #valueOf(sum: string | null | undefined, body: unknown): StoredValue | undefined {
    if (typeof sum !== 'string') return undefined;
    const bytes = bytesIn(body) ?? this.#files.read(sum);
    return bytes === undefined ? undefined : { bytes, sum };
  }

  durations(): readonly KnownKind[] {
    return this.#guarded(() =>
      this.#statement('SELECT CAST(name AS BLOB) AS name, CAST(stats AS BLOB) AS stats FROM kind')
        .all()
        .map(({ name, stats }) => knownKind(textIn(name), textIn(stats)))
        .filter((known) => known !== undefined),
    );
  }

  write(changes: readonly Change[]): void {
    this.#ahead.clear();
    this.#last = undefined;
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
    const puts = changes.slice(at, at + ROWS_AT_ONCE).filter(isPut);
    if (puts.length === ROWS_AT_ONCE) {
      this.#put(puts);
      return ROWS_AT_ONCE;
    }
    this.#apply(elementAt(changes, at));
    return 1;
  }

  #put(puts: readonly Put[]): void {
    const sql = `INSERT OR REPLACE INTO record VALUES ${puts.map(() => '(?, unixepoch(), CAST(? AS BLOB), ?)').join()}`;
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
        const { bytes, sum, value } = this.#entry(record.key) ?? {};
        if (bytes === undefined) return;
        const entry = JSON.stringify({ ...entryOf(record), bytes, sum, value });
        this.#statement('UPDATE record SET entry = CAST(? AS BLOB) WHERE key = ?').run(entry, record.key);
        this.#last = undefined;
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

function hasKey(said: unknown): said is { readonly key: string } {
  return typeof said === 'object' && said !== null && 'key' in said && typeof said.key === 'string';
}

type Put = Extract<Change, { readonly kind: 'put' }>;

function isPut(change: Change): change is Put {
  return change.kind === 'put';
}

/** In the order of the table, without the time. */
function columnsOf({ record, value }: Put): readonly SqlValue[] {
  const isApart = value !== undefined && !isShort(value);
  return [record.key, JSON.stringify(entryOf(record, value)), isApart ? bodyOf(value) : null];
}

/** Large values are in files; the row has their name as `sum`. */
function bodyOf(value: StoredValue): Uint8Array | null {
  return isLarge(value) ? null : value.bytes;
}
