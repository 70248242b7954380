/**
 * An executor around another one. Where the scheduler has given a task a slot, it claims the task in the folder first; what
 * it gets it has run by the executor inside, and publishes; of what somebody else has it says so at once, so that the slot
 * goes to another task.
 *
 * Invariant: the executor inside never has an attempt whose task is not claimed. Nothing of an attempt is reported before
 * its end is in the log, and what is reported is what the log says.
 */
import { SchedulerError, TaskTimedOut } from '../core/failures.js';
import type { Attempt, Executor, TaskFunction } from '../core/ports.js';
import { ClaimedAttempt, type InnerEnd } from './claimed-attempt.js';
import type { Claim, Claims, Ended } from './claims.js';
import { claimedElsewhere } from './claimed-elsewhere.js';
import { recordedError } from './entry.js';
import type { SettledOptions } from './options.js';

/** An attempt of the scheduler's, and how far it has come. */
interface Run {
  readonly outer: Attempt;
  inner: ClaimedAttempt | undefined;
  aborted: { readonly reason: unknown } | undefined;
}

/** How a claim is brought to its end. */
type Ending =
  | { readonly kind: 'done'; readonly body: Uint8Array; readonly value: unknown }
  | { readonly kind: 'threw'; readonly error: unknown }
  | { readonly kind: 'aborted'; readonly reason: unknown };

/** What the scheduler is told of an attempt. One that is `provisional` has failed, and the folder allows another. */
type Told = Ended | { readonly kind: 'provisional'; readonly error: unknown };

/** @internal */
export class SharedExecutor implements Executor {
  readonly name: string;
  readonly #inner: Executor;
  readonly #claims: Claims;
  readonly #options: SettledOptions;
  readonly #runs = new Map<Attempt, Run>();
  /** Set while a failure is being reported that is not the task's last: the scheduler decides before the report returns. */
  #isProvisional = false;

  constructor(inner: Executor, claims: Claims, options: SettledOptions) {
    this.name = `shared ${inner.name}`;
    this.#inner = inner;
    this.#claims = claims;
    this.#options = options;
  }

  get runsCommands(): boolean {
    return this.#inner.runsCommands === true;
  }

  /** Whether the failure that is being reported may be followed by another attempt, here or elsewhere. */
  get isProvisional(): boolean {
    return this.#isProvisional;
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
    const run: Run = { outer, inner: undefined, aborted: undefined };
    this.#runs.set(outer, run);
    let told: Told;
    try {
      told = await this.#perform(run);
    } catch (error) {
      told = { kind: 'failed', error };
    }
    this.#runs.delete(outer);
    if (run.aborted !== undefined) outer.failed(run.aborted.reason);
    else if (told.kind === 'done') await report(outer, told.value);
    else this.#failed(outer, told);
  }

  #failed(outer: Attempt, { kind, error }: Exclude<Told, { kind: 'done' }>): void {
    this.#isProvisional = kind === 'provisional';
    try {
      outer.failed(error);
    } finally {
      this.#isProvisional = false;
    }
  }

  async #perform(run: Run): Promise<Told> {
    const { id } = run.outer;
    if (id.startsWith('#')) throw nameless(id);
    if (Buffer.from(id).toString() !== id) throw malformed(id);
    const taken = await this.#claims.take(id, () => run.aborted === undefined);
    if (taken.kind === 'elsewhere') throw claimedElsewhere(id);
    return taken.kind === 'mine' ? this.#performClaimed(run, taken.claim) : taken;
  }

  /** Whether it is tried again is up to the scheduler, which may have been closed meanwhile. */
  async #performClaimed(run: Run, claim: Claim): Promise<Told> {
    const ending = await this.#runInside(run, claim.attempt);
    switch (ending.kind) {
      case 'done': {
        const { body, value } = ending;
        if (!(await this.#claims.end(claim, { kind: 'done', body }))) throw claimedElsewhere(claim.id);
        return { kind: 'done', value };
      }
      case 'threw':
        return this.#threw(claim, ending.error);
      case 'aborted': {
        const { reason } = ending;
        // One that takes too long would do so elsewhere, too.
        if (reason instanceof TaskTimedOut) return this.#threw(claim, reason);
        await this.#claims.end(claim, { kind: 'released' });
        return { kind: 'failed', error: reason };
      }
      default:
        return ending satisfies never;
    }
  }

  async #threw(claim: Claim, error: unknown): Promise<Told> {
    const isLast = claim.threw + 1 >= this.#options.attempts;
    const happening = { kind: isLast ? 'failed' : 'threw', error: recordedError(error) } as const;
    // Where somebody has taken over, the log says how it goes on.
    if (!(await this.#claims.end(claim, happening))) throw claimedElsewhere(claim.id);
    return { kind: isLast ? 'failed' : 'provisional', error };
  }

  async #runInside(run: Run, attempt: number): Promise<Ending> {
    const early = abortedIn(run);
    if (early !== undefined) return early;
    const end = await new Promise<InnerEnd>((resolve) => {
      run.inner = new ClaimedAttempt(run.outer, attempt, resolve);
      this.#inner.run(run.inner);
    });
    run.inner = undefined;
    if (end.status === 'done') return this.#encoded(run.outer.id, end.result);
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

/** Of a stream the folder has the array of all that it delivered. */
async function report(outer: Attempt, value: unknown): Promise<void> {
  if (!outer.stream) {
    outer.done(value);
    return;
  }
  if (!Array.isArray(value)) {
    const message = `task ${outer.id} delivers many results; the one in the shared folder is not a list of them`;
    outer.failed(new SchedulerError('FolderCorrupt', message, { tasks: [outer.id] }));
    return;
  }
  // One that is paced says when it has room for the next.
  for (const each of value) await outer.partial(each);
  outer.done(undefined);
}

function nameless(id: string): SchedulerError {
  return new SchedulerError(
    'InvalidArgument',
    'a task on a shared queue needs an id that all participants know it by: submit({ id }, …)',
    { tasks: [id] },
  );
}

function malformed(id: string): SchedulerError {
  const message = `the id of a task on a shared queue must be well-formed Unicode, got ${JSON.stringify(id)}`;
  return new SchedulerError('InvalidArgument', message, { tasks: [id] });
}
