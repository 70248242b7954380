/**
 * The file format of one entry of a task's log: a line of JSON with the event, a line with the SHA-256 of all the rest, then the bytes
 * of the result, if any. Content is validated on reading, because anyone with access can write to a shared folder, and disks and
 * networks can damage it.
 */
import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { CommandFailed, describe, SchedulerError, TaskTimedOut } from '../core/failures.js';
import { CommandRecord, commandResultOf, recordOfFailedCommand } from './command-record.js';

/**
 * An error as kept in the folder.
 *
 * @internal
 */
export interface RecordedError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  /** The result of a failed command. */
  readonly command?: CommandRecord | undefined;
  /** The time that a command had which was ended for taking longer. */
  readonly timeoutMs?: number | undefined;
}

/**
 * An event of a task: claimed or released by a participant, its function threw, or it ended. `done` is final, and so is `failed` unless
 * a participant that was asked to retries it.
 *
 * @internal
 */
export type Happening =
  | { readonly kind: 'claimed'; readonly owner: string; readonly label: string }
  | { readonly kind: 'released' }
  | { readonly kind: 'threw'; readonly error: RecordedError }
  | { readonly kind: 'failed'; readonly error: RecordedError }
  | { readonly kind: 'retried' }
  | { readonly kind: 'done'; readonly body: Uint8Array };

/**
 * An event with the id of its task and a unique token, by which a participant recognises its own entry.
 *
 * @internal
 */
export interface Entry {
  readonly id: string;
  readonly token: string;
  readonly happening: Happening;
}

/** Version of the file format. */
const VERSION = 2;

const NEWLINE = 0x0a;

const common = { pullgraph: v.literal(VERSION), id: v.string(), token: v.string() };
const error = v.object({
  name: v.string(),
  message: v.string(),
  stack: v.optional(v.string()),
  command: v.optional(CommandRecord),
  timeoutMs: v.optional(v.number()),
});
const Header = v.variant('kind', [
  v.object({ ...common, kind: v.literal('claimed'), owner: v.string(), label: v.string() }),
  v.object({ ...common, kind: v.literal('released') }),
  v.object({ ...common, kind: v.literal('threw'), error }),
  v.object({ ...common, kind: v.literal('failed'), error }),
  v.object({ ...common, kind: v.literal('retried') }),
  v.object({ ...common, kind: v.literal('done'), bytes: v.number() }),
]);

/**
 * Encodes an entry as the content of its file.
 *
 * @internal
 */
export function encodeEntry({ id, token, happening }: Entry): Uint8Array {
  const [fields, body] = partsOf(happening);
  const header = Buffer.from(`${JSON.stringify({ pullgraph: VERSION, id, token, ...fields })}\n`, 'utf8');
  return Buffer.concat([header, checksumLine(header, body), body]);
}

/** The checksum of the first line, with its end, and of the body. */
function checksumLine(header: Uint8Array, body: Uint8Array): Buffer {
  return Buffer.from(`${createHash('sha256').update(header).update(body).digest('hex')}\n`);
}

/** The event's part of the header, and the body. */
function partsOf(happening: Happening): readonly [object, Uint8Array] {
  if (happening.kind !== 'done') return [happening, new Uint8Array()];
  return [{ kind: 'done', bytes: happening.body.byteLength }, happening.body];
}

/**
 * Decodes an entry of the task `id`.
 *
 * @throws SchedulerError `FolderCorrupt` for content that `encodeEntry` did not write for this task.
 * @internal
 */
export function decodeEntry(id: string, fileName: string, content: Uint8Array): Entry {
  const end = content.indexOf(NEWLINE);
  const header = v.safeParse(Header, end < 0 ? undefined : parsed(content.subarray(0, end)));
  const corrupt = (what: string): SchedulerError =>
    new SchedulerError('FolderCorrupt', `the file ${fileName} of the shared folder ${what}`, { tasks: [id] });
  if (!header.success) throw corrupt('is not an entry of this version of pullgraph');
  const { output } = header;
  const sumEnd = content.indexOf(NEWLINE, end + 1) + 1;
  const body = content.subarray(sumEnd);
  if (!checksumLine(content.subarray(0, end + 1), body).equals(content.subarray(end + 1, sumEnd))) {
    throw corrupt('is damaged: its checksum does not fit');
  }
  if (output.id !== id) throw corrupt(`is about the task ${output.id}, expected ${id}`);
  const { token } = output;
  if (output.kind !== 'done') return { id, token, happening: output };
  if (body.byteLength !== output.bytes) {
    throw corrupt(`holds a result of ${body.byteLength} bytes, expected ${output.bytes}`);
  }
  return { id, token, happening: { kind: 'done', body } };
}

function parsed(line: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(line));
  } catch {
    return undefined;
  }
}

/** Longer error texts are cut, because every participant reads the entry. */
const MAX_TEXT = 8_192;

/**
 * Makes any thrown value storable.
 *
 * @internal
 */
export function recordedError(thrown: unknown): RecordedError {
  if (!(thrown instanceof Error)) return { name: 'Error', message: describe(thrown).slice(0, MAX_TEXT) };
  const { name, message, stack } = thrown;
  const recorded = { name, message: message.slice(0, MAX_TEXT), stack: stack?.slice(0, MAX_TEXT) };
  if (!(thrown instanceof CommandFailed)) return recorded;
  const timeoutMs = thrown.cause instanceof TaskTimedOut ? thrown.cause.timeoutMs : undefined;
  return { ...recorded, command: recordOfFailedCommand(thrown.result), ...(timeoutMs !== undefined && { timeoutMs }) };
}

/**
 * Recreates a recorded error, with name, message and stack of the original; a `CommandFailed` for a failed command.
 *
 * @internal
 */
export function errorFrom(id: string, { name, message, stack, command, timeoutMs }: RecordedError): Error {
  const details = timeoutMs === undefined ? {} : { cause: new TaskTimedOut(id, timeoutMs) };
  const recreated =
    command === undefined ? new Error() : new CommandFailed(id, name, commandResultOf(command), details);
  recreated.name = name;
  recreated.message = message;
  if (stack !== undefined) recreated.stack = stack;
  return recreated;
}
