/**
 * A run that is judged: the model that follows it, what is known of its attempts, and how often each invariant was asked for.
 *
 * Memory is O(unsettled tasks and tasks with slots) if settled ones are forgotten.
 */
import type { SchedulerOrder } from '../core/order/task-order.js';
import type { SchedulerState } from '../runtime/events/event-hub.js';
import type { InvariantName } from './invariants.js';
import { Model, type ModelTask } from './model.js';
import type { ScenarioQueue } from './scenario-shape.js';

/** A violation, as it is found. @internal */
export interface Finding {
  readonly invariant: InvariantName;
  readonly message: string;
  /** Ids of the tasks that it is about. */
  readonly tasks: readonly string[];
}

/** What the checker knows of a task beside the model. @internal */
export interface Track {
  /** How the executor ended the latest attempt that it ended; undefined before. */
  ended: { readonly attempt: number; readonly as: 'done' | 'failed' | 'withdrawn' } | undefined;
  /** Partial results that were delivered before the present attempt. */
  deliveredBefore: number;
  /** The latest attempt that was evicted; 0 before. */
  evicted: number;
  /** Attempts that failed or timed out. */
  failures: number;
  /** Partial results that the executor has reported of the present attempt. */
  reported: number;
  isCancelled: boolean;
  /** Whether its outcome came from the scheduler's store. */
  isRestored: boolean;
  /** The attempt whose result was accepted. */
  accepted: number;
}

/** @internal */
export interface CheckerOptions {
  readonly violated: (finding: Finding) => void;
  /** The scheduler's. Default: `newest`. */
  readonly order?: SchedulerOrder | undefined;
  /** Whether ends of attempts are told, so that what follows from them can be judged. */
  readonly isFull: boolean;
  /** Whether to look now at the order of starts, which is O(unsettled tasks). */
  readonly looksAtOrder?: (() => boolean) | undefined;
  /** Whether partial results may come from a store, before the task starts. */
  readonly hasStore?: boolean;
  /** Whether some of the tasks left need not run, because what depends on them was restored. */
  readonly hasUnneeded?: (() => boolean) | undefined;
}

/** @internal */
export class CheckedRun {
  readonly model: Model;
  /** How often each invariant was asked for; none for those that never were. */
  readonly counts = new Map<InvariantName, number>();
  /** The state that was announced last. */
  state: SchedulerState | undefined = undefined;
  /** What was asked for last. */
  asked: 'stop' | 'resume' | undefined = undefined;
  readonly options: CheckerOptions;
  readonly #tracks = new WeakMap<ModelTask, Track>();

  constructor(queues: readonly ScenarioQueue[], options: CheckerOptions) {
    this.options = options;
    this.model = new Model(options.order);
    for (const queue of queues) this.model.addQueue(queue);
  }

  /** See `CheckerOptions.isFull`. */
  get isFull(): boolean {
    return this.options.isFull;
  }

  track(task: ModelTask): Track {
    const known = this.#tracks.get(task);
    if (known !== undefined) return known;
    const track: Track = {
      ended: undefined,
      evicted: 0,
      deliveredBefore: 0,
      failures: 0,
      reported: 0,
      isCancelled: false,
      isRestored: false,
      accepted: 0,
    };
    this.#tracks.set(task, track);
    return track;
  }

  count(invariant: InvariantName): void {
    this.counts.set(invariant, (this.counts.get(invariant) ?? 0) + 1);
  }

  /** Counts that the invariant was asked for, and reports if it does not hold. */
  judge(invariant: InvariantName, holds: boolean, message: () => string, tasks: readonly ModelTask[]): void {
    this.count(invariant);
    if (holds) return;
    const ids = [...new Set(tasks.map(({ plan }) => plan.id))];
    this.options.violated({ invariant, message: message(), tasks: ids });
  }
}
