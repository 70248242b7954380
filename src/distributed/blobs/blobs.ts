/**
 * The port through which values too large for a message travel: bytes under a name, in a place that the scheduler and all workers reach.
 * A place only keeps bytes. Names, checks and the count of readers belong to its callers, `Payloads` and `LentPayloads`.
 */
import { SchedulerError, shown } from '../../core/failures.js';
import { MAX_TIMER_MS } from '../../core/timers.js';
import { integerOption } from '../../executors/remote/option-values.js';

/**
 * A place for large values: `folderBlobs`, `redisBlobs`, or your own. The scheduler and its workers each make one of the same kind that
 * leads to the same place.
 *
 * Every name is made of 66 letters, digits, `-` and `_`: hashes of the run, of the owner within it and of the content. It is written by one
 * program only. Calls may
 * overlap. A rejection means that the place cannot be used now: the attempt fails with the error `BlobUnavailable`, or waits where it can.
 *
 * @public
 */
export interface Blobs {
  /** The kind of place, for messages, and compared between a scheduler and its workers: `folder`, `redis`. */
  readonly name: string;
  /** How long a blob is kept after it was written or renewed, in milliseconds. May be kept longer. */
  readonly lifetimeMs: number;
  /** Keeps the bytes under the name: whole, or not at all. What was there under this name has the same content. */
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** The bytes; undefined if there are none under that name. The caller checks them against the hash. */
  get(name: string): Promise<Uint8Array | undefined>;
  /** Lets the lifetimes begin anew. Passes over names that are not there. Called every third of a lifetime. */
  renew(names: readonly string[]): Promise<void>;
  /** Removes blobs before the end of their lifetimes. Passes over names that are not there. */
  delete(names: readonly string[]): Promise<void>;
  /** Removes all blobs whose names begin so. Called when a run has ended or its scheduler has gone. */
  clear(beginning: string): Promise<void>;
}

/** A day. @internal */
export const DEFAULT_LIFETIME_MS = 86_400_000;

/** Checks the option `blobs` of `call`. @throws SchedulerError `InvalidOption`. @internal */
export function checkBlobs(call: string, blobs: unknown): asserts blobs is Blobs {
  if (typeof blobs !== 'object' || blobs === null) throw invalid(call, 'blobs to be an object', blobs);
  const given: Partial<Record<keyof Blobs, unknown>> = blobs;
  for (const method of ['put', 'get', 'renew', 'delete', 'clear'] as const) {
    if (typeof given[method] !== 'function') throw invalid(call, `blobs.${method} to be a function`, given[method]);
  }
  if (typeof given.name !== 'string') throw invalid(call, 'blobs.name to be a text', given.name);
  integerOption(call, 'blobs.lifetimeMs', Number(given.lifetimeMs), 1, MAX_TIMER_MS);
}

function invalid(call: string, expectation: string, got: unknown): SchedulerError {
  return new SchedulerError('InvalidOption', `${call}(): expected ${expectation}, got ${shown(got)}`);
}
