/** A worker as its program sees it. */

/**
 * A worker that takes attempts. Made by `startWorker`.
 *
 * @public
 */
export interface DistributedWorker {
  /** Unique to this worker. */
  readonly id: string;
  /** How many attempts it runs at once. */
  readonly slots: number;
  /** How many attempts it runs now. */
  readonly running: number;
  /** Takes no more attempts; resolves when those that run have ended and the worker has closed. */
  drain(): Promise<void>;
  /** As `drain`, but aborts the attempts that run: they fail with `WorkerLost`. Does not wait for a Redis that is away. */
  close(): Promise<void>;
}
