/**
 * The guard around everything that others wrote: tracer, meter, propagator, context manager, `redact`.
 *
 * Invariant: an error in them is counted here, and never reaches the scheduler.
 */

/** Counts errors and keeps the last. @internal */
export class Guard {
  errors = 0;
  lastError: unknown = undefined;

  readonly failed = (error: unknown): void => {
    this.errors += 1;
    this.lastError = error;
  };

  /** What `call` returns; undefined where it throws. */
  try<T>(call: () => T): T | undefined {
    try {
      return call();
    } catch (error) {
      this.failed(error);
      return undefined;
    }
  }
}
