/**
 * A store in use: encodes and fingerprints, collects changes, and commits them in groups. The same over every backing.
 *
 * Invariants: what is asked for is answered from the changes not yet committed first; a change leaves memory only when its commit has
 * succeeded; between two commits there are at most `MOST_CHANGES` changes, unless commits fail.
 */
import { SchedulerError } from '../core/failures.js';
import type { DurationStats, KnownKind } from '../core/durations.js';
import type { TaskFunction } from '../core/ports.js';
import type { FunctionIdentity, StoredRecord, StoreSession, StoreSetup } from '../core/store-port.js';
import type { Backing, Change, StoredValue } from './backing.js';
import { digestOf } from '../system/digest.js';
import { decode } from './encoding/decode.js';
import { encode } from './encoding/encode.js';
import { functionIdentity } from './function-identity.js';

/** A commit comes at most so long after the first change, and with so many of them. */
const MOST_MS = 50;
const MOST_CHANGES = 1_000;

/** After a failed commit the next one is tried when so many times as many changes have come, or time has passed. */
const RETRY_MS = 1_000;

type Latest = Extract<Change, { readonly kind: 'put' | 'drop' | 'relabel' }>;

/** @internal */
export class Session implements StoreSession {
  readonly #backing: Backing;
  readonly #setup: StoreSetup;
  readonly #closed: () => void;
  #changes: Change[] = [];
  /** The last change of each key that has one. */
  readonly #latest = new Map<string, Latest>();
  #callOff: (() => void) | undefined = undefined;
  #hasFailed = false;
  /** What was learned since the last commit that succeeded. */
  readonly #learned = new Map<string, DurationStats>();

  /** `closed` is called when the backing has been closed. */
  constructor(backing: Backing, setup: StoreSetup, closed: () => void) {
    this.#backing = backing;
    this.#setup = setup;
    this.#closed = closed;
  }

  get id(): string {
    return this.#backing.id;
  }

  functionOf(fn: TaskFunction, version: string | undefined): FunctionIdentity {
    return functionIdentity(fn, version);
  }

  fingerprintOf(value: unknown, what: string, place?: (value: object) => number | undefined): string {
    return digestOf(encode(value, what, { place }).bytes);
  }

  digest(parts: readonly (string | undefined)[]): string {
    return digestOf(JSON.stringify(parts));
  }

  find(key: string): StoredRecord | undefined {
    const latest = this.#latest.get(key);
    if (latest === undefined) return this.#backing.record(key);
    return latest.kind === 'drop' ? undefined : latest.record;
  }

  valueOf(key: string): unknown {
    return this.#decoded(key, this.#value(key));
  }

  #value(key: string): StoredValue | undefined {
    const latest = this.#latest.get(key);
    if (latest?.kind === 'drop') return undefined;
    return latest?.kind === 'put' ? latest.value : this.#backing.value(key);
  }

  partialsOf(key: string, recipe: string): readonly unknown[] {
    if (this.#changes.length > 0) this.#tryToCommit();
    return this.#backing.partials(key, recipe).map((value) => this.#decoded(key, value));
  }

  #decoded(key: string, value: StoredValue | undefined): unknown {
    if (value !== undefined && digestOf(value.bytes) === value.sum) return decode(value.bytes);
    const what = value === undefined ? 'is missing' : 'is damaged: its checksum does not fit';
    throw new SchedulerError('StoreCorrupt', `the value kept for ${key} ${what}`);
  }

  keep(record: Omit<StoredRecord, 'fingerprint'>, value: unknown): string {
    if (record.status === 'running') {
      this.#take({ kind: 'put', record: { ...record, fingerprint: undefined }, value: undefined });
      return '';
    }
    const what = `the result of ${record.key}`;
    const { bytes, hasStacks } = encode(value, what, { withStacks: true });
    const sum = digestOf(bytes);
    const fingerprint = hasStacks ? this.fingerprintOf(value, what) : sum;
    const { key, queue, status, recipe, inputs } = record;
    this.#take({ kind: 'put', record: { key, queue, status, recipe, inputs, fingerprint }, value: { bytes, sum } });
    return fingerprint;
  }

  relabel(record: StoredRecord): void {
    const latest = this.#latest.get(record.key);
    if (latest?.kind === 'put') this.#take({ ...latest, record });
    else this.#take({ kind: 'relabel', record });
  }

  keepPartial(key: string, recipe: string, index: number, value: unknown): void {
    const { bytes } = encode(value, `result ${index} of ${key}`, { withStacks: true });
    this.#take({ kind: 'partial', key, recipe, index, value: { bytes, sum: digestOf(bytes) } });
  }

  drop(key: string): void {
    this.#take({ kind: 'drop', key });
  }

  durations(): readonly KnownKind[] {
    return this.#backing.durations();
  }

  commit(): void {
    for (const [name, stats] of this.#setup.learned?.() ?? []) this.#learned.set(name, stats);
    if (this.#changes.length + this.#learned.size === 0) return;
    this.#callOff?.();
    this.#callOff = undefined;
    try {
      this.#backing.write([...this.#changes, ...this.#durationChanges()]);
    } catch (error) {
      this.#hasFailed = true;
      this.#callOff = this.#setup.clock.after(RETRY_MS, this.#due);
      throw error;
    }
    this.#changes = [];
    this.#latest.clear();
    this.#learned.clear();
    this.#hasFailed = false;
  }

  #durationChanges(): readonly Change[] {
    return [...this.#learned].map((known) => ({ kind: 'durations', known }));
  }

  close(): void {
    try {
      this.commit();
    } finally {
      this.#callOff?.();
      this.#backing.close();
      this.#closed();
    }
  }

  #take(change: Exclude<Change, { readonly kind: 'durations' }>): void {
    this.#changes.push(change);
    if (change.kind === 'drop') this.#latest.set(change.key, change);
    else if (change.kind !== 'partial') this.#latest.set(change.record.key, change);
    if (this.#changes.length >= MOST_CHANGES && !this.#hasFailed) this.#tryToCommit();
    else this.#callOff ??= this.#setup.clock.after(this.#hasFailed ? RETRY_MS : MOST_MS, this.#due);
  }

  readonly #due = (): void => {
    this.#callOff = undefined;
    this.#tryToCommit();
  };

  #tryToCommit(): void {
    try {
      this.commit();
    } catch (error) {
      this.#setup.failed(error);
    }
  }
}
