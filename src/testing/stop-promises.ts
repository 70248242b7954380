/**
 * The promises of `stop()`, as a simulation sees them, which is synchronous: each resolves when the attempts have ended that were running at
 * its call.
 */
import { inspect } from 'node:util';

/** The promises of one run, in the order of the calls. @internal */
export class StopPromises {
  readonly #open = new Map<number, Promise<void>>();
  #calls = 0;

  /** The number of the next call. */
  get next(): number {
    return this.#calls;
  }

  add(promise: Promise<void>): void {
    this.#open.set(this.#calls, promise);
    this.#calls += 1;
  }

  /** The numbers of those that have resolved since it was last asked. */
  *resolved(): Generator<number> {
    for (const [call, promise] of this.#open) {
      if (isPending(promise)) continue;
      this.#open.delete(call);
      yield call;
    }
  }
}

/** JavaScript tells only later; Node's `inspect` looks at once. */
function isPending(promise: Promise<void>): boolean {
  return inspect(promise).includes('<pending>');
}
