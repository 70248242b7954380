/** Collects the output of a command: up to a bound, or line by line. */
import { SchedulerError } from '../../core/failures.js';

/** A part of an output, of at most `maxBytes`. */
abstract class KeptOutput {
  protected readonly maxBytes: number;
  protected readonly chunks: Uint8Array[] = [];
  protected size = 0;
  /** Whether anything was left out. */
  isCut = false;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  abstract push(chunk: Uint8Array): void;

  bytes(): Uint8Array {
    return joined(this.chunks);
  }
}

/**
 * Keeps the first bytes.
 *
 * @internal
 */
export class OutputHead extends KeptOutput {
  override push(chunk: Uint8Array): void {
    const room = this.maxBytes - this.size;
    if (chunk.length > room) this.isCut = true;
    const kept = chunk.subarray(0, room);
    if (kept.length === 0) return;
    this.chunks.push(kept);
    this.size += kept.length;
  }
}

/**
 * Keeps the last bytes.
 *
 * @internal
 */
export class OutputTail extends KeptOutput {
  override push(chunk: Uint8Array): void {
    this.chunks.push(chunk);
    this.size += chunk.length;
    while (this.size > this.maxBytes) {
      this.isCut = true;
      const first = this.chunks.shift() ?? chunk;
      const excess = this.size - this.maxBytes;
      if (first.length > excess) this.chunks.unshift(first.subarray(excess));
      this.size -= Math.min(first.length, excess);
    }
  }
}

/** A promise to wait for before more output is delivered; nothing if there is no need to wait. @internal */
export type Taken = void | PromiseLike<void>;

/**
 * Cuts bytes into lines of UTF-8 text, each delivered without its end (`\n` or `\r\n`) after the previous one has been taken.
 * Bounds: memory of one line and one chunk.
 *
 * @internal
 */
export class LineCutter {
  readonly #maxBytes: number;
  readonly #onLine: (line: string) => Taken;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #parts: Uint8Array[] = [];
  #bytes = 0;

  constructor(maxBytes: number, onLine: (line: string) => Taken) {
    this.#maxBytes = maxBytes;
    this.#onLine = onLine;
  }

  /** Rejects with `SchedulerError` `LineTooLong`. */
  async push(chunk: Uint8Array): Promise<void> {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      this.#add(chunk.subarray(from, end));
      const taken = this.#emit();
      // Usually there is nothing to wait for, and a chunk may have many lines.
      if (taken !== undefined) await taken;
      from = end + 1;
    }
    if (from < chunk.length) this.#add(chunk.subarray(from));
  }

  /** The output has ended; text after the last line end is a line too. */
  end(): void {
    if (this.#bytes > 0) void this.#emit();
  }

  #add(part: Uint8Array): void {
    this.#bytes += part.length;
    if (this.#bytes > this.#maxBytes) {
      throw new SchedulerError('LineTooLong', `a line of the output is longer than ${this.#maxBytes} bytes`);
    }
    this.#parts.push(part);
  }

  #emit(): Taken {
    const line = this.#decoder.decode(joined(this.#parts));
    this.#parts = [];
    this.#bytes = 0;
    return this.#onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
  }
}

const NEWLINE = 0x0a;

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks;
  if (only !== undefined && chunks.length === 1) return only;
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
