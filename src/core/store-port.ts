/**
 * The store as a port: where the outcomes of tasks are kept, so that another run can have them. The runtime knows only this; the
 * adapters are in src/store.
 *
 * Invariant: every call is synchronous, because `submit` is. What is handed over is kept in memory until it is committed.
 */
import type { KnownKind } from './durations.js';
import type { Clock, TaskFunction } from './ports.js';

/**
 * What a result was made from: fingerprints of the function, of each argument, and of what stands behind each dependency.
 *
 * @internal
 */
export interface Recipe {
  /** Name of the function, for people. */
  readonly name: string;
  readonly fn: string;
  /** One for each argument; the places of handles are part of them. */
  readonly args: readonly string[];
  /** The dependencies in the order of demand. */
  readonly dependencies: readonly RecipeOfDependency[];
  /** The fingerprint of all of it; undefined where a dependency has no recipe. */
  readonly whole: string | undefined;
}

/** @internal */
export interface RecipeOfDependency {
  /** Its key, or what stands for one. */
  readonly name: string;
  readonly recipe: string | undefined;
}

/**
 * How the last attempt at a task that is kept has ended. `running`: it was under way when its process ended; `forgotten`: what was kept
 * of it was deleted by request.
 *
 * @internal
 */
export type StoredStatus = 'done' | 'failed' | 'running' | 'forgotten';

/** What a store has under one key. @internal */
export interface StoredRecord {
  readonly key: string;
  readonly queue: string;
  readonly status: StoredStatus;
  readonly recipe: Recipe;
  /** Fingerprints of the results that the dependencies had; an element is undefined where there is none. */
  readonly inputs: readonly (string | undefined)[];
  /** Of its result; undefined unless done. */
  readonly fingerprint: string | undefined;
}

/** A function, as recipes name it. @internal */
export interface FunctionIdentity {
  readonly name: string;
  readonly fingerprint: string;
}

/** The surroundings of a store that a scheduler has opened. @internal */
export interface StoreSetup {
  readonly clock: Clock;
  /** `each`: the runtime calls `commit` for every record, which is to reach the disk before it returns. */
  readonly durability: Durability;
  /** A commit has failed; what it held is kept for the next one. */
  failed(error: unknown): void;
  /** Asked before each commit: what has been learned of durations since it was asked last. */
  learned?(): readonly KnownKind[];
}

/**
 * When what is kept is safe. `batch`: with the next commit, at most 50 ms or 1,000 records later. `each`: before a dependent starts and
 * before `result()` resolves.
 *
 * @public
 */
export type Durability = 'batch' | 'each';

/** A store in use by one scheduler. @internal */
export interface StoreSession {
  /** Unique to the store, the same in every run. */
  readonly id: string;
  /**
   * @param version - stands for the function's code, where it is given.
   * @throws SchedulerError `NotStorable` for a function that its text does not stand for.
   */
  functionOf(fn: TaskFunction, version: string | undefined): FunctionIdentity;
  /**
   * The fingerprint of a value: equal for equal values, in every run. `what` names the value in messages; `place` gives the number that
   * stands for an object which is a handle, undefined for any other.
   *
   * @throws SchedulerError `NotStorable`, with the path of the part that has no fingerprint; or what the value throws.
   */
  fingerprintOf(value: unknown, what: string, place?: (value: object) => number | undefined): string;
  /** The fingerprint of several of them, in order. */
  digest(parts: readonly (string | undefined)[]): string;
  find(key: string): StoredRecord | undefined;
  /** @throws SchedulerError `StoreCorrupt` if it is not what was kept. */
  valueOf(key: string): unknown;
  /** The partial results kept for that recipe, from the first on without a gap. */
  partialsOf(key: string, recipe: string): readonly unknown[];
  /**
   * Keeps a record with its value (a result, or an error) in place of what was kept under its key, partial results included. The status
   * `running` has no value.
   *
   * @returns the fingerprint of the value.
   * @throws SchedulerError `NotStorable`.
   */
  keep(record: Omit<StoredRecord, 'fingerprint'>, value: unknown): string;
  /** Gives a record the recipe and the inputs that lead to the same value now. */
  relabel(record: StoredRecord): void;
  keepPartial(key: string, recipe: string, index: number, value: unknown): void;
  drop(key: string): void;
  /** What earlier runs have learned of durations. */
  durations(): readonly KnownKind[];
  /** Commits all that was handed over. @throws SchedulerError if it cannot; it is kept for the next commit. */
  commit(): void;
  /** Commits, and gives the store back. @throws as `commit`. */
  close(): void;
}

/**
 * A store: what `memoryStore()` and `sqliteStore(path)` return. It serves one scheduler at a time.
 *
 * @public
 */
export interface Store {
  /** Short name for messages: `memory`, or the path. */
  readonly name: string;
  /** @internal @throws SchedulerError `StoreInUse`, `StoreUnavailable`, `StoreCorrupt`. */
  _open(setup: StoreSetup): StoreSession;
}
