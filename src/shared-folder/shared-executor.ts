/**
 * Wraps an executor. When the scheduler starts a task, this executor first claims it in the folder. A claimed task runs in the inner
 * executor, and its result is published; an attempt at a task that is claimed elsewhere fails at once, which frees the slot.
 *
 * Invariant: the inner executor only runs claimed tasks. An attempt reports nothing before its end is in the log, and then reports
 * the log's content.
 */
import { runCommand } from '../core/command.js';
import { SchedulerError, TaskTimedOut } from '../core/failures.js';
import type { Attempt, Executor, TaskFunction } from '../core/ports.js';
import { ClaimedAttempt, type InnerEnd } from './claimed-attempt.js';
import type { Claim, Claims, Ended } from './claims.js';
import { claimedElsewhere } from './claimed-elsewhere.js';
import { type Happening, recordedError } from './entry.js';
import { isUnavailable } from './folder-retry.js';
import type { SettledOptions } from './options.js';
import { endMarked, markOf } from './orphans.js';
import { unpublished } from './unpublished.js';

/** An attempt of the scheduler and its progress. */
interface Run {
  readonly outer: Attempt;
  inner: ClaimedAttempt | undefined;
  aborted: { readonly reason: unknown } | undefined;
}

/** How an attempt at a claimed task ended in the inner executor. */
type Ending =
  | { readonly kind: 'done'; readonly body: Uint8Array; readonly value: unknown }
  | { readonly kind: 'threw'; readonly error: unknown }
  | { readonly kind: 'aborted'; readonly reason: unknown };

/** The report to the scheduler. `provisional` is a failure after which the folder allows another attempt. */
type Verdict = Ended | { readonly kind: 'provisional'; readonly error: unknown };

/** @internal */
export class SharedExecutor implements Executor {
  readonly name: string;
  readonly #inner: Executor;
  readonly #claims: Claims;
  readonly #options: SettledOptions;
  readonly #runs = new Map<Attempt, Run>();
  /** True while a provisional failure is being reported; the scheduler decides about a retry before the report returns. */
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

