/** What the runtime knows of a task for the store's sake, in a scheduler that has one. */
import type { Outcome } from '../../core/outcome.js';
import type { Recipe, StoredRecord } from '../../core/store-port.js';

/** Whether a task that was running when an earlier run ended is run again, or fails with `TaskInterrupted`. @public */
export type OnInterrupted = 'retry' | 'fail';

/** The options of a submission that say how it is kept. @internal */
export interface KeptOptions {
  readonly id?: string;
  readonly key?: string;
  readonly store?: boolean;
  readonly onInterrupted?: OnInterrupted;
}

/** The task's key and recipe, and what the store has under that key. @internal */
export interface KeptTask {
  /** The key, or what stands for one where the task itself is not kept. */
  readonly name: string;
  /** Undefined for a task that is not kept itself: it has a recipe because others depend on it. */
  readonly key: string | undefined;
  readonly recipe: Recipe;
  readonly onInterrupted: OnInterrupted;
  readonly keepsFailures: boolean;
  /** Where the store has another recipe of the key that differs only in what its dependencies were made from. */
  readonly candidate: StoredRecord | undefined;
  /** The outcome that an earlier run had, if it is that of this task. */
  readonly restored: Outcome | undefined;
  /** The partial results that an earlier run delivered, if its recipe was the same. */
  readonly partials: readonly unknown[];
  /** Why the task is not restored. */
  readonly missing: string | undefined;
  /** Fingerprints of the dependencies' results; undefined until all of them are there. */
  inputs: readonly (string | undefined)[] | undefined;
  /** Of the result; undefined as long as nobody has asked for it, null where it has none. */
  fingerprint: string | null | undefined;
  /** When all its dependencies were there, by the scheduler's clock. */
  readyAt: number;
  /** The store has the outcome. */
  isRestored: boolean;
  /** The store has a mark that the task is running. */
  isMarked: boolean;
  /** A partial result could not be kept, so that none after it is. */
  hasGap: boolean;
}

/** What the store has of a task. @internal */
export type Found = Pick<KeptTask, 'candidate' | 'restored' | 'partials' | 'missing' | 'fingerprint'>;

/** @internal */
export const nothing: Omit<Found, 'missing'> = {
  candidate: undefined,
  restored: undefined,
  partials: [],
  fingerprint: undefined,
};
