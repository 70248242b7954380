/**
 * The feeds of a scheduler that have not ended. They are work even at moments when they have no task.
 *
 * Invariant: a feed is listed from its creation until it has ended.
 */

/** A feed, as seen by its scheduler. @internal */
export interface OpenFeed {
  /** Name of the queue that its tasks go to. */
  readonly queue: string;
  /** Whether the feed waits for something besides its tasks that will come by itself: its source, `onResult` or its reader. */
  readonly isMoving: boolean;
  /** The window may have grown. */
  windowChanged(): void;
  /** The scheduler or the queue takes nothing more: nor does the feed, which submits the items that it has. */
  close(reason: unknown): void;
  /** The scheduler closes: gives up the items that it has not submitted. */
  giveUp(reason: unknown): void;
  /** The scheduler has stalled: rejects the waits for the feed's end. Returns how many there were. */
  stalled(error: unknown): number;
  /** The scheduler ends at once: waits neither for the source nor for `onResult`. */
  terminate(reason: unknown): void;
  /** Resolves when the feed has ended. */
  quiet(): Promise<void>;
}

/** A set of feeds. `isMoving` is O(feeds), which are few. @internal */
export class OpenFeeds {
  readonly #feeds = new Set<OpenFeed>();

  get count(): number {
    return this.#feeds.size;
  }

  /** Whether any of them waits for something besides tasks that will come by itself. */
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

  /** A queue has other limits. */
  windowsChanged(): void {
    for (const feed of this.#feeds) feed.windowChanged();
  }

  /** Closes all of them, or those of one queue; resolves when they have ended. */
  async close(reason: unknown, queue?: string): Promise<void> {
    const open = [...this.#feeds].filter((feed) => queue === undefined || feed.queue === queue);
    for (const feed of open) feed.close(reason);
    await Promise.all(open.map((feed) => feed.quiet()));
  }

  /** See `OpenFeed.giveUp`. */
  giveUp(reason: unknown): void {
    for (const feed of this.#feeds) feed.giveUp(reason);
  }

  /** See `OpenFeed.stalled`. */
  stalled(error: unknown): number {
    let count = 0;
    for (const feed of this.#feeds) count += feed.stalled(error);
    return count;
  }

  /** Terminates all of them, also those that a `close` waits for. */
  terminate(reason: unknown): void {
    for (const feed of this.#feeds) feed.terminate(reason);
  }
}
