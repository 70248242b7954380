/** The commands of a file or of standard input, one a line, read only as they are asked for. */
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';

/** More than any system takes as a command. */
const MOST_BYTES = 1_000_000;

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BYTE_ORDER_MARK = Buffer.from('\u{FEFF}');

/** Refuses what is no text: a command that was changed on the way is another one. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A command and its number, from 1. @internal */
export interface CommandLine {
  readonly seq: number;
  readonly text: string;
}

/** What `file` holds, `-` for standard input. Rejects where that cannot be read. @internal */
export async function openInput(file: string): Promise<Readable> {
  if (file === '-') return process.stdin;
  const handle = await open(file);
  if (!(await handle.stat()).isDirectory()) return handle.createReadStream();
  await handle.close();
  throw new Error(`${file} is a folder`);
}

/**
 * The lines of `input`, without those that are empty or blank, which have no number either. Ends early when `signal` aborts. Line ends are `\n` and `\r\n`; a byte order mark at the beginning is none of the text. Throws what
 * reading fails with, and an `Error` for a line of more than a million bytes and for one that is not UTF-8.
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
    // Being destroyed on request is no failure.
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', destroy);
    input.destroy();
  }
}

/** The bytes of each line, without its end. */
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
    if (rest.length > MOST_BYTES) throw new Error(`a line has more than ${MOST_BYTES} bytes`);
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
