/** Reads a stream of Redis entry by entry, as the entries come. */
import type { Redis } from 'ioredis';
import type { RedisLink } from './link.js';
import { BLOCK_MS } from './link.js';

const MOST_ENTRIES = 1_000;

/** The field of an entry that has the message. @internal */
export const MESSAGE_FIELD = 'm';

/** Reads from the first entry on, until the link is closed. @internal */
export class StreamReader {
  /** Id of the last entry that was taken. */
  last = '0';
  /** Resolves when no more is read. */
  readonly finished: Promise<void>;
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
    this.finished = this.#read();
  }

  async #read(): Promise<void> {
    while (!this.#link.isClosed) {
      try {
        await this.#link.through(() => this.#next());
      } catch {
        return; // Closed.
      }
    }
  }

  async #next(): Promise<void> {
    const found = await this.#client.xreadBuffer(
      'COUNT',
      MOST_ENTRIES,
      'BLOCK',
      BLOCK_MS,
      'STREAMS',
      this.#key,
      this.last,
    );
    for (const [, entries] of found ?? []) {
      for (const [id, fields] of entries) {
        this.last = id.toString();
        if (fields[0]?.toString() === MESSAGE_FIELD && fields[1] !== undefined) this.#take(fields[1]);
      }
      this.#link.client.xtrim(this.#key, 'MINID', this.last).catch(() => undefined);
    }
  }
}
