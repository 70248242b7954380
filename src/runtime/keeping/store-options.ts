/** The options of a scheduler that concern its store, and the opening of it. */
import { describe, SchedulerError, shown } from '../../core/failures.js';
import type { Clock } from '../../core/ports.js';
import type { Durability, Store, StoreSession } from '../../core/store-port.js';
import type { Durations } from '../tasks/durations.js';
import { isInstance } from '../../core/user-value.js';
import { throwOutside } from '../../core/throw-outside.js';

/**
 * What follows when the store cannot do what it was asked for, for one when the disk is full. `continue`: the process warns, and the run goes
 * on. `stop`: nothing new starts, and `wait()` rejects with the error. A function is called with each error and says which. Nothing is lost
 * but the restoring: what could not be committed is tried again, as long as the process lives.
 *
 * @public
 */
export type OnStoreError = 'continue' | 'stop' | ((error: SchedulerError) => 'continue' | 'stop' | void);

/**
 * The part of a scheduler's options that is about its store.
 *
 * @public
 */
export interface StoreOptions {
  /** Where the outcomes of tasks are kept that have a `key` or are in a queue with `store: true`. See docs/store.md. */
  readonly store?: Store;
  /** When what is kept is safe. Default: `batch`. */
  readonly durability?: Durability;
  /** Default: `continue`. */
  readonly onStoreError?: OnStoreError;
}

/** @throws SchedulerError `InvalidOption`. @internal */
export function checkStoreOptions({ store, durability, onStoreError }: StoreOptions): void {
  if (store !== undefined && !isStore(store)) {
    throw new SchedulerError('InvalidOption', `store must be one of pullgraph/store, got ${shown(store)}`);
  }
  if (durability !== undefined && durability !== 'batch' && durability !== 'each') {
    throw new SchedulerError('InvalidOption', `durability must be batch or each, got ${shown(durability)}`);
  }
  const isKnown = onStoreError === undefined || onStoreError === 'continue' || onStoreError === 'stop';
  if (!isKnown && typeof onStoreError !== 'function') {
    const message = `onStoreError must be continue, stop or a function, got ${shown(onStoreError)}`;
    throw new SchedulerError('InvalidOption', message);
  }
}

function isStore(value: unknown): boolean {
  try {
    return typeof value === 'object' && value !== null && '_open' in value && typeof value._open === 'function';
  } catch {
    return false;
  }
}

/** A store that has been opened, and what its errors lead to. @internal */
export interface OpenedStore {
  readonly session: StoreSession;
  readonly isEach: boolean;
  readonly failed: (error: unknown) => void;
  /** How often it failed. */
  readonly counts: { readonly errors: number };
}

/** Opens the store. `stop` stops the scheduler for an error. @throws SchedulerError as `Store._open`. @internal */
export function openStore(
  store: Store,
  { durability = 'batch', onStoreError = 'continue' }: StoreOptions,
  clock: Clock,
  stop: (error: SchedulerError) => void,
  durations: Durations,
): OpenedStore {
  const warned = new Set<string>();
  const counts = { errors: 0 };
  const failed = (given: unknown): void => {
    counts.errors += 1;
    const error = asStoreError(given, store);
    const answer = typeof onStoreError === 'function' ? answerOf(onStoreError, error) : onStoreError;
    if (answer === 'stop') stop(error);
    if (typeof onStoreError === 'function' || answer === 'stop' || warned.has(error.message)) return;
    warned.add(error.message);
    process.emitWarning(error.message, { type: 'PullgraphWarning', code: 'PULLGRAPH_STORE' });
  };
  const session = store._open({ clock, durability, failed, learned: () => durations.news() });
  durations.restore(session.durations());
  return { session, isEach: durability === 'each', failed, counts };
}

function answerOf(listener: (error: SchedulerError) => 'continue' | 'stop' | void, error: SchedulerError) {
  try {
    return listener(error);
  } catch (ofListener) {
    throwOutside(ofListener);
    return undefined;
  }
}

/** A value that throws when it is looked at is no error of the store's own. */
function asStoreError(error: unknown, { name }: Store): SchedulerError {
  if (isInstance(error, SchedulerError)) return error;
  return new SchedulerError('StoreUnavailable', `the store ${name} failed: ${describe(error)}`, { cause: error });
}
