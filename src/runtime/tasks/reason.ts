/** The answers that `handle.why()` can give. */

/**
 * Why a task is not running: a reason to branch on, the ids it is about, and a sentence. Lists of ids have at most 20
 * entries; the sentence says how many there are.
 *
 * @public
 */
export type Why = WhyNow & {
  /** Of a task that is kept and was not restored: why it runs, such as `argument 2 changed`. */
  readonly notRestored?: string;
};

/** The part of it that changes while the task waits and runs. @public */
export type WhyNow =
  | { readonly reason: 'settled'; readonly state: 'done' | 'failed' | 'cancelled'; readonly message: string }
  /** `waitingFor` has the tasks that its function awaits, as far as that can be told. */
  | { readonly reason: 'running'; readonly waitingFor?: readonly string[]; readonly message: string }
  | { readonly reason: 'pause'; readonly attempt: number; readonly message: string }
  /** A running task that may not run further ahead of the consumers of its results. */
  | { readonly reason: 'untaken'; readonly results: readonly string[]; readonly message: string }
  /** All that depends on it was restored from the store. It runs if its result is asked for, or if another task depends on it. */
  | { readonly reason: 'not-needed'; readonly message: string }
  | { readonly reason: 'stopped'; readonly message: string }
  | { readonly reason: 'paused'; readonly queue: string; readonly message: string }
  /** A rate limit delays it. `inMs` is the time until the next start, which may be that of a task before this one. */
  | {
      readonly reason: 'rate';
      readonly queue: string;
      /** The `rateKey` whose limit it is; undefined for that of the queue. */
      readonly key: string | undefined;
      readonly inMs: number;
      readonly message: string;
    }
  | { readonly reason: 'dependencies'; readonly waitingFor: readonly string[]; readonly message: string }
  | { readonly reason: 'slots'; readonly queue: string; readonly heldBy: readonly string[]; readonly message: string }
  | {
      readonly reason: 'resources';
      readonly queue: string;
      readonly resource: string;
      readonly heldBy: readonly string[];
      readonly message: string;
    }
  | { readonly reason: 'selection'; readonly message: string };
