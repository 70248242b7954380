/**
 * The scheduler as a process: its statechart, and what the runtime does around it: it knows the graph, offers ready tasks to queues
 * one at a time, and spreads results and failures. It mirrors src/runtime: lifecycle.ts, queues/selection.ts, tasks/settlement.ts and
 * tasks/held-slots.ts. It knows tasks and queues only by what they have told it.
 *
 * Invariants: a step depends on nothing but the data and the message; at most one offer is under way.
 */
import type { SchedulerEvent } from '../../../machines/scheduler.js';
import { fits } from '../../core/order/resource-ledger.js';
import type { OnFailure } from '../../runtime/lifecycle.js';
import type { ChartSteps } from './chart-steps.js';
import { readyInOrder } from './demand.js';
import type { Plan } from './graph.js';
import { isIgnored } from './ignored.js';
import type { Fault } from './invariants.js';
import type { FromQueue, FromTask, SchedulerInput, ToQueue } from './messages.js';
import { HAS_NO_ATTEMPT, innermost, isOver, ranked, type SchedulerData } from './scheduler-data.js';
import { SchedulerDraft, type Sent } from './scheduler-draft.js';
import { admit, hear } from './settlement.js';

/** What reaches the scheduler. @internal */
export type SchedulerMessage = SchedulerInput | FromTask | FromQueue;

/** What the scheduler does with a message. @internal */
export interface SchedulerStep {
  readonly data: SchedulerData;
  readonly sent: readonly Sent[];
  readonly faults: readonly Fault[];
  /** The states and events that its chart was given. */
  readonly pairs: readonly (readonly [string, string])[];
}

/** The steps of one scheduler. @internal */
export class SchedulerProcess {
  readonly #plan: Plan;
  readonly #chart: ChartSteps<object>;
  readonly #onFailure: OnFailure;

  constructor(plan: Plan, chart: ChartSteps<object>, onFailure: OnFailure) {
    this.#plan = plan;
    this.#chart = chart;
    this.#onFailure = onFailure;
  }

