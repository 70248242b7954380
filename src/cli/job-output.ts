/**
 * Prints the outputs of commands: each in one piece, in the order of completion or, with `keepOrder`, of the commands. Waits for a
 * slow reader.
 */
import type { Writable } from 'node:stream';

interface Output {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

const NOTHING: Output = { stdout: new Uint8Array(), stderr: new Uint8Array() };

/** @internal */
export class JobOutput {
  readonly #keepOrder: boolean;
  readonly #waiting = new Map<number, { readonly output: Output; readonly printed: () => void }>();
  #next = 0;

  constructor(keepOrder: boolean) {
    this.#keepOrder = keepOrder;
  }

  /** Resolves when the output has been written. `place` counts from 0, without gaps. */
  async print(place: number, output: Output = NOTHING): Promise<void> {
    if (!this.#keepOrder) return write(output);
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

async function write({ stdout, stderr }: Output): Promise<void> {
  await Promise.all([writeTo(process.stdout, stdout), writeTo(process.stderr, stderr)]);
}

async function writeTo(stream: Writable, bytes: Uint8Array): Promise<void> {
  if (bytes.length === 0) return;
  await new Promise<void>((resolve) => {
    // The listeners of the stream report errors.
    stream.write(bytes, () => resolve());
  });
}
