/**
 * Bytes on their way between machines: in the message itself up to a bound, beyond it as a blob that the message refers to. The reader
 * checks a blob against the hash at the end of its name, so a blob of other content is never decoded.
 *
 * A blob has one owner, which is part of its name: the run, for arguments; the report of an attempt, for results. So nobody removes what
 * another owner still offers, though both had the same content. The run comes first, so that all of a run can be removed.
 */
import * as v from 'valibot';
import { describe, SchedulerError } from '../../core/failures.js';
import { digestOf } from '../../system/digest.js';
import type { Blobs } from './blobs.js';

/** A blob in a message. The pattern keeps a forged message from naming files of others. @internal */
export interface BlobReference {
  /** The kind of place that it lies in. */
  readonly place: string;
  readonly blob: string;
  readonly bytes: number;
}

/** In JSON: the bytes in base64, or a reference. @internal */
export type Payload = string | BlobReference;

/** Whose a blob is: a run's, and within it a report's or, by the empty name, the run's itself. @internal */
export interface Space {
  readonly run: string;
  readonly owner: string;
}

/** Where the digest of the content begins in a name. */
const CONTENT_AT = 44;

/** Checks a payload that has arrived. @internal */
export const PayloadSchema = v.union([
  v.string(),
  v.strictObject({
    place: v.string(),
    blob: v.pipe(v.string(), v.regex(/^[\w-]{66}$/)),
    bytes: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  }),
]);

/** Writes, reads and removes payloads of one side. @internal */
export class Payloads {
  readonly blobs: Blobs;
  readonly #mostBytes: number;

  /** Up to `mostBytes`, bytes travel in the message. */
  constructor(blobs: Blobs, mostBytes: number) {
    this.blobs = blobs;
    this.#mostBytes = mostBytes;
  }

  isLarge(bytes: Uint8Array): boolean {
    return bytes.length > this.#mostBytes;
  }

  inline(bytes: Uint8Array): Payload {
    return Buffer.from(bytes).toString('base64');
  }

  /** Puts the bytes where the reference says. @throws SchedulerError `BlobUnavailable`. */
  async put({ blob, bytes: count }: BlobReference, bytes: Uint8Array): Promise<void> {
    try {
      await this.blobs.put(blob, bytes);
    } catch (error) {
      throw unavailable(`${count} bytes cannot be kept in the blobs (${this.blobs.name}): ${describe(error)}`);
    }
  }

  /** At once for small ones. `what` is what is read, for the message. @throws SchedulerError `BlobUnavailable`, by rejection. */
  read(what: string, payload: Payload): Uint8Array | Promise<Uint8Array> {
    return typeof payload === 'string' ? Buffer.from(payload, 'base64') : this.#get(what, payload);
  }

  /** Removes the blob of a payload that nobody will read again. What cannot be removed now goes with its lifetime. */
  async remove(payload: Payload): Promise<void> {
    if (typeof payload === 'string' || payload.place !== this.blobs.name) return;
    try {
      await this.blobs.delete([payload.blob]);
    } catch {
      // Its lifetime ends.
    }
  }

  /** Removes all that is left of a run. What cannot be removed now goes with its lifetime. */
  async clear(run: string): Promise<void> {
    try {
      await this.blobs.clear(digestOf(run));
    } catch {
      // Its lifetime ends.
    }
  }

  /** The reference of these bytes, whether or not they have been put there. */
  reference({ run, owner }: Space, bytes: Uint8Array): BlobReference {
    return { place: this.blobs.name, blob: digestOf(run) + digestOf(owner) + digestOf(bytes), bytes: bytes.length };
  }

  async #get(what: string, { place, blob, bytes }: BlobReference): Promise<Uint8Array> {
    const here = `the blobs (${this.blobs.name})`;
    if (place !== this.blobs.name) {
      const advice = 'the scheduler and its workers need the same option blobs';
      throw unavailable(`${what}: a value lies in blobs (${place}), and this side has ${here}; ${advice}`);
    }
    let found: Uint8Array | undefined;
    try {
      found = await this.blobs.get(blob);
    } catch (error) {
      throw unavailable(`${what}: ${bytes} bytes cannot be read from ${here}: ${describe(error)}`);
    }
    if (found === undefined) throw unavailable(`${what}: a value of ${bytes} bytes is not in ${here} any more`);
    if (found.length !== bytes || digestOf(found) !== blob.slice(CONTENT_AT)) {
      throw unavailable(`${what}: a value of ${bytes} bytes in ${here} is damaged`);
    }
    return found;
  }
}

/** Without a cause: errors of a connection can carry its password. */
function unavailable(message: string): SchedulerError {
  return new SchedulerError('BlobUnavailable', message);
}
