/**
 * Watches a running scheduler and reports when an invariant is broken, by the same rules as `check`.
 *
 * Invariants: it changes nothing about the scheduler. Memory is O(unsettled tasks and tasks with slots), plus `MOST_SETTLED` settled ones, with
 * `MOST_TOLD` events of each. An event costs O(the edges of its task); the look at the order of starts, which is O(unsettled tasks), is taken so
 * rarely that its share for each start is at most `ORDER_SHARE`.
 */
import { SchedulerError } from '../core/failures.js';
import type { SchedulerEvents } from '../runtime/events/event-hub.js';
import type { Scheduler } from '../runtime/scheduler.js';
import { Checker } from './checker.js';
import type { Finding } from './checked-run.js';
import { INVARIANTS, type InvariantName } from './invariants.js';
import { listen, type ToldEvent } from './listen.js';
import type { ModelTask } from './model.js';
import { splitReference, type TraceEvent } from './trace.js';

/**
 * A broken invariant.
 *
 * @public
 */
export interface Violation {
  readonly invariant: InvariantName;
  readonly sentence: string;
  /** What is wrong, with the ids of the tasks. */
  readonly message: string;
  readonly tasks: readonly string[];
  /** What happened to these tasks, the last events of each. `at` counts the events since the monitor began. */
  readonly events: readonly TraceEvent[];
}

/**
 * A monitor at work.
 *
 * @public
 */
export interface Monitor {
  /** The first hundred violations. */
  readonly violations: readonly Violation[];
  /** How often each invariant was asked for. */
  readonly checked: ReadonlyMap<InvariantName, number>;
  /** Ends it. */
  stop(): void;
  /** @internal How many tasks it remembers, for tests that bound it. */
  readonly _kept: number;
}

/** Settled tasks that are remembered, so that what comes too late is recognised. */
const MOST_SETTLED = 1_000;
/** Events that are kept of each task. */
const MOST_TOLD = 20;
const MOST_VIOLATIONS = 100;
/** How many tasks each start may cost where the order of starts is looked at. */
const ORDER_SHARE = 32;

/**
 * Checks a scheduler while it runs: by its events, and at each `idle` and `stalled` by the ledgers of its queues. Invariants about what
 * executors report, which the events do not tell, are only checked in so far as the outcome shows them; of queues that are paused, have
 * a rate or evict, the order of starts is not checked; nor are it and the scheduler's state while tasks are left that are not needed,
 * because what depends on them was restored from the store.
 *
 * @param options - `onViolation` is called for every violation, synchronously; what it throws is rethrown outside of the scheduler.
 * @throws SchedulerError `InvalidArgument` if tasks are unsettled or slots taken: begin before the first submission.
 * @public
 */
export function monitor(
  scheduler: Scheduler,
  { onViolation }: { readonly onViolation?: (violation: Violation) => void } = {},
): Monitor {
  const unsettled = scheduler._unsettled;
  const isTaken = [...scheduler.queues.values()].some(({ actor }) => actor.getSnapshot().context.ledger.slotsTaken > 0);
  if (unsettled.length > 0 || isTaken) {
    throw new SchedulerError('InvalidArgument', 'a monitor must begin while no task is unsettled and no slot is held', {
      tasks: unsettled.slice(0, 5),
    });
  }
  return new LiveMonitor(scheduler, onViolation);
}

class LiveMonitor implements Monitor {
  readonly violations: Violation[] = [];
  readonly #scheduler: Scheduler;
  readonly #checker: Checker;
  readonly #stories = new Map<ModelTask, TraceEvent[]>();
  /** Tasks that have settled, oldest first. */
  readonly #settled: ModelTask[] = [];
  readonly #ends: readonly (() => void)[];
  /** Slots that were granted to tasks that have not begun, by id. */
  readonly #granted = new Set<string>();
  /** Tasks that still have slots though another has their id by now, oldest first. */
  readonly #former = new Map<string, ModelTask[]>();
  #events = 0;
  #orderCredit = 0;