  /** Whether another attempt, here or elsewhere, may follow the failure being reported. */
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
    // A last chance for pending results; their tasks have failed already.
    await this.#claims.publishKept().catch(() => undefined);
    await this.#claims.leave().catch(() => undefined);
  }

  async #run(outer: Attempt): Promise<void> {
    const run: Run = { outer, inner: undefined, aborted: undefined };
    this.#runs.set(outer, run);
    let verdict: Verdict;
    try {
      verdict = await this.#perform(run);
    } catch (error) {
      verdict = { kind: 'failed', error };
    }
    this.#runs.delete(outer);
    if (run.aborted !== undefined) outer.failed(run.aborted.reason);
    else if (verdict.kind === 'done') await report(outer, verdict.value);
    else this.#failed(outer, verdict);
  }

  #failed(outer: Attempt, { kind, error }: Exclude<Verdict, { kind: 'done' }>): void {
    this.#isProvisional = kind === 'provisional';
    try {
      outer.failed(error);
    } finally {
      this.#isProvisional = false;
    }
  }

  async #perform(run: Run): Promise<Verdict> {
    const { id } = run.outer;
    if (id.startsWith('#')) throw nameless(id);
    if (Buffer.from(id).toString() !== id) throw malformed(id);
    const taken = await this.#claims.take(id, () => run.aborted === undefined);
    if (taken.kind === 'elsewhere') throw claimedElsewhere(id);
    return taken.kind === 'mine' ? this.#performClaimed(run, taken.claim) : taken;
  }

  /** Makes one attempt. The scheduler decides about another; it may have been closed meanwhile. */
  async #performClaimed(run: Run, claim: Claim): Promise<Verdict> {
    const { id, takenFrom } = claim;
    if (takenFrom !== undefined && run.outer.fn === runCommand) {
      // What its participant has left behind must not run beside it.
      await endMarked(markOf(takenFrom, id), () => run.aborted === undefined);
    }
    const ending = await this.#runInside(run, claim.attempt);
    switch (ending.kind) {
      case 'done': {
        const { body, value } = ending;
        await this.#publish(claim, { kind: 'done', body }, { kind: 'done', value });
        return { kind: 'done', value };
      }
      case 'threw':
        return this.#threw(claim, ending.error);
      case 'aborted': {
        const { reason } = ending;
        // It would time out elsewhere too, so it counts as an attempt.
        if (reason instanceof TaskTimedOut) return this.#threw(claim, reason);
        await this.#claims.end(claim, { kind: 'released' });
        return { kind: 'failed', error: reason };
      }
    }
  }

  async #threw(claim: Claim, error: unknown): Promise<Verdict> {
    const isLast = claim.threw + 1 >= this.#options.attempts;
    const happening = { kind: isLast ? 'failed' : 'threw', error: recordedError(error) } as const;
    await this.#publish(claim, happening, { kind: 'failed', error });
    return { kind: isLast ? 'failed' : 'provisional', error };
  }

  /** Rejects if another participant has taken over, whose entries in the log decide then, or if the folder is unavailable. */
  async #publish(claim: Claim, happening: Happening, ended: Ended): Promise<void> {
    let isOurs: boolean;
    try {
      isOurs = await this.#claims.end(claim, happening);
    } catch (error) {
      throw isUnavailable(error) ? unpublished(claim.id, ended, error) : error;
    }
    if (!isOurs) throw claimedElsewhere(claim.id);
  }

  async #runInside(run: Run, attempt: number): Promise<Ending> {
    const early = abortedIn(run);
    if (early !== undefined) return early;
    const end = await new Promise<InnerEnd>((resolve) => {
      const mark = markOf(this.#claims.participant, run.outer.id);
      run.inner = new ClaimedAttempt(run.outer, attempt, mark, resolve);
      this.#inner.run(run.inner);
    });
    run.inner = undefined;
    if (end.status === 'done') return this.#encoded(run.outer.id, end.result);
    return abortedIn(run) ?? { kind: 'threw', error: end.error };
  }

  /** Encodes and decodes the result, so that the participant that computed it gets the same value as all others. */
  #encoded(id: string, result: unknown): Ending {
    const { codec, maxBytes } = this.#options;
    try {
      const body = codec.encode(result);
      if (body.byteLength > maxBytes) {
        const message = `the result of task ${id} has ${body.byteLength} bytes, the shared folder accepts ${maxBytes}`;
        throw new SchedulerError('NotStorable', message, { tasks: [id] });
      }
      return { kind: 'done', body, value: codec.decode(body) };
    } catch (error) {
      return { kind: 'threw', error };
    }
  }
}

/** Checked after every wait, because an abort can come at any time. */
function abortedIn({ aborted }: Run): Ending | undefined {
  return aborted === undefined ? undefined : { kind: 'aborted', reason: aborted.reason };
}

/** The stored result of a stream is the array of its partial results. */
async function report(outer: Attempt, value: unknown): Promise<void> {
  if (!outer.stream) {
    outer.done(value);
    return;
  }
  if (!Array.isArray(value)) {
    const message = `task ${outer.id} is a stream, but its result in the shared folder is not an array`;
    outer.failed(new SchedulerError('FolderCorrupt', message, { tasks: [outer.id] }));
    return;
  }
  // A paced attempt resolves when it has room for the next result.
  for (const each of value) await outer.partial(each);
  outer.done(undefined);
}

function nameless(id: string): SchedulerError {
  return new SchedulerError(
    'InvalidArgument',
    'a task on a shared queue needs an id that is the same for all participants: submit({ id }, …)',
    { tasks: [id] },
  );
}

function malformed(id: string): SchedulerError {
  const message = `the id of a task on a shared queue must be well-formed Unicode, got ${JSON.stringify(id)}`;
  return new SchedulerError('InvalidArgument', message, { tasks: [id] });
}
