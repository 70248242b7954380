/** The commands of a file or of standard input, one a line, read only as they are asked for. */
import { createReadStream } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

/** More than any system takes as a command. */
const MOST_CHARACTERS = 1_000_000;

/** A command and its number, from 1. @internal */
export interface CommandLine {
  readonly seq: number;
  readonly text: string;
}

/**
 * The lines of `file`, `-` for standard input, without those that are empty or blank, which have no number either. Ends
 * early when `signal` aborts. Throws what reading fails with, and an `Error` for a line of more than a million characters.
 *
 * @internal
 */
export async function* commandLines(file: string, signal: AbortSignal): AsyncGenerator<CommandLine> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  const destroy = (): void => void input.destroy();
  signal.addEventListener('abort', destroy, { once: true });
  let seq = 0;
  try {
    for await (const text of linesOf(input)) {
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

async function* linesOf(input: AsyncIterable<unknown>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of input) {
    const lines = (rest + decoder.write(chunk as Buffer)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MOST_CHARACTERS) throw new Error(`a line has more than ${MOST_CHARACTERS} characters`);
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
  rest += decoder.end();
  if (rest !== '') yield rest;
}
