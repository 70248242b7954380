/** Reads commands from a file or standard input, one per line, only as they are needed. */
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';

/** Longer than any operating system allows a command to be. */
const MOST_BYTES = 1_000_000;

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BYTE_ORDER_MARK = Buffer.from('\u{FEFF}');

/** Refuses invalid UTF-8: with replacement characters it would be a different command. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A command and its number, starting at 1. @internal */
export interface CommandLine {
  readonly seq: number;
  readonly text: string;
}

/** Opens `file`, or standard input for `-`. Rejects if it cannot be read. @internal */
export async function openInput(file: string): Promise<Readable> {
  if (file === '-') return process.stdin;
  const handle = await open(file);
  if (!(await handle.stat()).isDirectory()) return handle.createReadStream();
  await handle.close();
  throw new Error(`${file} is a folder`);
}

/**
 * The lines of `input`, numbered; blank lines are skipped and not counted. Line ends are `\n` and `\r\n`, and a leading byte order
 * mark is dropped. Ends early when `signal` aborts. Throws read errors, and an `Error` for a line that is longer than a million
 * bytes or not UTF-8.
 *
 * @internal
 */
export async function* commandLines(input: Readable, signal: AbortSignal): AsyncGenerator<CommandLine> {
  const destroy = (): void => void input.destroy();
  signal.addEventListener('abort', destroy, { once: true });
  let seq = 0;
  try {
    for await (const bytes of linesOf(input)) {
      const text = textOf(bytes, seq + 1);
      if (text.trim() === '') continue;
      seq += 1;
      yield { seq, text };
    }
  } catch (error) {
    // An error caused by our own `destroy` is not a failure.
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', destroy);
    input.destroy();
  }
}

/** The bytes of each line, without the line end. */
async function* linesOf(input: AsyncIterable<unknown>): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  let isFirst = true;
  const lineOf = (bytes: Buffer): Buffer => {
    const start = isFirst && bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0;
    isFirst = false;
    return bytes.subarray(start, bytes.at(-1) === RETURN ? -1 : undefined);
  };
  for await (const chunk of input) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    let from = 0;
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE, from)) {
      yield lineOf(rest.subarray(from, end));
      from = end + 1;
    }
    rest = rest.subarray(from);
    if (rest.length > MOST_BYTES) throw new Error(`a line is longer than ${MOST_BYTES} bytes`);
  }
  if (rest.length > 0) yield lineOf(rest);
}

function textOf(line: Buffer, seq: number): string {
  try {
    return decoder.decode(line);
  } catch {
    throw new Error(`line ${seq} is not UTF-8`);
  }
}
