/**
 * Where the machines run: creates the actors, carries out their effects, and hands on what they decide. The scheduler's
 * actor says when to select, a queue's actor whether to start, a task's actor what its attempt's reports mean; the engine
 * does what they ask for and nothing of its own accord.
 *
 * Invariants: every message goes through the run-queue; a task settles exactly once; a slot is given back exactly once,
 * when the attempt that took it has ended (or the task that holds it has been released).
 */
import { type AnyActorRef, createActor } from 'xstate';
import {
  changedQueueContext,
  type OfferedTask,
  QUEUE_EFFECTS,
  type QueueContextData,
  type QueueEvent,
  type QueueInput,
  queueMachine,
} from '../../machines/queue.js';
import type { SchedulerEvent } from '../../machines/scheduler.js';
import type { TASK_EFFECTS, TaskContextData, TaskEvent } from '../../machines/task.js';
import { DemandOrder } from '../core/order/demand-order.js';
import { SchedulerError, TaskEvicted } from '../core/failures.js';
import type { Outcome } from '../core/outcome.js';
import type { Environment, Turn } from '../core/ports.js';
import { ActorPool, nameActor } from './statecharts/actor-pool.js';
import type { TaskActorRef } from './statecharts/actor-refs.js';
import { Attempts, type AttemptsPort } from './tasks/attempts.js';
import type { CancelOptions } from './policies/cancel-options.js';
import { createChild } from './statecharts/child-actor.js';
import { cancelOrphans, withDependents } from './tasks/cancellation.js';
import { PendingLimit } from './policies/pending-limit.js';
import { Deadlines } from './policies/deadlines.js';
import { EventHub } from './events/event-hub.js';
import { UnhandledFailures } from './tasks/unhandled-failures.js';
import { OpenFeeds } from './feeds/open-feeds.js';
import { Lifecycle, type LifecycleEngine, type OnFailure } from './lifecycle.js';
import { QueueState, type QueueSpec } from './queues/queue-state.js';
import { Delivery, type SteppingLogic } from './statecharts/delivery.js';
import type { Why } from './tasks/reason.js';
import { openWholes } from './tasks/result-taking.js';
import { type Receiver, EventQueue } from './events/event-queue.js';
import { Selection } from './queues/selection.js';
import { Settlement, type SettlementPort } from './tasks/settlement.js';
import { stepFor, TableLogic } from './statecharts/table-logic.js';
import { TaskRecord, type TaskService } from './tasks/task-record.js';
import { taskTable } from './statecharts/task-table.js';
import { Waiters } from './tasks/waiters.js';
import { compile } from './statecharts/compile.js';
import { UnsettledList } from './tasks/unsettled-list.js';
import { why } from './queues/why.js';

const queueTable = compile(queueMachine, QUEUE_EFFECTS, changedQueueContext);

/** Messages that say nothing of their own are all the same object. */
const CHANGED: SchedulerEvent = { type: 'work.changed' };
const GRANTED: TaskEvent = { type: 'start.granted' };

type TaskEffect = (typeof TASK_EFFECTS)[number];
type QueueEffect = (typeof QUEUE_EFFECTS)[number];

/** Stands for the id of a task whose actor nobody can see. */
const UNSEEN = '';

/** What a queue's effects are about: the queue, once its actor has been made. */
interface QueueSlot {
  queue: QueueState | undefined;
}

/**
 * Who sees the actors of tasks: an inspector (or a parent) may see all of them, nobody those that no handle gave out; or
 * nobody wants them, and a task has one only when a handle is asked for it.
 *
 * @internal
 */
export type ActorsSeen = 'inspected' | 'unseen' | 'on-demand';

