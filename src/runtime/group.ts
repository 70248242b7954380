/**
 * A group of tasks that are waited for, cancelled and reported together, as those of one request. Its tasks may be in any queues of
 * one scheduler. It decides nothing about when they start.
 *
 * Invariants: a group keeps its unsettled tasks and its failures, nothing else of settled tasks; it listens to its signal only while it
 * has unsettled tasks.
 */
import { SchedulerError, shown, TasksFailed } from '../core/failures.js';
import { describe } from '../core/user-value.js';
import { WHOLE } from '../core/order/graph-node.js';
import { checkOptionNames } from '../core/option-names.js';
import type { TaskState } from '../core/outcome.js';
import type { Engine } from './engine.js';
import type { CancelOptions } from './policies/cancel-options.js';
import { onAbort } from './submission/signals.js';
import { GroupMembers } from './tasks/group-members.js';
import { errorAt } from './tasks/outcome-at.js';
import type { TaskRecord } from './tasks/task-record.js';

/**
 * The options of `scheduler.group`.
 *
 * @public
 */
export interface GroupOptions {
  /** For messages. Default: `group`. */
  readonly name?: string;
  /** Cancels the group when it aborts, with its reason. */
  readonly signal?: AbortSignal;
}

const NAMES = { name: true, signal: true } satisfies Record<keyof GroupOptions, true>;

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A group of tasks. Tasks join by the option `group` of `submit`, or by `queue.in(group)`.
 *
 * @public
 */
export class Group {
  readonly name: string;
  readonly #engine: Engine;
  readonly #given: AbortSignal | undefined;
  readonly #members: GroupMembers;
  readonly #waiters = new Set<Waiter>();
  readonly #endWaiters = new Set<() => void>();
  #controller: AbortController | undefined = undefined;
  #cancelled: { readonly reason: unknown } | undefined = undefined;
  /** `done` has been called: the failures of its tasks are being looked at. */
  #isAttended = false;
  /** Takes the listener off the `signal` option; there is one while tasks of the group have not settled. */
  #unlisten: (() => void) | undefined = undefined;
  #isCheckDue = false;

  /** @internal */
  constructor(engine: Engine, options: GroupOptions) {
    checkGroupOptions(options);
    const { name = 'group', signal } = options;
    this.name = name;
    this.#engine = engine;
    this.#given = signal;
    this.#members = new GroupMembers(() => this.#check());
  }

