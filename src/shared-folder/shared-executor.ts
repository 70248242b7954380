/**
 * An executor around another one. Where the scheduler has given a task a slot, it claims the task in the folder first; what
 * it gets it has run by the executor inside, and publishes; what somebody else has it says so of, at once, so that the slot
 * goes to another task.
 *
 * Invariant: the executor inside never has an attempt whose task is not claimed. Nothing of an attempt is reported before
 * its end is in the log, and what is reported is what the log says.
 */
import { SchedulerError } from '../core/failures.js';
import type { Attempt, Executor, TaskFunction } from '../core/ports.js';
import type { Claim, Claims, Ended } from './claims.js';
import { ClaimedAttempt, type InnerEnd } from './claimed-attempt.js';
import { recordedError } from './entry.js';
import type { SettledOptions } from './options.js';
import { sharedIdOf } from './task-names.js';

/**
 * What an attempt at a shared task results in.
 *
 * @internal
 */
export class Tried {
  readonly outcome: Ended | { readonly kind: 'elsewhere' };

  constructor(outcome: Ended | { readonly kind: 'elsewhere' }) {
    this.outcome = outcome;
  }
}

/** An attempt of the scheduler's, and how far it has come. */
interface Run {
  readonly id: string;
  readonly outer: Attempt;
  inner: ClaimedAttempt | undefined;
  aborted: { readonly reason: unknown } | undefined;
}

/** How a claim is brought to its end. */
type Ending =
  | { readonly kind: 'done'; readonly body: Uint8Array; readonly value: unknown }
  | { readonly kind: 'threw'; readonly error: unknown }
  | { readonly kind: 'aborted'; readonly reason: unknown };

/** @internal */
export class SharedExecutor implements Executor {
  readonly name: string;
  readonly #inner: Executor;
  readonly #claims: Claims;
  readonly #options: SettledOptions;
  readonly #runs = new Map<Attempt, Run>();

  constructor(inner: Executor, claims: Claims, options: SettledOptions) {
    this.name = `shared ${inner.name}`;
    this.#inner = inner;
    this.#claims = claims;
    this.#options = options;
  }

  accept(fn: TaskFunction): void {
    this.#inner.accept?.(fn);
  }

  run(attempt: Attempt): void {
    void this.#run(attempt);
  }

  abort(attempt: Attempt, reason: unknown, graceMs?: number): void {
    const run = this.#runs.get(attempt);
    if (run === undefined) return;
    run.aborted ??= { reason };
    if (run.inner !== undefined) this.#inner.abort(run.inner, reason, graceMs);
  }

  async close(): Promise<void> {
    await this.#inner.close();
    // A last chance. Whoever had a result that could not be published has been told.
    await this.#claims.publishKept().catch(() => undefined);
    await this.#claims.leave().catch(() => undefined);
  }

  async #run(outer: Attempt): Promise<void> {
    const run: Run = { id: sharedIdOf(outer.id), outer, inner: undefined, aborted: undefined };
    this.#runs.set(outer, run);
    let tried: Tried;
    try {
      tried = new Tried(await this.#perform(run));
    } catch (error) {
      tried = new Tried({ kind: 'failed', error });
    }
    this.#runs.delete(outer);
    if (run.aborted !== undefined) outer.failed(run.aborted.reason);
    else if (outer.stream) {
      outer.partial(tried);
      outer.done(undefined);
    } else outer.done(tried);
  }

  async #perform(run: Run): Promise<Tried['outcome']> {
    for (;;) {
      const taken = await this.#claims.take(run.id, () => run.aborted === undefined);
      if (taken.kind !== 'mine') return taken;
      const ended = await this.#performClaimed(run, taken.claim);
      if (ended !== undefined) return ended;
      // It may be tried again, or somebody has taken over: the log says how it goes on.
    }
  }

  /** Undefined when that was not the end of the task. */
  async #performClaimed(run: Run, claim: Claim): Promise<Ended | undefined> {
    const ending = await this.#runInside(run);
    switch (ending.kind) {
      case 'done': {
        const { body, value } = ending;
        return (await this.#claims.end(claim, { kind: 'done', body })) ? { kind: 'done', value } : undefined;
      }
      case 'threw': {
        const isLast = claim.threw + 1 >= this.#options.attempts;
        const error = recordedError(ending.error);
        const isWritten = await this.#claims.end(claim, { kind: isLast ? 'failed' : 'threw', error });
        return isWritten && isLast ? { kind: 'failed', error: ending.error } : undefined;
      }
      case 'aborted':
        await this.#claims.end(claim, { kind: 'released' });
        return { kind: 'failed', error: ending.reason };
      default:
        return ending satisfies never;
    }
  }

  async #runInside(run: Run): Promise<Ending> {
    const early = abortedIn(run);
    if (early !== undefined) return early;
    const end = await new Promise<InnerEnd>((resolve) => {
      run.inner = new ClaimedAttempt(run.id, run.outer, resolve);
      this.#inner.run(run.inner);
    });
    run.inner = undefined;
    if (end.status === 'done') return this.#encoded(run.id, end.result);
    return abortedIn(run) ?? { kind: 'threw', error: end.error };
  }

  /** A result is what the folder can hold of it, for the one that computed it too. */
  #encoded(id: string, result: unknown): Ending {
    const { codec, maxBytes } = this.#options;
    try {
      const body = codec.encode(result);
      if (body.byteLength > maxBytes) {
        const message = `the result of task ${id} has ${body.byteLength} bytes, the shared folder takes ${maxBytes}`;
        throw new SchedulerError('NotStorable', message, { tasks: [id] });
      }
      return { kind: 'done', body, value: codec.decode(body) };
    } catch (error) {
      return { kind: 'threw', error };
    }
  }
}

/** Asked again after every wait: an abort may come at any time. */
function abortedIn({ aborted }: Run): Ending | undefined {
  return aborted === undefined ? undefined : { kind: 'aborted', reason: aborted.reason };
}
