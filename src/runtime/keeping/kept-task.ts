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

/** One task that is kept, or that others which are kept depend on. @internal */
export class KeptTask {
  /** The key, or what stands for one where the task itself is not kept. */
  readonly name: string;
  /** Undefined for a task that is not kept itself: it has a recipe because others depend on it. */
  readonly key: string | undefined;
  /** The fingerprint of its recipe, undefined where that cannot be known. */
  readonly whole: string | undefined;
  /** Why the task is not restored. */
  readonly missing: string | undefined;
  /** Undefined once the task has settled, and for one that is not kept itself. */
  work: KeptWork | undefined;
  /** Of the result; undefined as long as nobody has asked for it, null where it has none. */
  fingerprint: string | null | undefined;
  /** When all its dependencies were there, by the scheduler's clock. */
  readyAt = 0;
  /** The store has the outcome. */
  isRestored = false;

  constructor(
    name: string,
    key: string | undefined,
    whole: string | undefined,
    work?: KeptWork,
    missing?: string,
    fingerprint?: string,
  ) {
    this.name = name;
    this.key = key;
    this.whole = whole;
    this.work = work;
    this.missing = missing;
    this.fingerprint = fingerprint;
  }
}

/** What is known of a task until it has settled. @internal */
export interface KeptWork {
  readonly recipe: Recipe;
  readonly onInterrupted: OnInterrupted;
  readonly keepsFailures: boolean;
  /** Where the store has another recipe of the key that differs only in what its dependencies were made from. */
  readonly candidate: StoredRecord | undefined;
  /** The outcome that an earlier run had, if it is that of this task. */
  readonly restored: Outcome | undefined;
  /** The partial results that an earlier run delivered, if its recipe was the same. */
  readonly partials: readonly unknown[];
  /** Fingerprints of the dependencies' results; undefined until all of them are there. */
  inputs: readonly (string | undefined)[] | undefined;
  /** The store has a mark that the task is running. */
  isMarked: boolean;
  /** A partial result could not be kept, so that none after it is. */
  hasGap: boolean;
}

/** What the store has of a task. @internal */
export interface Found {
  readonly candidate?: StoredRecord | undefined;
  readonly restored?: Outcome;
  readonly partials?: readonly unknown[];
  readonly missing?: string;
  readonly fingerprint?: string | undefined;
}
