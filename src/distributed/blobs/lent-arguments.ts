/**
 * Argument lists on their way to workers. A small one travels as a whole. Of a large one each argument travels by itself, so that a large value
 * that many attempts receive is lent to all of them at once; an object that two arguments share arrives as two.
 */
import { deserialize, serialize } from 'node:v8';
import * as v from 'valibot';
import type { LentPayloads } from './lent-payloads.js';
import { type Payload, PayloadSchema, type Payloads } from './payloads.js';

/** A whole list, or its arguments one by one. @internal */
export type ArgumentList = Payload | readonly Payload[];

/** Checks a list that has arrived. @internal */
export const ArgumentListSchema = v.union([PayloadSchema, v.array(PayloadSchema)]);

/**
 * At once for a small list. To be given back once, when the attempt has ended.
 *
 * @throws what serialization throws; SchedulerError `BlobUnavailable`, by rejection.
 * @internal
 */
export function lendArguments(
  payloads: Payloads,
  lent: LentPayloads,
  args: readonly unknown[],
): ArgumentList | Promise<ArgumentList> {
  const whole = serialize(args);
  if (!payloads.isLarge(whole)) return lent.lend(whole);
  return lendEach(
    lent,
    args.map((arg) => serialize(arg)),
  );
}

async function lendEach(lent: LentPayloads, each: readonly Uint8Array[]): Promise<ArgumentList> {
  const ends = await Promise.allSettled(each.map(async (bytes) => lent.lend(bytes)));
  const list = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed === undefined) return list;
  await giveBackArguments(lent, list);
  throw failed.reason;
}

/** @internal */
export async function giveBackArguments(lent: LentPayloads, list: ArgumentList): Promise<void> {
  await Promise.all(isWhole(list) ? [lent.giveBack(list)] : list.map((payload) => lent.giveBack(payload)));
}

/** `task` is for the message. @throws SchedulerError `BlobUnavailable`; what deserialization throws. @internal */
export async function readArguments(payloads: Payloads, task: string, list: ArgumentList): Promise<readonly unknown[]> {
  const decoded = async (payload: Payload): Promise<unknown> => deserialize(await payloads.read(task, payload));
  if (!isWhole(list)) return Promise.all(list.map(decoded));
  const args = await decoded(list);
  return isList(args) ? args : [];
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isWhole(list: ArgumentList): list is Payload {
  return !Array.isArray(list);
}
