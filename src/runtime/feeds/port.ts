/** The scheduler and the queue, as a feed sees them. */
import type { Failing } from '../tasks/unhandled-failures.js';
import type { OpenFeed } from './open-feeds.js';
import type { FeedQueue } from './outlet.js';

/** The way of one feed to its queue and its scheduler. @internal */
export interface FeedPort<I, R> extends FeedQueue<I, R> {
  /** The queue's name. */
  readonly queue: string;
  opened(feed: OpenFeed): void;
  /** The feed has ended; `unnoticed` is its failure if no user has been told of it. */
  ended(feed: OpenFeed, unnoticed: Failing | undefined): void;
  lookAt(failing: Failing): void;
  /** Calls back in a later turn of the event loop. */
  later(callback: () => void): void;
  /** The feed waits for nothing but its tasks now: the scheduler may be idle or stalled. */
  rested(): void;
  /** A caller waits for the feed's end. */
  waits(): void;
}
