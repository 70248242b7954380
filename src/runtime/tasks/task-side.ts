/** The state that only some tasks have, or only for some time; kept apart so that the others stay small. */
import type { SchedulerError } from '../../core/failures.js';
import type { Demand } from '../../core/order/resource-ledger.js';
import type { TaskFunction } from '../../core/ports.js';
import type { TraceHeaders } from '../../core/trace-headers.js';
import type { SettledListener } from '../events/event-hub.js';
import type { KeptTask } from '../keeping/kept-task.js';
import type { Deadline } from '../policies/deadlines.js';
import type { RetryOptions } from '../policies/retry.js';
import type { Backpressure } from './backpressure.js';
import type { TaskGroup } from './task-group.js';

/**
 * Called without an argument, once, when that has come which it waits for. Called with an error when the scheduler has stalled:
 * returns true if it waits no longer.
 *
 * @internal
 */
export type Watcher = (stall?: SchedulerError) => boolean | void;

/** The options that only some submissions have. @internal */
export interface TaskExtras<R> {
  readonly id: string | undefined;
  /** What it is for what is learned of durations. */
  readonly kind: string | undefined;
  readonly hold: boolean;
  readonly release: readonly R[];
  readonly timeoutMs: number | undefined;
  readonly retry: RetryOptions | undefined;
  readonly onSettled: SettledListener | undefined;
  readonly group: TaskGroup<R> | undefined;
  /** Holds the task back when its partial results are not taken. */
  readonly flow: Backpressure | undefined;
  readonly trace: TraceHeaders | undefined;
  /** Takes the listener off the `signal` option. */
  unlisten: (() => void) | undefined;
}

/** What a task begins with. `Q` is its queue. @internal */
export interface TaskInit<Q, R> {
  readonly seq: number;
  readonly priority: number;
  readonly queue: Q;
  readonly demand: Demand;
  readonly rateKey: string | undefined;
  readonly fn: TaskFunction;
  readonly args: readonly unknown[];
  readonly hasHandles: boolean;
  readonly isDirect: boolean;
  readonly isStream: boolean;
  readonly announced: number | undefined;
  readonly extras: TaskExtras<R> | undefined;
}

/** A task, or one of its partial results, that another task follows. @internal */
export interface FollowedTask<R> {
  readonly record: R;
  /** `WHOLE`, or the index of a partial result. */
  readonly index: number;
}

/** See above; made when the first of it is needed. `R` is the record of a task. @internal */
export class TaskSide<R> {
  extras: TaskExtras<R> | undefined = undefined;
  kept: KeptTask | undefined = undefined;
  announced: number | undefined = undefined;
  partials: unknown[] | undefined = undefined;
  failedIn = -1;
  failures = 0;
  pause: Deadline | undefined = undefined;
  following: FollowedTask<R> | undefined = undefined;
  endWatchers: Watcher[] | undefined = undefined;
  partialWatchers: Map<number, Watcher[]> | undefined = undefined;

  /** The task has settled: its signal says nothing to it any more, and it follows no other. */
  forgetWork(): void {
    this.extras?.unlisten?.();
    this.following = undefined;
  }
}
