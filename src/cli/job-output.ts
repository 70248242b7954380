/**
 * Prints the outputs of commands: each in one piece, in the order of completion or, with `keepOrder`, of the commands. Waits for a
 * slow reader.
 */
import type { Writable } from 'node:stream';
import { holdStatus, releaseStatus } from './status-line.js';

/** What is to be printed, piece by piece. @internal */
export interface Output {
  readonly stdout: Iterable<Uint8Array>;
  readonly stderr: Iterable<Uint8Array>;
}

const NOTHING: Output = { stdout: [], stderr: [] };

const NEWLINE = 0x0a;

/** @internal */
export class JobOutput {
  readonly #keepOrder: boolean;
  readonly #waiting = new Map<number, { readonly output: Output; readonly printed: () => void }>();
  #next = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(keepOrder: boolean) {
    this.#keepOrder = keepOrder;
  }

  /** Resolves when the output has been written, never if that fails. `place` counts from 0, without gaps. */
  async print(place: number, output: Output = NOTHING): Promise<void> {
    if (!this.#keepOrder) {
      // In one piece: no other output comes in between.
      this.#writing = this.#writing.then(() => write(output));
      return this.#writing;
    }
    await new Promise<void>((printed) => {
      this.#waiting.set(place, { output, printed });
      if (place === this.#next) void this.#printAll();
    });
  }

  async #printAll(): Promise<void> {
    for (let first = this.#waiting.get(this.#next); first !== undefined; first = this.#waiting.get(this.#next)) {
      await write(first.output);
      this.#waiting.delete(this.#next);
      this.#next += 1;
      first.printed();
    }
  }
}

/** The same bytes with `tag` and a tab before each line. @internal */
export function* tagged(chunks: Iterable<Uint8Array>, tag: string): Generator<Uint8Array> {
  const mark = Buffer.from(`${tag}\t`);
  let isLineStart = true;
  for (const chunk of chunks) {
    const parts: Uint8Array[] = [];
    for (let from = 0; from < chunk.length; ) {
      const end = chunk.indexOf(NEWLINE, from) + 1 || chunk.length;
      if (isLineStart) parts.push(mark);
      parts.push(chunk.subarray(from, end));
      isLineStart = chunk[end - 1] === NEWLINE;
      from = end;
    }
    yield Buffer.concat(parts);
  }
}

/** The output with `tag` before each of its lines, if there is one, and with `notes` at its end. @internal */
export function annotated({ stdout, stderr }: Output, tag: string | undefined, notes: Uint8Array): Output {
  if (tag === undefined) return { stdout, stderr: chained(stderr, notes) };
  return { stdout: tagged(stdout, tag), stderr: chained(tagged(stderr, tag), notes) };
}

/** The same bytes, and then the last ones. */
function* chained(chunks: Iterable<Uint8Array>, last: Uint8Array): Generator<Uint8Array> {
  yield* chunks;
  yield last;
}

async function write({ stdout, stderr }: Output): Promise<void> {
  holdStatus();
  await Promise.all([writeTo(process.stdout, stdout), writeTo(process.stderr, stderr)]);
  releaseStatus();
}

async function writeTo(stream: Writable, chunks: Iterable<Uint8Array>): Promise<void> {
  for (const chunk of chunks) {
    // closed-output.ts ends the process when a stream fails: what was not printed must not look done.
    if (chunk.length > 0) await new Promise<void>((resolve) => stream.write(chunk, (error) => error ?? resolve()));
  }
}
