/**
 * Callers that wait: for everything (`wait()`), or for a task or a feed. It answers the former, and tells all of them when what they
 * wait for cannot come any more: because the scheduler has stalled, because functions hold the slots that they themselves wait for, or
 * because the event loop has nothing left to do.
 *
 * Invariant: a wait is answered in a later microtask than the one that leads to its answer, so that listeners of a stall, and
 * the rest of a burst of submissions, can still change it.
 */
import { SchedulerError } from '../core/failures.js';
import type { Environment, LoopMember } from '../core/ports.js';
import type { EventHub } from './events/event-hub.js';
import type { OpenFeeds } from './feeds/open-feeds.js';
import { deadlockAmong } from './queues/deadlock.js';
import { Holders, names } from './queues/holders.js';
import type { QueueState } from './queues/queue-state.js';
import { needsNoTask, type Stall, stallOf } from './queues/stall.js';
import type { SchedulerCell } from './scheduler-cell.js';
import type { Attempts } from './tasks/attempts.js';
import { isNeeded } from './tasks/cancellation.js';
import type { NestedWaits } from './tasks/nested-waits.js';
import type { TaskRecord } from './tasks/task-record.js';
import type { UnhandledFailures } from './tasks/unhandled-failures.js';
import type { UnsettledList } from './tasks/unsettled-list.js';
import type { Waiters } from './tasks/waiters.js';

/** The parts of the runtime that waits depend on. @internal */
export interface WaitsPort {
  readonly cell: SchedulerCell;
  readonly hub: EventHub;
  readonly failures: UnhandledFailures;
  readonly queues: readonly QueueState[];
  readonly attempts: Attempts;
  readonly unsettled: UnsettledList;
  readonly feeds: OpenFeeds;
  readonly waiters: Waiters;
  readonly nested: NestedWaits;
  readonly watchLoop: Environment['watchLoop'];
}

const UNCLOSED: Stall = {
  tasks: [],
  message: 'nothing is left that could close the executors: close() of one does not resolve',
};

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The waits of one scheduler. @internal */
export class Waits implements LoopMember {
  /** A burst of submissions is not over yet. */
  isBurstUnderWay = false;
  /** A failure has stopped the scheduler, which starts nothing more until it is started again. */
  isStoppedByFailure = false;
  /** The error of the store that stopped the scheduler, if one did. */
  stopError: SchedulerError | undefined = undefined;
  readonly #port: WaitsPort;
  readonly #waiting: Waiter[] = [];
  readonly #stallWatchers = new Set<(error: SchedulerError) => void>();
  #isCheckDue = false;
  #hasStarted = false;
  #isWatchingLoop = false;
  #hasWarned = false;
  #hasToldOfMany = false;

  constructor(port: WaitsPort) {
    this.#port = port;
  }

