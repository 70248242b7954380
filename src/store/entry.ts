/**
 * A record as it lies in the file: one text for all that is looked up by its key, a short value included, which is quicker than columns.
 * What is read is checked, because anyone can write to a file.
 */
import * as v from 'valibot';
import { SchedulerError, shown } from '../core/failures.js';
import type { StoredRecord } from '../core/store-port.js';
import type { StoredValue } from './backing.js';
import { textIn } from './sqlite-driver.js';

/** Values up to this size lie in the text. */
const MOST_BYTES_IN_ENTRY = 1_024;

const MaybeText = v.nullish(v.string());

const Entry = v.strictObject({
  key: v.string(),
  queue: v.string(),
  status: v.picklist(['done', 'failed', 'running', 'forgotten']),
  /** Size of the value. */
  bytes: v.number(),
  sum: MaybeText,
  /** Where it is not the sum. */
  fingerprint: MaybeText,
  name: v.string(),
  fn: v.string(),
  args: v.array(v.string()),
  dependencies: v.array(v.strictTuple([v.string(), v.nullable(v.string())])),
  whole: MaybeText,
  inputs: v.array(v.nullable(v.string())),
  /** The value, in base64; not there for one that is long, and for none. */
  value: MaybeText,
});

/** What the text says. @internal */
export type Entry = v.InferOutput<typeof Entry>;

/** What is written: an `Entry`, once it is JSON. @internal */
export function entryOf(
  { key, queue, status, recipe, inputs, fingerprint }: StoredRecord,
  value?: StoredValue,
): object {
  const { name, fn, args, dependencies, whole } = recipe;
  return {
    key,
    queue,
    status,
    bytes: value?.bytes.length ?? 0,
    sum: value?.sum,
    fingerprint: fingerprint === value?.sum ? undefined : fingerprint,
    name,
    fn,
    args,
    dependencies: dependencies.map((dependency) => [dependency.name, dependency.recipe]),
    whole,
    inputs,
    value: value !== undefined && isShort(value) ? base64Of(value) : undefined,
  };
}

/** Whether the value lies in the text. @internal */
export function isShort({ bytes }: StoredValue): boolean {
  return bytes.length <= MOST_BYTES_IN_ENTRY;
}

function base64Of({ bytes }: StoredValue): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}

/** The value, where it lies in the text. @internal */
export function valueIn(entry: Entry | undefined): Buffer | undefined {
  const { value } = entry ?? {};
  return typeof value === 'string' ? Buffer.from(value, 'base64') : undefined;
}

/** @internal */
export function recordIn(entry: Entry): StoredRecord {
  const { key, queue, status, sum, fingerprint, name, fn, args, dependencies, whole, inputs } = entry;
  return {
    key,
    queue,
    status,
    recipe: {
      name,
      fn,
      args,
      dependencies: dependencies.map(([dependency, recipe]) => ({ name: dependency, recipe: recipe ?? undefined })),
      whole: whole ?? undefined,
    },
    inputs: inputs.map((input) => input ?? undefined),
    fingerprint: fingerprint ?? sum ?? undefined,
  };
}

/** What the column of that key says. @throws SchedulerError `StoreCorrupt`. @internal */
export function entryIn(column: unknown, key: string): Entry {
  let said: unknown;
  try {
    said = JSON.parse(textIn(column));
  } catch {
    throw noRecord(key);
  }
  return checkedEntry(said, key);
}

/** @throws SchedulerError `StoreCorrupt`. @internal */
export function checkedEntry(said: unknown, key: string): Entry {
  const read = v.safeParse(Entry, said);
  // The column of the key cannot have half of a surrogate pair.
  if (!read.success || read.output.key.toWellFormed() !== key.toWellFormed()) throw noRecord(key);
  return read.output;
}

/** Why a row cannot be used. @internal */
export function noRecord(key: string): SchedulerError {
  return new SchedulerError('StoreCorrupt', `what the store has under ${shown(key)} is no record`);
}
