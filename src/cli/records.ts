/** Reads the records of a file or of standard input, which are lines or end with NUL, only as they are needed. */
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { say } from './say.js';

/** Longer than any operating system allows a command to be. */
const MOST_BYTES = 1_000_000;

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BYTE_ORDER_MARK = Buffer.from('\u{FEFF}');

/** Refuses invalid UTF-8: with replacement characters it would be a different command. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** What ends a record: a line end, `\n` or `\r\n`, or a NUL byte. @internal */
export type RecordEnd = 'line' | 'nul';

/** Opens `file`, or standard input for `-`. Rejects if it cannot be read. @internal */
export async function openInput(file: string): Promise<Readable> {
  if (file === '-') {
    if (process.stdin.isTTY) say('exec', 'reading lines from the terminal; Ctrl-D ends them');
    return process.stdin;
  }
  const handle = await open(file);
  if (!(await handle.stat()).isDirectory()) return handle.createReadStream();
  await handle.close();
  throw new Error(`${file} is a folder`);
}

/**
 * The records of `input`, without their ends. A byte order mark before the first line is dropped. Ends early, and closes the input, when
 * `signal` aborts. Throws read errors, and an `Error` for a record that is longer than a million bytes or not UTF-8.
 *
 * @internal
 */
export async function* records(input: Readable, ends: RecordEnd, signal?: AbortSignal): AsyncGenerator<string> {
  const destroy = (): void => void input.destroy();
  signal?.addEventListener('abort', destroy, { once: true });
  let number = 0;
  try {
    for await (const bytes of ends === 'line' ? linesOf(input) : piecesOf(input, 0)) {
      number += 1;
      yield textOf(bytes, ends, number);
    }
  } catch (error) {
    // An error caused by our own `destroy` is not a failure.
    if (signal?.aborted !== true) throw error;
  } finally {
    signal?.removeEventListener('abort', destroy);
    input.destroy();
  }
}

/** The bytes of each line, without the line end. */
async function* linesOf(input: AsyncIterable<unknown>): AsyncGenerator<Buffer> {
  let isFirst = true;
  for await (const bytes of piecesOf(input, NEWLINE)) {
    const start = isFirst && bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0;
    isFirst = false;
    yield bytes.subarray(start, bytes.at(-1) === RETURN ? -1 : undefined);
  }
}

/** What stands between the bytes `end`, and after the last one if anything does. */
async function* piecesOf(input: AsyncIterable<unknown>, endByte: number): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  for await (const chunk of input) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    let from = 0;
    for (let end = rest.indexOf(endByte); end >= 0; end = rest.indexOf(endByte, from)) {
      yield rest.subarray(from, end);
      from = end + 1;
    }
    rest = rest.subarray(from);
    if (rest.length > MOST_BYTES) throw new Error(`a line is longer than ${MOST_BYTES} bytes`);
  }
  if (rest.length > 0) yield rest;
}

function textOf(bytes: Buffer, ends: RecordEnd, number: number): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Error(`${ends === 'line' ? 'line' : 'record'} ${number} is not UTF-8`);
  }
}
