/**
 * How results become bytes and come back. The default is JSON, which refuses what JSON would change on the way: everybody
 * is given the result as it is in the folder, the participant that computed it too.
 */
import * as v from 'valibot';
import { CommandResult } from '../core/command-result.js';
import { describe, SchedulerError } from '../core/failures.js';
import { CommandRecord, commandResultOf, recordOfCommand } from './command-record.js';

/**
 * Turns a result into bytes and back. Both may throw; the task fails then.
 *
 * @public
 */
export interface Codec {
  encode(value: unknown): Uint8Array;
  decode(bytes: Uint8Array): unknown;
}

/** What a command left is written as an object with this one key. */
const COMMAND = 'pullgraph:command';

const WrittenCommand = v.strictObject({ [COMMAND]: CommandRecord });

/**
 * JSON in UTF-8. `undefined` is no bytes at all; a `CommandResult` comes back as one.
 *
 * @internal
 */
export const jsonCodec: Codec = {
  encode(value) {
    if (value === undefined) return new Uint8Array();
    const written = value instanceof CommandResult ? { [COMMAND]: recordOfCommand(value) } : plain(value);
    return new TextEncoder().encode(JSON.stringify(written, refuseLoss));
  },
  decode(bytes) {
    const value: unknown = bytes.byteLength === 0 ? undefined : JSON.parse(new TextDecoder().decode(bytes));
    const command = v.safeParse(WrittenCommand, value);
    return command.success ? commandResultOf(command.output[COMMAND]) : value;
  },
};

function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, COMMAND)) return value;
  throw new SchedulerError('NotStorable', `a result must not have the key ${COMMAND}, which stands for a command`);
}

/** A replacer that replaces nothing. It is called with the holder as `this`, where the value is still what it was. */
function refuseLoss(this: unknown, key: string, replaced: unknown): unknown {
  const value: unknown = typeof this === 'object' && this !== null ? Reflect.get(this, key) : replaced;
  const lost = lossOf(value, Array.isArray(this));
  if (lost === undefined) return value;
  const where = key === '' ? 'the result' : `its part ${key}`;
  const message = `JSON cannot hold ${where}, ${lost}: return plain data, or give sharedFolder a codec`;
  throw new SchedulerError('NotStorable', message);
}

/** What the value is that JSON would change, by its own; undefined where it would not. */
function lossOf(value: unknown, isInArray: boolean): string | undefined {
  if (Object.is(value, -0)) return 'number -0';
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : nameOf(value);
  // Of an object it is left out and read as undefined again; in an array it would become null.
  if (value === undefined) return isInArray ? nameOf(value) : undefined;
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return undefined;
  if (typeof value !== 'object') return nameOf(value);
  // An array without holes has its elements and its length.
  if (Array.isArray(value)) {
    return Reflect.ownKeys(value).length > value.length + 1 ? 'an array with other keys than its places' : undefined;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return nameOf(value);
  const isAllSeen = Reflect.ownKeys(value).length === Object.keys(value).length;
  return isAllSeen ? undefined : 'an object with keys that are symbols or not enumerable';
}

function nameOf(value: unknown): string {
  return typeof value === 'object' || typeof value === 'function'
    ? Object.prototype.toString.call(value)
    : `${typeof value} ${describe(value)}`;
}
