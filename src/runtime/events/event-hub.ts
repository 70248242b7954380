/**
 * The listeners of a scheduler, and the typed events that they are called with.
 *
 * It must never let a listener harm the scheduler or other listeners: an error that a listener throws is rethrown outside of the
 * scheduler, as an uncaught one.
 *
 * Invariant: no event object is made for which there is no listener.
 */
import { throwOutside } from '../../core/throw-outside.js';
import { type Outcome, outcomeKind, type OutcomeKind, type TaskState } from '../../core/outcome.js';
import type { TaskTap } from './task-tap.js';
import type { Tracing } from './tracing.js';

/**
 * The events of a scheduler, by name.
 *
 * @public
 */
export interface SchedulerEvents {
  /** A task went from one state to another. Its first event is the one that leaves `pending`. */
  readonly task: {
    readonly type: 'task';
    readonly id: string;
    readonly queue: string;
    readonly previous: TaskState;
    readonly state: TaskState;
    /** Number of the attempt under way or last made; 0 before the first. */
    readonly attempt: number;
    /** The error of a failed task. */
    readonly error?: unknown;
  };
  /** A partial result was delivered; `index` counts from 0. */
  readonly partial: { readonly type: 'partial'; readonly id: string; readonly queue: string; readonly index: number };
  /** The outcome of the task is that of an earlier run, which the scheduler's store has. Precedes the events of its end. */
  readonly restored: {
    readonly type: 'restored';
    readonly id: string;
    readonly queue: string;
    /** Its key in the store. */
    readonly key: string;
  };
  /** A task settled. Follows its event of type `task` directly, and precedes all events of its dependents that it leads to. */
  readonly settled: {
    readonly type: 'settled';
    readonly id: string;
    readonly queue: string;
    readonly kind: OutcomeKind;
    /** How many attempts were made; 0 for a task that never started. */
    readonly attempt: number;
    readonly outcome: Outcome;
  };
  /**
   * A task was submitted. `needs` names what of its dependencies was not there yet: `t0` a whole task, `t0#1` a partial result.
   * Precedes all other events of the task.
   */
  readonly submitted: {
    readonly type: 'submitted';
    readonly id: string;
    readonly queue: string;
    readonly needs: readonly string[];
    readonly resources: Readonly<Record<string, number>>;
    readonly priority: number;
    readonly hold: boolean;
    /** Ids of the tasks that it is to release. */
    readonly release: readonly string[];
  };
  /** The queue's ledger changed: an attempt at the task took a slot with its resources, or a slot of the task came back. */
  readonly slot: {
    readonly type: 'slot';
    readonly id: string;
    readonly queue: string;
    readonly change: 'taken' | 'returned';
  };
  /** The scheduler changed its state. */
  readonly scheduler: { readonly type: 'scheduler'; readonly state: SchedulerState };
  /** Nothing runs and nothing can be started, though tasks are left. `message` names the tasks and what each waits for. */
  readonly stalled: { readonly type: 'stalled'; readonly tasks: readonly string[]; readonly message: string };
}

/**
 * The state of a scheduler: see docs/task-lifecycle.md.
 *
 * @public
 */
export type SchedulerState = 'stopped' | 'idle' | 'busy' | 'stalled' | 'draining' | 'closing' | 'closed';

/**
 * An event of `scheduler.events()`: any but `settled`, `submitted`, `restored` and `slot`, which only listeners receive. An event of type `task` reports
 * the same as `settled` without the outcome.
 *
 * @public
 */
export type SchedulerEventUnion = SchedulerEvents[Exclude<
  keyof SchedulerEvents,
  'settled' | 'submitted' | 'restored' | 'slot'
>];

/**
 * Called when a task has settled. An error that it throws is rethrown outside of the scheduler.
 *
 * @public
 */
export type SettledListener = (event: SchedulerEvents['settled']) => void;

/** A listener. Its own object makes each registration distinct, also of the same function. */
interface Registration {
  readonly listener: (event: never) => void;
}

/** A task, as events describe it. @internal */
export interface ToldTask {
  readonly id: string;
  readonly attempt: number;
  readonly outcome: Outcome | undefined;
  readonly extras: { readonly onSettled: SettledListener | undefined } | undefined;
  readonly queue: { readonly name: string; readonly policy: { readonly onSettled?: SettledListener | undefined } };
}

/** Listeners by type of event. @internal */
export class EventHub {
  readonly #hears = {
    task: false,
    partial: false,
    settled: false,
    submitted: false,
    restored: false,
    slot: false,
    scheduler: false,
    stalled: false,
  };
  /** Which types of event have a listener: to be checked before an event is made. */
  readonly hears: Readonly<Record<keyof SchedulerEvents, boolean>> = this.#hears;
  /** A recorder, while there is one. */
  tap: TaskTap<ToldTask> | undefined = undefined;
  /** An instrument of traces and metrics, while there is one. */
  tracing: Tracing<ToldTask, { readonly record: ToldTask }> | undefined = undefined;
  /** The recorders of traces. */
  readonly traces = new Set<{ moved(task: ToldTask, previous: TaskState, state: TaskState): void }>();
  readonly #listeners = new Map<keyof SchedulerEvents, readonly Registration[]>();

  on<K extends keyof SchedulerEvents>(type: K, listener: (event: SchedulerEvents[K]) => void): () => void {
    const own: Registration = { listener };
    const present = (): readonly Registration[] => this.#listeners.get(type) ?? [];
    this.#listeners.set(type, [...present(), own]);
    this.#hears[type] = true;
    return () => {
      const left = present().filter((other) => other !== own);
      this.#listeners.set(type, left);
      this.#hears[type] = left.length > 0;
    };
  }

  emit(event: SchedulerEvents[keyof SchedulerEvents]): void {
    for (const { listener } of this.#listeners.get(event.type) ?? []) {
      try {
        listener(event as never);
      } catch (error) {
        throwOutside(error);
      }
    }
  }

  /** Reports that a task went from one state to another. */
  moved(task: ToldTask, previous: TaskState, state: TaskState): void {
    this.tap?.moved(task, state, previous);
    this.tracing?.moved(task, state);
    for (const trace of this.traces) trace.moved(task, previous, state);
    if (!this.#hears.task) return;
    const { id, attempt, outcome, queue } = task;
    const error = outcome?.status === 'failed' ? { error: outcome.error } : {};
    this.emit({ type: 'task', id, queue: queue.name, previous, state, attempt, ...error });
  }

  /** Reports that a task has settled: calls its own listener, that of its queue, and those of the scheduler, in this order. */
  settled(task: ToldTask, outcome: Outcome): void {
    const { extras, queue } = task;
    const ofTask = extras?.onSettled;
    const ofQueue = queue.policy.onSettled;
    if (ofTask === undefined && ofQueue === undefined && !this.#hears.settled) return;
    const { id, attempt } = task;
    const event = { type: 'settled', id, queue: queue.name, kind: outcomeKind(outcome), attempt, outcome } as const;
    for (const listener of [ofTask, ofQueue]) {
      try {
        listener?.(event);
      } catch (error) {
        throwOutside(error);
      }
    }
    this.emit(event);
  }
}
