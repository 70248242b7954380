/**
 * The JSON messages between the inspector and a page, beside the binary frames of frames.ts. What is here is small or is sent
 * on demand. Types only: the inspector validates what a page sends in page-messages.ts.
 *
 * Order: `hello`, `names`, then the frames of the whole present state (`added`, `moved`), `samples`, `periods`, and from then on one
 * tick after another: `names` and `ids` of what is new before the frames that need them, the frames, `totals`, the rest as it changes.
 * All times are those of frames.ts.
 */
import type { STATES } from './frames.js';

/** The state of a task. @internal */
export type State = (typeof STATES)[number];

/** How many tasks are in each state now; settled ones since the recording began, none left out. @internal */
export type Counts = Readonly<Record<State, number>>;

/** A queue as it was when it was added or changed; its index is its place in the order in which queues were first told. @internal */
export interface QueueName {
  readonly index: number;
  readonly name: string;
  readonly order: 'newest' | 'critical-path' | 'soonest' | 'fifo';
  readonly resources: readonly string[];
}

/** A function, by its own name, a command by its program's; `(anonymous)` for one without. @internal */
export interface FunctionName {
  readonly index: number;
  readonly name: string;
  readonly isStream: boolean;
}

/** What a queue has in use; `slots` is null for no limit. @internal */
export interface QueueUse {
  readonly queue: number;
  readonly slotsTaken: number;
  readonly slots: number | null;
  /** In the order of `QueueName.resources`. */
  readonly taken: readonly number[];
  readonly capacity: readonly number[];
  readonly isPaused: boolean;
  readonly counts: Counts;
}

/** @internal */
export interface FunctionUse {
  readonly fn: number;
  readonly queue: number;
  readonly counts: Counts;
  /** Settled attempts that ran, and the sum of their times running and waiting (ready to start), in milliseconds. */
  readonly ran: number;
  readonly ranMs: number;
  readonly ranSquaredMs: number;
  readonly waitedMs: number;
}

/** Failures of one cause: the same error name and message, numbers in it left out; a failed dependency counts to its cause's. @internal */
export interface FailureGroup {
  readonly cause: string;
  readonly example: string;
  readonly stack: string | undefined;
  /** Tasks that failed themselves, and those that failed for them. */
  readonly count: number;
  readonly dependents: number;
  readonly firstAt: number;
  readonly lastAt: number;
  /** Task numbers, the first ones; at most 100. */
  readonly tasks: readonly number[];
}

/** A message that an actor received, and the step that it led to. @internal */
export interface ActorMessage {
  readonly at: number;
  /** The id of the sending actor; undefined for reports of executors and callers outside. */
  readonly from: string | undefined;
  readonly to: string;
  readonly type: string;
  /** The state after it, as text (`running`, `open · shut · working`); the same as before when nothing was taken. */
  readonly state: string;
  readonly isTaken: boolean;
}

/** The time until everything has settled, in milliseconds, and the longest way: ids of its first tasks. @internal */
export interface LeftTotals {
  readonly leastMs: number;
  readonly mostMs: number;
  /** How many tasks are of a kind that no run has seen. */
  readonly unknown: number;
  readonly path: readonly string[];
}

/** What is known of the watched task, queue or scheduler. @internal */
export interface Details {
  readonly type: 'details';
  readonly actor: Watched;
  readonly id: string;
  readonly machine: 'task' | 'queue' | 'scheduler';
  /** The active states, as paths of the machine's states: `running`, `gate.open`. */
  readonly active: readonly string[];
  /** JSON text of the actor's context after the user's `redact`. */
  readonly context: string;
  /** `why()` in words; for a queue or the scheduler what it does. */
  readonly why: string;
  /** Since it has been watched, oldest first, at most 200; and how many older ones were left out. */
  readonly messages: readonly ActorMessage[];
  readonly leftOut: number;
  readonly dependencies: readonly Neighbour[];
  readonly dependents: readonly Neighbour[];
  /** Exact numbers, also where the lists are cut. */
  readonly dependencyCount: number;
  readonly dependentCount: number;
}

/** @internal */
export interface Neighbour {
  readonly task: number;
  readonly id: string;
  readonly fn: number;
  readonly queue: number;
  readonly state: State;
  /** The partial result that is needed; undefined for the whole. */
  readonly index?: number;
}

/** A task by its number, a queue by its index, or the scheduler. @internal */
export type Watched =
  | { readonly kind: 'task'; readonly task: number }
  | { readonly kind: 'queue'; readonly queue: number }
  | { readonly kind: 'scheduler' };