/** The runtime of one scheduler. @internal */
export class Engine implements TaskService, SettlementPort, AttemptsPort, LifecycleEngine {
  readonly eventQueue = new EventQueue();
  readonly order = new DemandOrder();
  readonly hub = new EventHub();
  readonly failures = new UnhandledFailures();
  readonly queues: QueueState[] = [];
  readonly lifecycle: Lifecycle;
  readonly environment: Environment;
  readonly deadlines: Deadlines;
  readonly attempts: Attempts;
  readonly settlement: Settlement;
  /** How many tasks were given an actor, and how many of those actors had been another task's before. */
  activations = 0;
  recycled = 0;
  readonly unsettled = new UnsettledList();
  readonly feeds = new OpenFeeds();
  readonly selection: Selection;
  readonly #actor: AnyActorRef;
  readonly #watch = new Waiters();
  #seen: ActorsSeen = 'unseen';
  readonly #delivery = new Delivery();
  /** The scheduler's actor, for messages that come by the run-queue. */
  readonly #self: Receiver<SchedulerEvent>;
  /** Where the logic of the task that is being activated finds its record. */
  #beginning: TaskRecord | undefined = undefined;
  #beginningId = '';
  /** The task whose actor has come to rest last. */
  #dismissed: TaskRecord | undefined = undefined;
  readonly #taskLogic = new TableLogic<TaskRecord, TaskContextData, TaskEvent, undefined, Outcome, TaskEffect>(
    taskTable,
    (name, record, event) => this.#carryOut(name, record, event),
    () => recordOf(this.#beginning),
    (record) => ({ state: record.restState, context: contextOf(record, this.#beginningId) }),
  );
  readonly #actors = new ActorPool<TaskActorRef>(this.#taskLogic);
  readonly #queueLogic = new TableLogic<QueueSlot, QueueContextData, QueueEvent, QueueInput, never, QueueEffect>(
    queueTable,
    (name, { queue }, event) => {
      if (queue !== undefined) this.#carryOutFor(queue, name, event);
    },
    () => this.#newSlot,
  );
  /** Where the logic of the queue that is being made finds it. */
  #newSlot: QueueSlot = { queue: undefined };

  constructor(
    actor: AnyActorRef,
    turn: Turn,
    onFailure: OnFailure,
    seen: ActorsSeen,
    environment: Environment,
    logic: () => SteppingLogic,
  ) {
    this.#actor = actor;
    this.#self = { send: (event) => this.#delivery.deliver(logic(), actor, event) };
    this.#seen = seen;
    if (seen === 'inspected') this.inspected();
    this.environment = environment;
    this.deadlines = new Deadlines(environment.clock);
    this.lifecycle = new Lifecycle(this, actor, turn, onFailure);
    this.attempts = new Attempts(this);
    this.settlement = new Settlement(this, this.#watch);
    this.selection = new Selection(this.order, this.queues, this.eventQueue, () => this.lifecycle.selectionEnded());
  }

  /** Somebody sees the making of actors from now on. */
  inspected(): void {
    this.#seen = 'inspected';
    this.#delivery.watched();
    const ending = this.#actors.close();
    if (ending !== undefined && this.#dismissed !== undefined) this.#show(ending, this.#dismissed);
    for (const record of this.unsettled.newestFirst()) if (record.actor !== undefined) this.#show(record.actor, record);
  }

  addQueue(spec: QueueSpec): QueueState {
    const input: QueueInput = { name: spec.name, slots: spec.concurrency, capacity: spec.capacity };
    const slot: QueueSlot = { queue: undefined };
    this.#newSlot = slot;
    const actor = createActor(this.#queueLogic, { id: spec.name, input, parent: this.#actor });
    const bound =
      spec.maxPending === undefined
        ? undefined
        : new PendingLimit(spec.name, spec.maxPending, (event) => this.eventQueue.post(queue, event));
    const queue: QueueState = new QueueState(
      spec,
      actor,
      (event) => this.#delivery.deliver(this.#queueLogic, actor, event),
      bound,
      this,
      this.order,
    );
    slot.queue = queue;
    actor.start();
    this.queues.push(queue);
    if (this.lifecycle.isRunning) this.eventQueue.postUrgent(queue, { type: 'scheduler.started' });
    return queue;
  }

  /** Takes a record whose edges are connected. `failed` is the error of a dependency that has already failed, if any. */
  admit(record: TaskRecord, failed: { readonly error: unknown } | undefined): void {
    record.queue.bound?.add(record);
    this.unsettled.add(record);
    this.order.add(record);
    if (this.attempts.held > 0) openWholes(record);
    if (failed !== undefined) this.settlement.doom(record, failed.error);
    else if (record.waiting === 0) this.settlement.becomeReady(record);
    this.lifecycle.workArrived();
  }

  // What handles ask for.

  watchEnd(record: TaskRecord, settled: () => void): void {
    record.flow?.openUp();
    this.#watch.end(record, settled);
  }

  watchPartial(record: TaskRecord, index: number, seen: () => void): void {
    if (index < record.delivered) record.flow?.take(index);
    this.#watch.partial(record, index, seen);
  }

  lookAt(record: TaskRecord): void {
    this.failures.lookAt(record);
  }

  cancel(record: TaskRecord, options: CancelOptions): boolean {
    // Its end may have been reported already.
    this.eventQueue.drain();
    if (record.isSettled) return false;
    const { reason, graceMs } = options;
    const cancelled = options.downstream === true ? withDependents(record) : [record];
    const cancel = (each: TaskRecord): void => this.tell(each, { type: 'cancel.requested', reason, graceMs });
    for (const each of cancelled) cancel(each);
    const { isDraining } = this.eventQueue;
    this.eventQueue.drain();
    if (options.orphans !== true) return true;
    const cancelInputs = (): void => {
      cancelOrphans(cancelled, cancel);
      this.eventQueue.drain();
    };
    // From within a delivery, what fails along with the task has not heard of it yet, and seems to need the inputs still.
    if (isDraining) queueMicrotask(cancelInputs);
    else cancelInputs();
    return true;
  }

  actorOf(record: TaskRecord): TaskActorRef {
    const { actor } = record;
    if (actor !== undefined && !record.isActorExposed) this.#show(actor, record);
    record.isActorExposed = true;
    record.actor ??= this.#activate(record);
    return record.actor;
  }

  /** An actor that no handle has given out is let go of, and may serve another task. */
  dismissActor(record: TaskRecord): void {
    const { actor } = record;
    if (actor === undefined || record.isActorExposed) return;
    record.actor = undefined;
    this.#dismissed = record;
    this.#actors.rest(actor);
  }

  deliver(actor: TaskActorRef, event: TaskEvent): void {
    this.#delivery.deliver(this.#taskLogic, actor, event);
  }

  letGo(actor: TaskActorRef): void {
    this.#dismissed = undefined;
    this.#actors.give(actor);
  }

  why(record: TaskRecord, index: number): Why {
    return why(record, index, this.lifecycle.state);
  }

  countStale(): void {
    this.attempts.countStale();
  }

  /** Asks the scheduler's actor to look again, once all that this change leads to has been delivered. */
  changed(): void {
    // A start selects by itself.
    if (!this.lifecycle.isRunning) return;
    this.eventQueue.postLast(this.#self, CHANGED);
  }

  #carryOut(name: TaskEffect, record: TaskRecord, event: TaskEvent): void {
    switch (name) {
      case 'announceReady':
        return this.settlement.emit(record, 'pending', 'ready');
      case 'startAttempt':
        return this.attempts.start(record);
      case 'settle':
        return this.settlement.settle(record, event);
      case 'deliverPartial':
        return this.settlement.deliverPartial(record, event);
      case 'dropAttempt':
        return this.attempts.drop(record, event);
      case 'goBack':
        return this.attempts.goBack(record);
      case 'pause':
        return this.attempts.pause(record, event);
      case 'countStale':
        return this.countStale();
      default:
        return name satisfies never;
    }
  }

  #carryOutFor(queue: QueueState, name: QueueEffect, event: QueueEvent): void {
    switch (name) {
      case 'grant':
        return this.#granted(queue, event);
      case 'announceRoom':
        return queue.roomMade();
      case 'refuse':
        queue.refused();
        return this.selection.proceed();
      case 'evict':
        return this.#evict(queue, event);
      default:
        return name satisfies never;
    }
  }

  // Effects of queues.

  #granted(queue: QueueState, event: QueueEvent): void {
    if (event.type !== 'task.offered') return;
    const record = recordOf(event.task);
    queue.granted();
    queue.left(record);
    if (record.isSettled) {
      // Cancelled between the offer and its grant.
      this.eventQueue.post(queue, { type: 'slot.returned', task: record });
    } else {
      this.order.started(record);
      this.attempts.granted(record);
      if (this.#seen !== 'on-demand') record.actor ??= this.#activate(record);
      this.eventQueue.post(record, GRANTED);
    }
    this.selection.proceed();
  }

  #evict(queue: QueueState, event: QueueEvent): void {
    if (event.type !== 'room.requested') return;
    const isDropped = queue.policy.onEvict === 'drop';
    const { id: by } = recordOf(event.task);
    for (const victim of event.victims) {
      const record = recordOf(victim);
      const { run } = record;
      if (run === undefined) continue;
      // From now on its room counts as on its way back, though its actor has yet to hear of it.
      queue.preemption?.leaves(run);
      const error = new TaskEvicted(record.id, by, queue.name);
      this.tell(record, { type: 'evict.requested', attempt: run.attempt, error, isDropped });
    }
    this.selection.proceed();
  }

  /** Sends an event to the task: to its actor where it has one, else its record takes the step at once. */
  tell(record: TaskRecord, event: TaskEvent): void {
    if (record.actor === undefined) this.step(record, event);
    else this.eventQueue.post(record, event);
  }

  /** Takes the step that the actor of a record without one would take, by the same table. */
  step(record: TaskRecord, event: TaskEvent): void {
    const step = stepFor(record.restState, record, event);
    if (step === undefined) return;
    record.restState = step.target;
    this.#taskLogic.carryOut(step, record, event);
  }

  /** Gives the task a live actor; where nobody could tell, one that another task has had. */
  #activate(record: TaskRecord): TaskActorRef {
    this.activations += 1;
    // Most ids are never read: one that nobody can see is not made.
    const isSeen = this.#delivery.isWatched || record.isActorExposed;
    const id = isSeen ? record.id : UNSEEN;
    this.#beginning = record;
    this.#beginningId = id;
    // A closed scheduler's actor hears nothing any more: an actor asked for so late has no parent.
    if (this.lifecycle.state === 'closed') return createActor(this.#taskLogic, { id }).start();
    const recycled = record.isSettled ? undefined : this.#actors.take();
    if (recycled === undefined) return createChild(this.#taskLogic, this.#actor, id).start();
    this.recycled += 1;
    if (isSeen) nameActor(recycled, id);
    return recycled;
  }

  /** Somebody will see the actor from now on: it is given what was spared. */
  #show(actor: TaskActorRef, { id }: TaskRecord): void {
    const snapshot = actor.getSnapshot();
    if (snapshot.context.id !== UNSEEN) return;
    nameActor(actor, id, this.#taskLogic.withContext(snapshot, { ...snapshot.context, id }));
  }
}

/** The record behind what a queue calls a task. */
function recordOf(task: OfferedTask | undefined): TaskRecord {
  if (task instanceof TaskRecord) return task;
  throw new SchedulerError('InvariantBroken', 'expected a queue to be offered the record of a task');
}

function contextOf(record: TaskRecord, id: string): TaskContextData {
  const { attempt, delivered, outcome } = record;
  return { id, queue: record.queue.name, attempt, delivered, outcome };
}
