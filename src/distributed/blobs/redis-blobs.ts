/** Blobs in Redis or Valkey, each a key with a time to live. */
import type { Blobs } from './blobs.js';

/** What is asked of a client of ioredis. @internal */
export interface BlobCommands {
  set(key: string, value: Buffer, unit: 'PX', ms: number): Promise<unknown>;
  getBuffer(key: string): Promise<Buffer | null>;
  pexpire(key: string, ms: number): Promise<unknown>;
  unlink(key: string): Promise<unknown>;
  scan(cursor: string, match: 'MATCH', pattern: string, unit: 'COUNT', count: number): Promise<[string, string[]]>;
}

const SCANNED_AT_ONCE = 1_000;

/** Larger values Redis refuses. */
const MOST_BYTES = 512 * 2 ** 20;

/** Calls a step with a client, again and again until Redis can take it. @internal */
export type BlobConnection = <T>(step: (client: BlobCommands) => Promise<T>) => Promise<T>;

/** Blobs over a connection that its owner opens and closes. @internal */
export class RedisBlobs implements Blobs {
  readonly name = 'redis';
  readonly lifetimeMs: number;
  readonly #through: BlobConnection;
  readonly #prefix: string;

  /** Keys begin with `prefix`. */
  constructor(through: BlobConnection, prefix: string, lifetimeMs: number) {
    this.#through = through;
    this.#prefix = prefix;
    this.lifetimeMs = lifetimeMs;
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    if (bytes.length > MOST_BYTES) {
      throw new RangeError(`it has ${bytes.length} bytes and Redis takes at most ${MOST_BYTES}; use folderBlobs`);
    }
    await this.#through((client) => client.set(this.#prefix + name, viewOf(bytes), 'PX', this.lifetimeMs));
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    return (await this.#through((client) => client.getBuffer(this.#prefix + name))) ?? undefined;
  }

  async renew(names: readonly string[]): Promise<void> {
    const renewed = names.map((name) =>
      this.#through((client) => client.pexpire(this.#prefix + name, this.lifetimeMs)),
    );
    await Promise.all(renewed);
  }

  /** One by one: the keys of a cluster lie in different slots. */
  async delete(names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => this.#through((client) => client.unlink(this.#prefix + name))));
  }

  async clear(beginning: string): Promise<void> {
    // What the prefix has of a pattern's signs stands for itself.
    const pattern = `${(this.#prefix + beginning).replaceAll(/[[\]*?^\\]/g, '\\$&')}*`;
    let cursor = '0';
    do {
      const [next, keys] = await this.#through((client) =>
        client.scan(cursor, 'MATCH', pattern, 'COUNT', SCANNED_AT_ONCE),
      );
      await Promise.all(keys.map((key) => this.#through((client) => client.unlink(key))));
      cursor = next;
    } while (cursor !== '0');
  }
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