/** From the inspector to a page. @internal */
export type InspectorMessage =
  | {
      readonly type: 'hello';
      readonly version: number;
      readonly product: string;
      /** Whether commands are taken. */
      readonly control: boolean;
      /** The wall clock in milliseconds when the recording began (time 1). */
      readonly epochMs: number;
      /** Most rows that are kept; beyond them the oldest settled ones make room. */
      readonly maxRows: number;
      /** Tasks that had settled before the recording began: nothing more is known of them. */
      readonly settledBefore: number;
      /** The charts of machines/ as JSON definitions: task, queue, scheduler. */
      readonly charts: Readonly<Record<'task' | 'queue' | 'scheduler', unknown>>;
    }
  | { readonly type: 'names'; readonly queues: readonly QueueName[]; readonly functions: readonly FunctionName[] }
  /** The ids of tasks that were given one by the user. */
  | { readonly type: 'ids'; readonly ids: readonly (readonly [task: number, id: string])[] }
  | {
      readonly type: 'totals';
      readonly at: number;
      /** As a path of the scheduler's chart: `stopped`, `running.idle`, `draining`. */
      readonly scheduler: string;
      readonly queues: readonly QueueUse[];
      readonly functions: readonly FunctionUse[];
      /** What the scheduler has learned says of the rest; not told where that would take long, or nothing is known. */
      readonly left?: LeftTotals;
    }
  /** Use over time, oldest first: `slotsTaken` and `taken` of each queue, index by index. Bounded; older ones are thinned out. */
  | { readonly type: 'samples'; readonly samples: readonly Sample[] }
  /** The states of the scheduler, oldest first; each lasts until the next. */
  | { readonly type: 'periods'; readonly periods: readonly { readonly at: number; readonly state: string }[] }
  | { readonly type: 'failures'; readonly groups: readonly FailureGroup[]; readonly otherCauses: number }
  /** The present stall in words, or undefined when there is none (any more). */
  | { readonly type: 'stall'; readonly message: string | undefined; readonly at: number }
  /** What the page lacks: rows that made room, partial results not kept, ticks that this slow page has skipped. */
  | { readonly type: 'missing'; readonly rows: number; readonly partials: number; readonly ticks: number }
  | Details
  /** The answer to `find`: task numbers, newest first, at most as many as asked for; `total` is exact. */
  | { readonly type: 'found'; readonly ask: number; readonly tasks: readonly number[]; readonly total: number }
  /** The answer to `near`: tasks around one, and the edges among them (dependency, dependent). `critical`: the longest way that is left, from it to a final result; `demand`: the way from the final result that wants it. */
  | {
      readonly type: 'vicinity';
      readonly ask: number;
      readonly task: number;
      readonly tasks: readonly Neighbour[];
      readonly edges: readonly (readonly [dependency: number, dependent: number])[];
      readonly demand: readonly number[];
      readonly critical: readonly number[];
      readonly leftOut: number;
    }
  /** The answer to a command: what was done, or why not. */
  | { readonly type: 'answer'; readonly ask: number; readonly ok: boolean; readonly message: string };

/** @internal */
export interface Sample {
  readonly at: number;
  readonly slotsTaken: readonly number[];
  readonly taken: readonly (readonly number[])[];
}

/** From a page to the inspector; at most 4 KB. `ask` is a number of the page's that comes back with the answer. @internal */
export type PageMessage =
  | { readonly type: 'hello'; readonly version: number }
  /** Sends `details` now and whenever they change, until another is watched; null for none. */
  | { readonly type: 'watch'; readonly actor: Watched | null }
  /** Tasks whose id contains `text`, in that state (any when not given). */
  | {
      readonly type: 'find';
      readonly ask: number;
      readonly text: string;
      readonly state?: State;
      readonly limit: number;
    }
  | {
      readonly type: 'near';
      readonly ask: number;
      readonly task: number;
      readonly depth: number;
      readonly limit: number;
    }
  | { readonly type: 'command'; readonly ask: number; readonly command: Command };

/** @internal */
export type Command =
  | { readonly name: 'start' }
  | { readonly name: 'stop' }
  | { readonly name: 'pause'; readonly queue: number }
  | { readonly name: 'resume'; readonly queue: number }
  | { readonly name: 'cancel'; readonly task: number }
  | { readonly name: 'retry'; readonly task: number };
