/** Reads what a page sends: everything that is not a message of the protocol is refused. */
import * as v from 'valibot';
import { STATES } from '../protocol/frames.js';
import type { PageMessage } from '../protocol/messages.js';

/** The size of the longest message from a page, in bytes. @internal */
export const MOST_MESSAGE_BYTES = 4_096;

const MOST_TEXT = 200;
const MOST_FOUND = 1_000;
const MOST_NEAR = 500;
const DEEPEST = 50;

const integer = (least: number, most: number) => v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));
const task = integer(1, 0xffff_ffff);
const queue = integer(0, 0xffff);
const ask = integer(0, Number.MAX_SAFE_INTEGER);

const watched = v.variant('kind', [
  v.strictObject({ kind: v.literal('task'), task }),
  v.strictObject({ kind: v.literal('queue'), queue }),
  v.strictObject({ kind: v.literal('scheduler') }),
]);

const command = v.variant('name', [
  v.strictObject({ name: v.literal('start') }),
  v.strictObject({ name: v.literal('stop') }),
  v.strictObject({ name: v.literal('pause'), queue }),
  v.strictObject({ name: v.literal('resume'), queue }),
  v.strictObject({ name: v.literal('cancel'), task }),
  v.strictObject({ name: v.literal('retry'), task }),
]);

const pageMessage = v.variant('type', [
  v.strictObject({ type: v.literal('hello'), version: integer(0, 0xffff) }),
  v.strictObject({ type: v.literal('watch'), actor: v.nullable(watched) }),
  v.strictObject({
    type: v.literal('find'),
    ask,
    text: v.pipe(v.string(), v.maxLength(MOST_TEXT)),
    state: v.optional(v.picklist(STATES)),
    limit: integer(0, MOST_FOUND),
  }),
  v.strictObject({ type: v.literal('near'), ask, task, depth: integer(0, DEEPEST), limit: integer(1, MOST_NEAR) }),
  v.strictObject({ type: v.literal('command'), ask, command }),
]);

/** The message that a text is; undefined for what is none. @internal */
export function readPageMessage(text: string): PageMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const read = v.safeParse(pageMessage, value);
  if (!read.success) return undefined;
  const { output } = read;
  if (output.type !== 'find') return output;
  const { state, ...find } = output;
  return state === undefined ? find : { ...find, state };
}