  /** @internal The group's members, for a new task of that engine. @throws SchedulerError `ForeignHandle`. */
  static _members(group: Group, engine: Engine): GroupMembers {
    if (group.#engine === engine) return group.#members;
    throw new SchedulerError('ForeignHandle', `group ${group.name} belongs to another scheduler`);
  }

  /** @internal The task joins; told before it is admitted. */
  static _join(group: Group, record: TaskRecord): void {
    group.#members.live.add(record);
    if (group.#isAttended) group.#engine.lookAt(record);
    group.#listen();
  }

  /** @internal The task has been admitted: a group that is cancelled cancels it. */
  static _admitted(group: Group, record: TaskRecord): void {
    if (group.#cancelled !== undefined) group.#engine.cancel(record, group.#cancelled);
  }

  /** How many of its tasks have not settled. */
  get size(): number {
    return this.#members.live.size;
  }

  /** How many of its tasks are in each state. O(unsettled tasks of the group). */
  get counts(): Readonly<Record<TaskState, number>> {
    const counts = { pending: 0, ready: 0, running: 0, partial: 0, ...this.#members.ended };
    for (const { state } of this.#members.live) counts[state] += 1;
    return counts;
  }

  /** The failures so far, in the order in which the tasks settled: the first 1,000. */
  get failures(): readonly { readonly task: string; readonly error: unknown }[] {
    return this.#members.failed.map((record) => ({ task: record.id, error: errorAt(record, WHOLE) }));
  }

  /** Aborts when the group is cancelled or terminated, with the reason. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#cancelled !== undefined) this.#controller.abort(this.#cancelled.reason);
    return this.#controller.signal;
  }

  /**
   * Resolves when every task submitted to the group so far, and until then, has settled; at once for a group without tasks.
   *
   * Rejects with `TaskCancelled` if the group was cancelled; with `TasksFailed` if any of its tasks has failed, whoever else was told of
   * it; with `Stalled` when they can never proceed. Asking counts as looking at the failures of its tasks: `scheduler.wait()` does not
   * report them.
   */
  done(): Promise<void> {
    const { live, failed } = this.#members;
    if (!this.#isAttended) for (const record of [...failed, ...live]) this.#engine.lookAt(record);
    this.#isAttended = true;
    return new Promise<void>((resolve, reject) => {
      const waiter: Waiter = { resolve: end(resolve), reject: end(reject) };
      const unlisten = this.#engine.waiting.whenStalled((error) => {
        if (this.size > 0) waiter.reject(error);
      });
      function end<A extends readonly unknown[]>(settle: (...given: A) => void): (...given: A) => void {
        return (...given) => {
          unlisten();
          settle(...given);
        };
      }
      this.#waiters.add(waiter);
      this.#check();
    });
  }

  /**
   * Cancels every unsettled task of the group, and from now on every task that joins it. Dependents outside of the group fail with
   * `DependencyFailed`.
   *
   * @param reason - becomes the `reason` of the outcomes and of `signal`.
   * @returns how many tasks were cancelled.
   */
  cancel(reason: unknown = `${this.name} was cancelled`): number {
    return this.#cancel({ reason });
  }

  /**
   * Like `cancel`, and leaves running attempts no time to end by themselves. Functions on the main thread cannot be ended; they are no
   * longer waited for. Resolves when no attempt of the group is under way.
   */
  terminate(reason: unknown = `${this.name} was terminated`): Promise<void> {
    this.#cancel({ reason, graceMs: 0 });
    this.#engine.attempts.endAtOnce(reason, ({ extras }) => extras?.group === this.#members);
    return new Promise((resolve) => {
      this.#endWaiters.add(resolve);
      this.#check();
    });
  }

  #cancel(options: CancelOptions): number {
    this.#cancelled ??= { reason: options.reason };
    this.#controller?.abort(options.reason);
    let count = 0;
    // Dependents before what they need, so that none fails because of it.
    for (const record of [...this.#members.live].reverse()) if (this.#engine.cancel(record, options)) count += 1;
    return count;
  }

  #listen(): void {
    const signal = this.#given;
    if (signal === undefined || this.#unlisten !== undefined || this.#cancelled !== undefined) return;
    const aborted = (): void => void this.cancel(signal.reason);
    if (signal.aborted) aborted();
    else this.#unlisten = onAbort(signal, aborted);
  }

  /** Answers, when the present stretch is over, those who wait. */
  #check(): void {
    if (this.size === 0) {
      this.#unlisten?.();
      this.#unlisten = undefined;
    }
    if (this.#isCheckDue || this.#waiters.size + this.#endWaiters.size === 0) return;
    this.#isCheckDue = true;
    queueMicrotask(() => {
      this.#isCheckDue = false;
      this.#answer();
    });
  }

  #answer(): void {
    if (this.size > 0) return;
    const error = this.#error();
    for (const { resolve, reject } of this.#waiters) {
      if (error === undefined) resolve();
      else reject(error);
    }
    this.#waiters.clear();
    if (this.#members.attempts > 0) return;
    for (const resolve of this.#endWaiters) resolve();
    this.#endWaiters.clear();
  }

  #error(): SchedulerError | undefined {
    if (this.#cancelled !== undefined) {
      const { reason } = this.#cancelled;
      return new SchedulerError('TaskCancelled', `${this.name} was cancelled: ${describe(reason)}`, { cause: reason });
    }
    const count = this.#members.ended.failed;
    return count === 0 ? undefined : new TasksFailed(this.failures, count);
  }
}

/** @throws SchedulerError `InvalidOption`. */
function checkGroupOptions(options: GroupOptions): void {
  checkOptionNames('group', options, NAMES);
  const { name, signal } = options;
  if (name !== undefined && typeof name !== 'string') {
    throw new SchedulerError('InvalidOption', `the name of a group must be a string, got ${shown(name)}`);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new SchedulerError('InvalidOption', `signal must be an AbortSignal, got ${shown(signal)}`);
  }
}
