/**
 * Encodes results as bytes and decodes them. The default is JSON and refuses values that JSON would alter: every participant gets the
 * result as decoded from the folder, including the one that computed it.
 */
import * as v from 'valibot';
import { CommandResult } from '../core/command-result.js';
import { describe, SchedulerError } from '../core/failures.js';
import { CommandRecord, commandResultOf, recordOfCommand } from './command-record.js';

/**
 * Converts a result to bytes and back. If either function throws, the task fails.
 *
 * @public
 */
export interface Codec {
  encode(value: unknown): Uint8Array;
  decode(bytes: Uint8Array): unknown;
}

/** A `CommandResult` is written as an object with this key alone. */
const COMMAND = 'pullgraph:command';

const WrittenCommand = v.strictObject({ [COMMAND]: CommandRecord });

/**
 * JSON in UTF-8. `undefined` becomes zero bytes; a `CommandResult` is decoded to one.
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
  throw new SchedulerError('NotStorable', `a result must not have the key ${COMMAND}, which is reserved for commands`);
}

/** A replacer that only checks. It reads the value from its holder, `this`, because `toJSON` may already have replaced it. */
function refuseLoss(this: unknown, key: string, replaced: unknown): unknown {
  const value: unknown = typeof this === 'object' && this !== null ? Reflect.get(this, key) : replaced;
  const lost = lossOf(value, Array.isArray(this));
  if (lost === undefined) return value;
  const where = key === '' ? 'the result' : `its part ${key}`;
  const message = `JSON cannot represent ${where}, ${lost}: return plain data, or give sharedFolder a codec`;
  throw new SchedulerError('NotStorable', message);
}

/** A description of the value if JSON would alter it, not counting its parts; undefined otherwise. */
function lossOf(value: unknown, isInArray: boolean): string | undefined {
  if (Object.is(value, -0)) return 'number -0';
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : nameOf(value);
  // As a property it is omitted and reads as undefined again; in an array it would become null.
  if (value === undefined) return isInArray ? nameOf(value) : undefined;
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return undefined;
  if (typeof value !== 'object') return nameOf(value);
  // The own keys of a plain array are its indices and `length`.
  if (Array.isArray(value)) {
    return Reflect.ownKeys(value).length > value.length + 1 ? 'an array with keys other than its indices' : undefined;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return nameOf(value);
  const isAllSeen = Reflect.ownKeys(value).length === Object.keys(value).length;
  return isAllSeen ? undefined : 'an object with symbol keys or non-enumerable keys';
}

function nameOf(value: unknown): string {
  return typeof value === 'object' || typeof value === 'function'
    ? Object.prototype.toString.call(value)
    : `${typeof value} ${describe(value)}`;
}
