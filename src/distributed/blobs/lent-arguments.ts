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

/** A list that is lent. @internal */
export interface LentList {
  readonly list: ArgumentList;
  /** Resolves when workers can read it; undefined if they can at once. Rejects with `BlobUnavailable`. */
  readonly put: Promise<void> | undefined;
}

/** To be given back once, however it was put. `isForgotten` means that blobs may be lost. @throws what serialization throws. @internal */
export function lendArguments(
  payloads: Payloads,
  lent: LentPayloads,
  args: readonly unknown[],
  isForgotten: boolean,
): LentList {
  const whole = serialize(args);
  if (!payloads.isLarge(whole)) return { list: payloads.inline(whole), put: undefined };
  const each = args.map((arg) => serialize(arg)).map((bytes) => lent.lend(bytes, isForgotten));
  const put = Promise.all(each.flatMap((one) => (one.put === undefined ? [] : [one.put]))).then(() => undefined);
  // Nobody waits for the arguments of a job that is taken over.
  put.catch(() => undefined);
  return { list: each.map(({ payload }) => payload), put };
}

/** @internal */
export function giveBackArguments(lent: LentPayloads, list: ArgumentList): void {
  for (const payload of isWhole(list) ? [list] : list) void lent.giveBack(payload);
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
