/**
 * One entry of a task's log, as a file: a line of JSON that says what happened, then the result's bytes if there are any.
 * What is read is never trusted: anyone may write to a shared folder.
 */
import * as v from 'valibot';
import { CommandFailed, describe, SchedulerError } from '../core/failures.js';
import { CommandRecord, commandResultOf, recordOfFailedCommand } from './command-record.js';

/**
 * What is kept of an error that a function threw.
 *
 * @internal
 */
export interface RecordedError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  /** What the command left, where one failed. */
  readonly command?: CommandRecord | undefined;
}

/**
 * What happened to a task: somebody claimed it, gave it back, had its function throw, or brought it to its end. `failed` and
 * `done` are final.
 *
 * @internal
 */
export type Happening =
  | { readonly kind: 'claimed'; readonly owner: string; readonly label: string }
  | { readonly kind: 'released' }
  | { readonly kind: 'threw'; readonly error: RecordedError }
  | { readonly kind: 'failed'; readonly error: RecordedError }
  | { readonly kind: 'done'; readonly body: Uint8Array };

/**
 * A happening with the id of its task, and a token that no other entry has: who finds it knows whether it is its own.
 *
 * @internal
 */
export interface Entry {
  readonly id: string;
  readonly token: string;
  readonly happening: Happening;
}

/** Raised when what is written here changes. */
const VERSION = 1;

const NEWLINE = 0x0a;

const common = { pullgraph: v.literal(VERSION), id: v.string(), token: v.string() };
const error = v.object({
  name: v.string(),
  message: v.string(),
  stack: v.optional(v.string()),
  command: v.optional(CommandRecord),
});
const Header = v.variant('kind', [
  v.object({ ...common, kind: v.literal('claimed'), owner: v.string(), label: v.string() }),
  v.object({ ...common, kind: v.literal('released') }),
  v.object({ ...common, kind: v.literal('threw'), error }),
  v.object({ ...common, kind: v.literal('failed'), error }),
  v.object({ ...common, kind: v.literal('done'), bytes: v.number() }),
]);

/**
 * The content of the entry's file.
 *
 * @internal
 */
export function encodeEntry({ id, token, happening }: Entry): Uint8Array {
  const [fields, body] = partsOf(happening);
  const header = Buffer.from(`${JSON.stringify({ pullgraph: VERSION, id, token, ...fields })}\n`, 'utf8');
  return body === undefined ? header : Buffer.concat([header, body]);
}

/** What the header says beside the id, and the body. */
function partsOf(happening: Happening): readonly [object, Uint8Array | undefined] {
  if (happening.kind !== 'done') return [happening, undefined];
  return [{ kind: 'done', bytes: happening.body.byteLength }, happening.body];
}

/**
 * Reads what `encodeEntry` wrote for the task `id`.
 *
 * @throws SchedulerError `FolderCorrupt` for anything else.
 * @internal
 */
export function decodeEntry(id: string, fileName: string, content: Uint8Array): Entry {
  const end = content.indexOf(NEWLINE);
  const header = v.safeParse(Header, end < 0 ? undefined : parsed(content.subarray(0, end)));
  const corrupt = (what: string): SchedulerError =>
    new SchedulerError('FolderCorrupt', `the file ${fileName} of the shared folder ${what}`, { tasks: [id] });
  if (!header.success) throw corrupt('is not an entry of this version of pullgraph');
  const { output } = header;
  if (output.id !== id) throw corrupt(`is about the task ${output.id}, expected ${id}`);
  const { token } = output;
  if (output.kind !== 'done') return { id, token, happening: output };
  const body = content.subarray(end + 1);
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

/** Texts of errors are cut here: an entry is read by every participant. */
const MAX_TEXT = 8_192;

/**
 * What can be kept of any thrown value.
 *
 * @internal
 */
export function recordedError(thrown: unknown): RecordedError {
  if (!(thrown instanceof Error)) return { name: 'Error', message: describe(thrown).slice(0, MAX_TEXT) };
  const { name, message, stack } = thrown;
  const recorded = { name, message: message.slice(0, MAX_TEXT), stack: stack?.slice(0, MAX_TEXT) };
  return thrown instanceof CommandFailed ? { ...recorded, command: recordOfFailedCommand(thrown.result) } : recorded;
}

/**
 * An error that tells what was recorded, with the name, message and stack of the one that was thrown elsewhere; of a command
 * that failed a `CommandFailed`.
 *
 * @internal
 */
export function errorFrom(id: string, { name, message, stack, command }: RecordedError): Error {
  const told = command === undefined ? new Error() : new CommandFailed(id, name, commandResultOf(command));
  told.name = name;
  told.message = message;
  if (stack !== undefined) told.stack = stack;
  return told;
}