  /** See `Scheduler.wait`. The answer waits for the end of the present burst of submissions. */
  wait(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.check();
    });
  }

  /** The scheduler has been started. */
  started(): void {
    this.#hasStarted = true;
    this.isStoppedByFailure = false;
    this.stopError = undefined;
  }

  /** Calls `stalled` whenever callers are told that nothing they wait for can come any more. Returns a function that ends it. */
  whenStalled(stalled: (error: SchedulerError) => void): () => void {
    this.#stallWatchers.add(stalled);
    this.waits();
    return () => void this.#stallWatchers.delete(stalled);
  }

  /** There is work. */
  watchLoop(): void {
    if (this.#isWatchingLoop) return;
    this.#isWatchingLoop = true;
    this.#port.watchLoop?.(this);
  }

  /** A caller waits for a task: while the scheduler is stalled, the caller is answered with that. */
  waits(): void {
    if (this.#isStalled) this.check();
  }

  /** Rejects the waits of running functions for tasks that need the slots of these very functions. */
  endDeadlocks(): void {
    const { unsettled, nested, waiters } = this.#port;
    const { awaited, reached } = deadlockAmong(nested);
    if (awaited.size === 0) return;
    const tasks = unsettled.newestFirst();
    const around = tasks.filter((record) => reached.has(record));
    const ready = around.filter((record) => record.run === undefined && needsNoTask(record));
    const stuck = tasks.filter((record) => awaited.has(record));
    const stall = this.#stallOf(stuck, ready.length > 0 ? ready : around);
    this.#report(stall);
    const error = stalledError(stall);
    for (const record of awaited) waiters.stalled(record, error);
  }

  #stallOf(stuck: readonly TaskRecord[], explained?: readonly TaskRecord[]): Stall {
    const { unsettled, attempts, nested } = this.#port;
    return stallOf(stuck, new Holders(unsettled.newestFirst(), attempts.ending, nested), explained);
  }

  /** The scheduler has stalled. */
  stalled(): void {
    if (this.#port.hub.hears.stalled) this.#report(this.#stallOf(this.#port.unsettled.newestFirst()));
    this.check();
  }

  get #isStalled(): boolean {
    return this.#port.cell.state === 'stalled';
  }

  #report({ tasks, message }: Stall): void {
    const { hub } = this.#port;
    if (hub.hears.stalled) hub.emit({ type: 'stalled', tasks, message });
  }

  /** How much is left to be done: tasks that have not settled, and feeds that have not ended. */
  get left(): number {
    return this.#port.unsettled.count + this.#port.feeds.count;
  }

  /** Looks, at the end of the present burst, whether the calls of `wait` can be answered. */
  check(): void {
    if (this.#isCheckDue || (this.#waiting.length === 0 && !this.#isStalled)) return;
    this.#isCheckDue = true;
    queueMicrotask(() => {
      this.#isCheckDue = false;
      this.#answer();
    });
  }

  #answer(): void {
    // A burst of submissions is not over yet: its turn checks again.
    if (this.isBurstUnderWay) return;
    const { attempts, failures } = this.#port;
    const unsettled = this.left;
    if (unsettled === 0 || (this.isStoppedByFailure && attempts.running === attempts.held)) {
      if (this.#waiting.length === 0) return;
      const error = failures.take() ?? this.stopError ?? (unsettled > 0 ? this.#stoppedError() : undefined);
      for (const waiter of this.#waiting.splice(0)) settle(waiter, error);
    } else if (this.#isStalled) this.#rejectAll(this.#stallOf(this.#port.unsettled.newestFirst()));
  }

  /** Nothing can come any more of what callers wait for. Returns how many waited. */
  #rejectAll(stall: Stall): number {
    const { unsettled, waiters, feeds } = this.#port;
    const error = stalledError(stall);
    let count = this.#waiting.length + feeds.stalled(error);
    for (const waiter of this.#waiting.splice(0)) waiter.reject(error);
    for (const record of unsettled.newestFirst()) count += waiters.stalled(record, error);
    return count + this.#tellWatchers(error);
  }

  #tellWatchers(error: SchedulerError): number {
    // Whoever is told leaves.
    const { size } = this.#stallWatchers;
    for (const stalled of this.#stallWatchers) stalled(error);
    return size;
  }

  /** Many tasks have failed unseen, as in a service that never waits: it is told once. */
  manyUnseen(): void {
    if (this.#hasToldOfMany) return;
    this.#hasToldOfMany = true;
    const message =
      'Many tasks have failed, and nothing has looked at them: use result(), settled(), wait(), a group, or onSettled with settled()';
    process.emitWarning(message, { type: 'PullgraphWarning', code: 'PULLGRAPH_UNSEEN_FAILURES' });
  }

  /** The event loop has nothing left to do: what has not happened will not happen. */
  loopEnds(): void {
    if (this.#port.cell.state === 'closed') return;
    const { unsettled, failures } = this.#port;
    if (this.left === 0) {
      const error = failures.take();
      // As a promise whose rejection nothing handles.
      if (error !== undefined) void Promise.reject(error);
      if (this.#port.cell.state === 'closing') this.#tellWatchers(stalledError(UNCLOSED));
      return;
    }
    const tasks = unsettled.newestFirst();
    if (this.#port.cell.state !== 'stopped') {
      const { message, ...stall } = this.#stallOf(tasks);
      const isAnswered = this.#rejectAll({ ...stall, message: `nothing is left that could end them; ${message}` }) > 0;
      if (isAnswered || this.#hasWarned) return;
    } else if (this.#hasWarned || (this.#hasStarted && !this.#isAwaited(tasks))) return;
    this.#hasWarned = true;
    const left = `${names(tasks.map(({ id }) => id).toReversed())} ${tasks.length === 1 ? 'has' : 'have'} not settled`;
    const [code, message] = this.#hasStarted
      ? ['PULLGRAPH_UNFINISHED', `The process ends while ${left}; the scheduler is ${this.#port.cell.state}`]
      : [
          'PULLGRAPH_NOT_STARTED',
          `The process ends while ${left}: the scheduler was never started. Call scheduler.start()`,
        ];
    process.emitWarning(message, { type: 'PullgraphWarning', code });
  }

  #isAwaited(tasks: readonly TaskRecord[]): boolean {
    return this.#waiting.length + this.#stallWatchers.size > 0 || tasks.some((task) => isNeeded(task));
  }

  #stoppedError(): SchedulerError {
    return new SchedulerError('TasksFailed', `stopped by a failure; ${this.#port.unsettled.count} tasks have not run`);
  }
}

function stalledError({ tasks, message }: Stall): SchedulerError {
  return new SchedulerError('Stalled', message, { tasks });
}

function settle(waiter: Waiter, error: unknown): void {
  if (error === undefined) waiter.resolve();
  else waiter.reject(error);
}
