/** Reads a stream of Redis entry by entry, as the entries come. */
import type { Redis } from 'ioredis';
import { deferred } from '../core/deferred.js';
import type { RedisLink } from './link.js';
import { BLOCK_MS } from './link.js';

const MOST_ENTRIES = 1_000;

/** After so many entries those that were taken are removed. */
const TRIM_EVERY = 100;

/** The field of an entry that has the message. @internal */
export const MESSAGE_FIELD = 'm';

/** Reads from the first entry on, until the link is closed. @internal */
export class StreamReader {
  /** Id of the last entry that was taken. */
  last = '0';
  /** Resolves when all has been taken that was there at first, or the link is closed. */
  readonly caughtUp: Promise<void>;
  #untrimmed = 0;
  readonly #link: RedisLink;
  readonly #client: Redis;
  readonly #key: string;
  readonly #take: (message: Buffer) => void;

  /** @param take - called for each message, in order; must not throw. */
  constructor(link: RedisLink, key: string, take: (message: Buffer) => void) {
    this.#link = link;
    this.#client = link.duplicate();
    this.#key = key;
    this.#take = take;
    const { promise, resolve } = deferred<void>();
    this.caughtUp = promise;
    void this.#read(resolve);
  }

  /** Removes what was taken from the stream, all but the last entry. */
  trim(): void {
    if (this.#untrimmed === 0) return;
    this.#untrimmed = 0;
    this.#link.client.xtrim(this.#key, 'MINID', this.last).catch(() => undefined);
  }

  async #read(caughtUp: () => void): Promise<void> {
    try {
      while (await this.#link.through(() => this.#next(false)));
      caughtUp();
      for (;;) await this.#link.through(() => this.#next(true));
    } catch {
      // Closed.
    } finally {
      caughtUp();
    }
  }

  /** Takes what is there, or waits for it a while; returns whether there was anything. */
  async #next(waits: boolean): Promise<boolean> {
    const [client, key, last] = [this.#client, this.#key, this.last];
    const found = waits
      ? await client.xreadBuffer('COUNT', MOST_ENTRIES, 'BLOCK', BLOCK_MS, 'STREAMS', key, last)
      : await client.xreadBuffer('COUNT', MOST_ENTRIES, 'STREAMS', key, last);
    const entries = (found ?? []).flatMap(([, ofStream]) => ofStream);
    for (const [id, [field, message]] of entries) {
      this.last = id.toString();
      if (field?.toString() === MESSAGE_FIELD && message !== undefined) this.#take(message);
    }
    this.#untrimmed += entries.length;
    if (this.#untrimmed >= TRIM_EVERY) this.trim();
    return entries.length > 0;
  }
}
