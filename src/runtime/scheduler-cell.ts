/**
 * The cell of the scheduler's statechart, whose actor is always an XState actor: one that `new Scheduler()` creates, or one
 * that a machine invokes. Through it the rest of the runtime asks for a selection.
 *
 * Invariant: only the actor takes steps; the cell follows before the effects of a step are carried out.
 */
import type { AnyActorRef } from 'xstate';
import type { SchedulerEffect, SchedulerEvent } from '../../machines/scheduler.js';
import type { SchedulerState } from './events/event-hub.js';
import type { EventQueue } from './events/event-queue.js';
import type { CellWatcher, ChartCell } from './statecharts/cells.js';
import { type ChartState, stepFor } from './statecharts/chart.js';
import { schedulerChart } from './statecharts/charts.js';

/** Messages that say nothing of their own are all the same object. */
const CHANGED: SchedulerEvent = { type: 'work.changed' };

const STATES: readonly SchedulerState[] = ['stopped', 'idle', 'busy', 'stalled', 'draining', 'closing', 'closed'];

/** The effects of the scheduler's statechart, and the end of its actor from outside. @internal */
export type SchedulerEffects = Readonly<Record<SchedulerEffect | 'stopped', () => void>>;

/** The scheduler's cell. @internal */
export class SchedulerCell implements ChartCell {
  chartState: ChartState = schedulerChart.initial;
  readonly actor: AnyActorRef;
  /** As of the last report: a snapshot cannot be read while the actor is being made. */
  state: SchedulerState = 'stopped';
  /** The context of the actor's snapshots. */
  context: unknown = undefined;
  /** Given by the engine as soon as it has them. */
  effects: SchedulerEffects | undefined = undefined;
  /** Events that only the scheduler sends and that came to its actor from outside. */
  refusedEvents = 0;
  /** As `Cells.watch`. */
  watcher: CellWatcher<SchedulerEvent> | undefined = undefined;
  readonly #eventQueue: EventQueue;
  readonly #deliver: (event: SchedulerEvent) => void;

  /** `deliver` is the way to the actor for the scheduler's own events. */
  constructor(actor: AnyActorRef, eventQueue: EventQueue, deliver: (event: SchedulerEvent) => void) {
    this.actor = actor;
    this.#eventQueue = eventQueue;
    this.#deliver = deliver;
  }

  get isRunning(): boolean {
    return this.state === 'busy' || this.state === 'idle' || this.state === 'stalled' || this.state === 'draining';
  }

  /** The state's name in the chart, without the state that it lies in. */
  get stateName(): SchedulerState {
    const { value } = this.chartState;
    const name = typeof value === 'object' ? value['running'] : value;
    return STATES.find((state) => state === name) ?? 'closed';
  }

  /** Receives an event whose turn has come. */
  send(event: SchedulerEvent): void {
    const { watcher } = this;
    if (watcher === undefined) {
      this.#deliver(event);
      return;
    }
    const isTaken = stepFor(this.chartState, this.context, event) !== undefined;
    this.#deliver(event);
    watcher(event, isTaken, undefined);
  }

  /** Carries out an effect of its chart, or the end of its actor from outside. */
  carryOut(effect: keyof SchedulerEffects): void {
    this.effects?.[effect]();
  }

  refused(): void {
    this.refusedEvents += 1;
  }

  /** Asks for a selection, once everything has been delivered that this change leads to. */
  readonly changed = (): void => {
    // A start selects by itself.
    if (this.isRunning) this.#eventQueue.postLast(this, CHANGED);
  };
}
