/**
 * Tells the outside what happens, as typed events. Costs nothing while nobody listens: the engine asks `hears` first.
 * A listener that throws harms nobody: the error is thrown again outside of the scheduler, as an uncaught one.
 */
import { throwOutside } from '../../core/throw-outside.js';
import { type Outcome, outcomeKind, type OutcomeKind, type TaskState } from '../../core/outcome.js';

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
  /** A task settled. Comes right after the event of type `task` that says so, and before what that does to its dependents. */
  readonly settled: {
    readonly type: 'settled';
    readonly id: string;
    readonly queue: string;
    readonly kind: OutcomeKind;
    /** How many attempts were made; 0 for a task that never started. */
    readonly attempt: number;
    readonly outcome: Outcome;
  };
  /** The scheduler changed its state. */
  readonly scheduler: { readonly type: 'scheduler'; readonly state: SchedulerState };
  /** Nothing runs and nothing can be started, though tasks are left. `message` says who holds what. */
  readonly stalled: { readonly type: 'stalled'; readonly tasks: readonly string[]; readonly message: string };
}

/**
 * What a scheduler is doing: see docs/task-lifecycle.md.
 *
 * @public
 */
export type SchedulerState = 'stopped' | 'idle' | 'busy' | 'stalled' | 'closing' | 'closed';

/**
 * Any event that `scheduler.events()` gives: all but `settled`, which is for listeners, as an event of type `task` says the
 * same without the outcome.
 *
 * @public
 */
export type SchedulerEventUnion = SchedulerEvents[Exclude<keyof SchedulerEvents, 'settled'>];

/**
 * Is told of a settled task. An error that it throws is thrown again outside of the scheduler.
 *
 * @public
 */
export type SettledListener = (event: SchedulerEvents['settled']) => void;

/** A listener; an object of its own makes every registration distinct, also of the same function. */
interface Registration {
  readonly listener: (event: never) => void;
}

/** A task as events tell of it. @internal */
export interface ToldTask {
  readonly id: string;
  readonly attempt: number;
  readonly outcome: Outcome | undefined;
  readonly extras: { readonly onSettled: SettledListener | undefined } | undefined;
  readonly queue: { readonly name: string; readonly policy: { readonly onSettled?: SettledListener | undefined } };
}

/** Listeners by type of event. @internal */
export class EventHub {
  readonly #hears = { task: false, partial: false, settled: false, scheduler: false, stalled: false };
  /** Which types of event somebody listens to: to be asked before an event is made. */
  readonly hears: Readonly<Record<keyof SchedulerEvents, boolean>> = this.#hears;
  readonly #listeners = new Map<keyof SchedulerEvents, readonly Registration[]>();

  on<K extends keyof SchedulerEvents>(type: K, listener: (event: SchedulerEvents[K]) => void): () => void {
    const own: Registration = { listener };
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), own]);
    this.#hears[type] = true;
    return () => {
      const left = (this.#listeners.get(type) ?? []).filter((other) => other !== own);
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

  /** A task went from one state to another. */
  moved(task: ToldTask, previous: TaskState, state: TaskState): void {
    if (!this.#hears.task) return;
    const { id, attempt, outcome, queue } = task;
    const error = outcome?.status === 'failed' ? { error: outcome.error } : {};
    this.emit({ type: 'task', id, queue: queue.name, previous, state, attempt, ...error });
  }

  /** A task has settled: calls its own listener, that of its queue, and those of the scheduler. */
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
