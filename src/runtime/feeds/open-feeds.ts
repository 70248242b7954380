/**
 * The feeds of a scheduler that have not come to their end: work to be done, of which there may be no task at the moment.
 */

/** What the scheduler has to know of a feed. @internal */
export interface OpenFeed {
  /** Something is under way besides its tasks that will lead on: the source, `onResult` or its reader is waited for. */
  readonly isMoving: boolean;
  /** The scheduler closes: nothing more is taken. */
  close(reason: unknown): void;
  /** The scheduler ends at once: nobody is waited for any more that gives items or takes results. */
  terminate(reason: unknown): void;
  /** Resolves when all its tasks have settled and neither `onResult` nor its source is waited for. */
  quiet(): Promise<void>;
}

/** A set of feeds; few, so that looking through them is cheap. @internal */
export class OpenFeeds {
  readonly #feeds = new Set<OpenFeed>();

  get count(): number {
    return this.#feeds.size;
  }

  /** Whether any of them will lead on by itself. */
  get isMoving(): boolean {
    if (this.#feeds.size === 0) return false;
    for (const feed of this.#feeds) if (feed.isMoving) return true;
    return false;
  }

  add(feed: OpenFeed): void {
    this.#feeds.add(feed);
  }

  remove(feed: OpenFeed): void {
    this.#feeds.delete(feed);
  }

  /** Ends them all; resolves when they are quiet. */
  async close(reason: unknown): Promise<void> {
    const open = [...this.#feeds];
    for (const feed of open) feed.close(reason);
    await Promise.all(open.map((feed) => feed.quiet()));
  }

  /** Ends them all at once, also those of which a `close` waits. */
  terminate(reason: unknown): void {
    for (const feed of this.#feeds) feed.terminate(reason);
  }
}
