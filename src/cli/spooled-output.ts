/**
 * The output of a command until it is printed: in memory up to a bound, then in a temporary file without a name, which is gone with
 * the process however that ends.
 *
 * Invariant: nothing is left out. Where the file cannot be written, `push` throws.
 */
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandOutputs } from '../core/command.js';
import { SLOT_VARIABLE } from './command-template.js';

/** How much is read from the file at a time. */
const CHUNK_BYTES = 65_536;

let opened = 0;

/** Bytes that are written once and then read any number of times. @internal */
export class SpooledOutput implements Iterable<Uint8Array> {
  readonly #maxMemoryBytes: number;
  #inMemory: Uint8Array[] = [];
  #memoryBytes = 0;
  #file: SpoolFile | undefined;

  constructor(maxMemoryBytes: number) {
    this.#maxMemoryBytes = maxMemoryBytes;
  }

  /** How many bytes there are. */
  get length(): number {
    return this.#memoryBytes + (this.#file?.length ?? 0);
  }

  /** @throws Error if there is no room for the bytes. */
  push(chunk: Uint8Array): void {
    if (this.#memoryBytes + chunk.length > this.#maxMemoryBytes) this.#file ??= spoolFile();
    if (this.#file !== undefined) {
      this.#file.push(chunk);
      return;
    }
    this.#inMemory.push(chunk);
    this.#memoryBytes += chunk.length;
  }

  /** All bytes, piece by piece. */
  *[Symbol.iterator](): Generator<Uint8Array> {
    yield* this.#inMemory;
    if (this.#file !== undefined) yield* this.#file.chunks();
  }

  /** Drops all bytes. */
  clear(): void {
    this.#inMemory = [];
    this.#memoryBytes = 0;
    this.#file?.close();
    this.#file = undefined;
  }
}

/** Undefined while the process has no file descriptor for it: then the output stays in memory. */
function spoolFile(): SpoolFile | undefined {
  try {
    return new SpoolFile();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EMFILE' || code === 'ENFILE') return undefined;
    throw new Error(`its output needs a file in ${tmpdir()} (${String(cause)})`, { cause });
  }
}

/** The part of an output that is on disk. */
class SpoolFile {
  readonly #path: string;
  readonly #descriptor: number;
  length = 0;

  constructor() {
    opened += 1;
    this.#path = join(tmpdir(), `pullgraph-output-${process.pid}-${opened}`);
    this.#descriptor = openSync(this.#path, 'wx+', 0o600);
    // Where an open file keeps its name, on Windows, it is removed when it is closed.
    if (process.platform !== 'win32') rmSync(this.#path);
  }

  push(chunk: Uint8Array): void {
    try {
      for (let done = 0; done < chunk.length; ) {
        const written = writeSync(this.#descriptor, chunk, done, chunk.length - done, this.length);
        done += written;
        this.length += written;
      }
    } catch (cause) {
      throw new Error(`its output does not fit into ${tmpdir()} (${String(cause)})`, { cause });
    }
  }

  *chunks(): Generator<Uint8Array> {
    for (let at = 0; at < this.length; ) {
      const chunk = new Uint8Array(Math.min(CHUNK_BYTES, this.length - at));
      const read = readSync(this.#descriptor, chunk, 0, chunk.length, at);
      if (read === 0) throw new Error(`a temporary file in ${tmpdir()} has become shorter`);
      at += read;
      yield chunk.subarray(0, read);
    }
  }

  close(): void {
    closeSync(this.#descriptor);
    if (process.platform === 'win32') rmSync(this.#path, { force: true });
  }
}

/** Numbers for what runs at once: each taken is the lowest that is free, from 1. @internal */
export class SlotNumbers {
  readonly #taken = new Set<number>();

  take(): number {
    let slot = 1;
    while (this.#taken.has(slot)) slot += 1;
    this.#taken.add(slot);
    return slot;
  }

  give(slot: number): void {
    this.#taken.delete(slot);
  }
}

/** Both outputs of a command: of its last attempt. @internal */
export class SpooledOutputs implements CommandOutputs {
  readonly stdout: SpooledOutput;
  readonly stderr: SpooledOutput;
  #isRunning = false;
  #onEnd: (() => void) | undefined;
  readonly #slots: SlotNumbers;
  #slot: number | undefined;

  readonly timeoutMs: number | undefined;
  readonly #begun: () => void;

  /** `begun` is called when the process of an attempt has started. */
  constructor(maxMemoryBytes: number, slots: SlotNumbers, timeoutMs?: number, begun: () => void = () => undefined) {
    this.#slots = slots;
    this.timeoutMs = timeoutMs;
    this.#begun = begun;
    this.stdout = new SpooledOutput(maxMemoryBytes);
    this.stderr = new SpooledOutput(maxMemoryBytes);
  }

  environment(): Readonly<Record<string, string>> {
    this.#slot = this.#slots.take();
    return { [SLOT_VARIABLE]: String(this.#slot) };
  }

  begin(): void {
    this.clear();
    this.#isRunning = true;
    this.#begun();
  }

  push(stream: 'stdout' | 'stderr', chunk: Uint8Array): void {
    this[stream].push(chunk);
  }

  end(): void {
    if (this.#slot !== undefined) this.#slots.give(this.#slot);
    this.#slot = undefined;
    this.#isRunning = false;
    this.#onEnd?.();
  }

  /** Resolves when no process runs any more: one that has timed out may still print while it is being ended. */
  async ended(): Promise<void> {
    if (!this.#isRunning) return;
    await new Promise<void>((resolve) => {
      this.#onEnd = resolve;
    });
  }

  clear(): void {
    this.stdout.clear();
    this.stderr.clear();
  }
}