  constructor(scheduler: Scheduler, onViolation: ((violation: Violation) => void) | undefined) {
    this.#scheduler = scheduler;
    this.#checker = new Checker([], {
      isFull: false,
      violated: (finding) => this.#violated(finding, onViolation),
      looksAtOrder: () => this.#looksAtOrder(),
      hasStore: scheduler._engine.keeping !== undefined,
      hasUnneeded: () => this.#hasUnneeded,
    });
    const { state } = scheduler;
    this.#checker.asked = state === 'stopped' ? undefined : 'resume';
    this.#checker.model.isRunning = state !== 'stopped';
    this.#ends = [
      scheduler.on('submitted', (event) => this.#submitted(event)),
      scheduler.on('task', ({ id, state: now, attempt }) => {
        if (now === 'running') this.#begins(id, attempt);
      }),
      scheduler.on('slot', ({ id, change }) => this.#slot(id, change)),
      scheduler.on('restored', ({ id }) => this.#restored(id)),
      listen(scheduler, (event) => this.#told(event)),
    ];
  }

  get checked(): ReadonlyMap<InvariantName, number> {
    return this.#checker.counts;
  }

  get _kept(): number {
    return Math.max(this.#stories.size, this.#checker.model.tasks.size);
  }

  get #hasUnneeded(): boolean {
    return (this.#scheduler._engine.keeping?.unneeded.count ?? 0) > 0;
  }

  stop(): void {
    for (const end of this.#ends) end();
  }

  #violated({ invariant, message, tasks }: Finding, onViolation: ((violation: Violation) => void) | undefined): void {
    const { model } = this.#checker;
    const events = tasks.flatMap((id) => {
      const task = model.tasks.get(id);
      return task === undefined ? [] : (this.#stories.get(task) ?? []);
    });
    const sorted = events.toSorted((a, b) => a.at - b.at);
    const violation = { invariant, sentence: INVARIANTS[invariant], message, tasks, events: sorted };
    if (this.violations.length < MOST_VIOLATIONS) this.violations.push(violation);
    onViolation?.(violation);
  }

  /** The more tasks there are, the fewer starts are looked at. */
  #looksAtOrder(): boolean {
    const { live } = this.#checker.model;
    this.#orderCredit += ORDER_SHARE;
    // Orders that go by durations are behind now and then, and what they have learned is not told.
    const isJudged = this.#scheduler._engine.orderName === 'newest' && !this.#hasUnneeded;
    if (this.#orderCredit < live.size || !isJudged) return false;
    this.#orderCredit = 0;
    this.#refresh();
    return true;
  }

  /** Queues may be added, changed and paused at any time. */
  #refresh(): void {
    const { model } = this.#checker;
    for (const queue of this.#scheduler.queues.values()) {
      const { isOpaque, ...spec } = queue._view;
      const known = model.queues.get(queue.name) ?? model.addQueue(spec);
      known.spec = spec;
      known.isOpaque = isOpaque;
    }
  }

  #submitted({ id, queue, needs, resources, priority, hold, release }: SchedulerEvents['submitted']): void {
    const { model } = this.#checker;
    if (!model.queues.has(queue)) this.#refresh();
    const former = model.tasks.get(id);
    if (former !== undefined && former.slots > 0) this.#former.set(id, [...(this.#former.get(id) ?? []), former]);
    const task = model.submit({ id, queue, deps: needs, duration: 0, resources, priority, hold, release });
    if (task !== undefined) this.#tell(task, { at: this.#events, event: 'submit', id });
  }

  #begins(id: string, attempt: number): void {
    this.#granted.delete(id);
    const task = this.#checker.model.tasks.get(id);
    const queue = task === undefined ? undefined : this.#scheduler.queues.get(task.plan.queue);
    if (task !== undefined && queue !== undefined) task.queue.spec = queue._view;
    this.#told({ event: 'start', id, attempt });
  }

  #slot(id: string, change: 'taken' | 'returned'): void {
    const task = this.#checker.model.tasks.get(id);
    if (task === undefined || change === 'returned') return;
    // A function that had given its slot to others has one again.
    if (task.state === 'running') this.#checker.model.regain(task);
    else this.#granted.add(id);
  }

  #restored(id: string): void {
    const task = this.#checker.model.tasks.get(id);
    if (task !== undefined) this.#checker.track(task).isRestored = true;
  }

  /** Whether the slot was one of a task that had the id before. */
  #isFormers(event: Extract<TraceEvent, { event: 'submit' | 'ready' | 'return' }>): boolean {
    const [former, ...others] = this.#former.get(event.id) ?? [];
    if (former === undefined) return false;
    this.#tell(former, event);
    this.#checker.model.returnSlot(former);
    if (former.slots > 0) return true;
    if (others.length > 0) this.#former.set(event.id, others);
    else this.#former.delete(event.id);
    return true;
  }

  #told(told: ToldEvent): void {
    this.#events += 1;
    const event: TraceEvent = { at: this.#events, ...told };
    if (event.event === 'state') {
      this.#state(event);
      return;
    }
    if (!('id' in event) || (event.event === 'return' && this.#isFormers(event))) return;
    const task = this.#checker.model.tasks.get(splitReference(event.id).id);
    if (task === undefined) return;
    this.#tell(task, event);
    // The task was cancelled between the grant and the start.
    if (event.event === 'return' && this.#granted.delete(event.id)) return;
    this.#checker.take(event);
    if (event.event === 'done' || event.event === 'failed' || event.event === 'cancelled') this.#ended(task);
  }

  #state(event: Extract<TraceEvent, { event: 'state' }>): void {
    const { state } = event;
    const { at } = event;
    const isShut = state === 'stopped' || state === 'closing' || state === 'closed';
    if (isShut === this.#checker.model.isRunning) this.#checker.take({ at, event: isShut ? 'stop' : 'resume' });
    this.#checker.take(event);
    if (state !== 'idle' && state !== 'stalled') return;
    this.#refresh();
    this.#checker.rest();
    for (const { name, _view: view } of this.#scheduler.queues.values()) {
      this.#checker.take({ at, event: 'ledger', queue: name, slots: view.taken, resources: view.amounts });
    }
  }

  #tell(task: ModelTask, event: TraceEvent): void {
    const story = this.#stories.get(task) ?? [];
    if (story.length === MOST_TOLD) story.shift();
    story.push(event);
    this.#stories.set(task, story);
  }

  #ended(task: ModelTask): void {
    const { model } = this.#checker;
    model.unlink(task);
    this.#settled.push(task);
    if (this.#settled.length < 2 * MOST_SETTLED) return;
    for (const old of this.#settled.splice(0, MOST_SETTLED)) {
      if (old.slots > 0) this.#settled.push(old);
      else model.forget(old);
      if (old.slots === 0) this.#stories.delete(old);
    }
  }
}