  step(data: SchedulerData, message: SchedulerMessage): SchedulerStep {
    const turn = new Turn(new SchedulerDraft(this.#plan, this.#onFailure, data), this.#chart);
    turn.receive(message);
    return turn.result();
  }
}

/** One message at work. */
class Turn {
  readonly #chart: ChartSteps<object>;
  readonly #draft: SchedulerDraft;
  readonly #pairs: (readonly [string, string])[] = [];

  constructor(draft: SchedulerDraft, chart: ChartSteps<object>) {
    this.#draft = draft;
    this.#chart = chart;
  }

  result(): SchedulerStep {
    const { result: data, sent, faults } = this.#draft;
    return { data, sent, faults, pairs: this.#pairs };
  }

  receive(message: SchedulerMessage): void {
    switch (message.type) {
      case 'start':
        this.#draft.data.isStoppedByFailure = false;
        this.#tell({ type: 'start.requested' });
        break;
      case 'stop':
        this.#draft.data.isStopAsked = false;
        this.#tell({ type: 'stop.requested' });
        break;
      case 'close':
        this.#tell({ type: 'close.requested' });
        break;
      case 'terminate':
        this.#tell({ type: 'terminate.requested' });
        for (const [task, view] of this.#draft.tasks.entries())
          if (!isOver(view) && view.phase !== 'absent') this.#draft.toTask(task, { type: 'cancel' });
        break;
      case 'executors close':
        this.#tell({ type: 'executors.closed' });
        break;
      case 'changed':
        this.#draft.data.hasChanged = false;
        this.#tell({ type: 'work.changed' });
        break;
      case 'submit':
        admit(this.#draft, message.task);
        break;
      case 'pause':
      case 'resume':
        this.#draft.queue(message.queue).isPaused = message.type === 'pause';
        this.#draft.toQueue(message.queue, message);
        this.#draft.changed();
        break;
      case 'limits': {
        const view = this.#draft.queue(message.queue);
        view.ledger = { ...view.ledger, slots: message.slots };
        this.#draft.toQueue(message.queue, { type: 'limits', slots: message.slots });
        this.#draft.changed();
        break;
      }
      case 'task':
        hear(this.#draft, message);
        break;
      case 'granted':
      case 'refused':
      case 'room':
        this.#answer(message);
        break;
    }
  }

  // The chart, and its effects.

  #tell(event: SchedulerEvent): void {
    const { value } = this.#draft.data;
    const { value: next, effects, isInTable } = this.#chart.step(value, {}, event);
    const before = JSON.stringify(value);
    this.#pairs.push([before, event.type]);
    if (!isInTable && !isIgnored('scheduler', value, event.type)) {
      this.#draft.fault('known-events', `${event.type} came to a scheduler that is ${before}`);
    }
    if (new Set(effects).size !== effects.length) this.#draft.fault('effects-once', `asked for ${effects.join(', ')}`);
    this.#draft.data.value = next;
    for (const effect of effects) this.#carryOut(effect);
  }

  #carryOut(effect: string): void {
    switch (effect) {
      case 'reportState':
        this.#draft.data.state = innermost(this.#draft.data.value);
        break;
      case 'openGates':
        this.#setGates({ type: 'started' });
        break;
      case 'shutGates':
        this.#setGates({ type: 'stopped' });
        break;
      case 'select':
        if (this.#draft.data.offered < 0) this.#select();
        break;
      case 'beginDraining':
        this.#close();
        break;
      case 'beginClosing':
        this.#close();
        for (const [task, { phase }] of this.#draft.tasks.entries())
          if (HAS_NO_ATTEMPT.has(phase)) this.#draft.toTask(task, { type: 'cancel' });
        break;
      default:
    }
  }

  #setGates(message: ToQueue): void {
    for (const [queue, view] of this.#draft.queues.entries()) {
      this.#draft.toQueue(queue, message);
      view.hasRoom = true;
    }
  }

  #close(): void {
    if (this.#draft.data.isClosed) return;
    this.#draft.data.isClosed = true;
    for (const queue of this.#draft.queues.keys()) this.#draft.toQueue(queue, { type: 'close' });
  }

  // Selection.

  /** Offers the best-ranked ready task that fits; when there is none, says so. */
  #select(): void {
    const candidates = readyInOrder(this.#draft.plan, this.#draft.tasks.map(ranked));
    const best = candidates.find((task) => {
      const plan = this.#draft.planOf(task);
      const { hasRoom, isPaused, ledger } = this.#draft.queue(plan.queue);
      return hasRoom && !isPaused && fits(ledger, plan.demand);
    });
    if (best === undefined) {
      this.#ended();
      return;
    }
    this.#draft.data.offered = best;
    this.#draft.toQueue(this.#draft.planOf(best).queue, { type: 'offered', task: best });
  }

  #ended(): void {
    if (this.#draft.data.hasChanged) return;
    const running = this.#draft.tasks.reduce((sum, { alive }) => sum + alive, 0);
    const isMoving = this.#draft.tasks.some(({ phase }) => phase === 'told' || phase === 'paused');
    const isHeldUp = this.#draft.queues.some(
      ({ isPaused }, queue) =>
        isPaused &&
        this.#draft.tasks.some(({ phase }, task) => phase === 'ready' && this.#draft.planOf(task).queue === queue),
    );
    if (running > 0 || isMoving || isHeldUp) return;
    const unsettled = this.#draft.tasks.filter((view) => view.phase !== 'absent' && !isOver(view)).length;
    this.#tell({ type: 'selection.ended', running, unsettled });
  }

  #answer({ type, queue, ledger }: FromQueue): void {
    const view = this.#draft.queue(queue);
    view.ledger = ledger;
    if (type === 'room') {
      view.hasRoom = true;
      this.#draft.changed();
      return;
    }
    const task = this.#draft.data.offered;
    if (task < 0) {
      this.#draft.fault(
        'offers-answered',
        `queue ${this.#draft.plan.queues[queue]?.name} answers without having been asked`,
      );
      return;
    }
    this.#draft.data.offered = -1;
    if (type === 'granted') this.#granted(task, view);
    else view.hasRoom = false;
    if (this.#draft.isRunning) this.#select();
  }

  #granted(task: number, view: ReturnType<SchedulerDraft['queue']>): void {
    view.hasRoom = view.ledger.slotsTaken < view.ledger.slots;
    const known = this.#draft.task(task);
    if (isOver(known)) {
      this.#draft.toQueue(this.#draft.planOf(task).queue, { type: 'returned', task });
      return;
    }
    known.phase = 'running';
    known.alive += 1;
    this.#draft.toTask(task, { type: 'granted' });
  }
}
