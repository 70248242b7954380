/**
 * The messages of an exploration. Everything goes through the scheduler's process, as in the runtime: it tells tasks and queues,
 * and they answer it. What comes from outside, from users and from running functions, reaches its receiver at once.
 */
import type { Ledger } from '../../core/order/resource-ledger.js';

/** From the scheduler to a task. @internal */
export type ToTask = { readonly type: 'satisfied' | 'doomed' | 'granted' | 'granted late' | 'cancel' | 'followed' };

/** From outside to a task. `attempt` numbers an attempt that was dropped and has not ended. @internal */
export type TaskInput =
  | { readonly type: 'begins' | 'withdrawn' | 'partial' | 'done' | 'follows' | 'pause ends' | 'evicted' }
  | { readonly type: 'fails' | 'times out'; readonly isRetried: boolean }
  | { readonly type: 'late'; readonly attempt: number; readonly report: LateReport };

/** What an attempt that no longer counts still reports; `done` and `failed` end it. @internal */
export type LateReport = 'partial' | 'done' | 'failed' | 'timed out' | 'evicted';

/** What has become of a task. @internal */
export type News = 'ready' | 'paused' | 'following' | 'partial' | 'done' | 'failed' | 'cancelled';

/** From a task to the scheduler: what has become of it, and how many of its attempts have ended. @internal */
export interface FromTask {
  readonly type: 'task';
  readonly task: number;
  readonly news: News | undefined;
  readonly delivered: number;
  readonly attempt: number;
  readonly ended: number;
}

/** From the scheduler to a queue. @internal */
export type ToQueue =
  | { readonly type: 'offered' | 'returned'; readonly task: number }
  | { readonly type: 'started' | 'stopped' | 'close' | 'pause' | 'resume' }
  | { readonly type: 'limits'; readonly slots: number };

/** From a queue to the scheduler. @internal */
export interface FromQueue {
  readonly type: 'granted' | 'refused' | 'room';
  readonly queue: number;
  readonly ledger: Ledger;
}

/** From outside to the scheduler, and what it tells itself: that something has changed, and that a failure stops it. @internal */
export type SchedulerInput =
  | { readonly type: 'start' | 'stop' | 'close' | 'terminate' | 'changed' | 'executors close' }
  | { readonly type: 'submit'; readonly task: number }
  | { readonly type: 'pause' | 'resume'; readonly queue: number }
  | { readonly type: 'limits'; readonly queue: number; readonly slots: number };

/** Every message. @internal */
export type Message = ToTask | TaskInput | FromTask | ToQueue | FromQueue | SchedulerInput;
