/** Blobs in Redis or Valkey, each a key with a time to live. */
import type { Blobs } from './blobs.js';

/** What is asked of a client of ioredis. @internal */
export interface BlobCommands {
  set(key: string, value: Buffer, unit: 'PX', ms: number): Promise<unknown>;
  getBuffer(key: string): Promise<Buffer | null>;
  pexpire(key: string, ms: number): Promise<unknown>;
  unlink(key: string): Promise<unknown>;
}

/** Larger values Redis refuses. */
const MOST_BYTES = 512 * 2 ** 20;

/** Blobs over a connection that its owner opens and closes. @internal */
export class RedisBlobs implements Blobs {
  readonly name = 'redis';
  readonly lifetimeMs: number;
  readonly #client: () => Promise<BlobCommands>;
  readonly #prefix: string;

  constructor(client: () => Promise<BlobCommands>, prefix: string, lifetimeMs: number) {
    this.#client = client;
    this.#prefix = prefix;
    this.lifetimeMs = lifetimeMs;
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    if (bytes.length > MOST_BYTES) {
      throw new RangeError(`it has ${bytes.length} bytes and Redis takes at most ${MOST_BYTES}; use folderBlobs`);
    }
    const client = await this.#client();
    await client.set(this.#prefix + name, viewOf(bytes), 'PX', this.lifetimeMs);
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    const client = await this.#client();
    return (await client.getBuffer(this.#prefix + name)) ?? undefined;
  }

  async renew(names: readonly string[]): Promise<void> {
    const client = await this.#client();
    await Promise.all(names.map((name) => client.pexpire(this.#prefix + name, this.lifetimeMs)));
  }

  /** One by one: the keys of a cluster lie in different slots. */
  async delete(names: readonly string[]): Promise<void> {
    const client = await this.#client();
    await Promise.all(names.map((name) => client.unlink(this.#prefix + name)));
  }

  async close(): Promise<void> {}
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
