/**
 * Records what the tasks of a scheduler do: a tap in the runtime, which calls it at each admission and each move.
 *
 * It must never throw, call the scheduler, or keep a task that has settled, but for the work of failed tasks where control is allowed.
 */
import type { Clock } from '../../core/ports.js';
import type { TaskState } from '../../core/outcome.js';
import type { Engine } from '../../runtime/engine.js';
import type { EventQueue } from '../../runtime/events/event-queue.js';
import type { TaskTap } from '../../runtime/events/task-tap.js';
import { Holders } from '../../runtime/queues/holders.js';
import { stallOf } from '../../runtime/queues/stall.js';
import { type Work, workOf } from '../../runtime/submission/resubmission.js';
import type { TaskRecord } from '../../runtime/tasks/task-record.js';
import { STATE } from '../protocol/frames.js';
import { Adoption } from './adoption.js';
import { EventLog } from './event-log.js';
import { FailureGroups } from './failure-groups.js';
import { History, type KeptSample, PartialLog } from './history.js';
import { Recording } from './recording.js';

/** The last time that a frame can tell. */
const MOST_TENTHS = 0xffff_fffe;

/** The time of what happened before the recording. @internal */
export const BEFORE = 1;

/** Added before a time is cut to a whole number. */
const HALF_AND_BEFORE = BEFORE + 0.5;

/** So many failed tasks can be tried again. */
const KEPT_WORKS = 1_000;

/** @internal */
export interface RecorderOptions {
  readonly maxRows: number;
  /** Whether the work of failed tasks is kept, to be submitted anew. */
  readonly keepsWork: boolean;
}

/** The present stall in words, and since when; without a message there is none. @internal */
export interface StallTold {
  readonly message: string | undefined;
  readonly at: number;
}

/** A recording from `attach` until `detach`. @internal */
export class Recorder implements TaskTap<TaskRecord> {
  readonly failures = new FailureGroups();
  readonly history = new History();
  /** What failed tasks were submitted with, by task number, oldest first. */
  readonly works = new Map<number, Work>();
  stall: StallTold = { message: undefined, at: 0 };
  /** Raised by whatever happens to a task, a queue or the scheduler. */
  version = 0;
  readonly engine: Engine;
  readonly #keepsWork: boolean;
  readonly #clock: Clock;
  readonly #eventQueue: EventQueue;
  readonly #beganMs: number;
  readonly #recording: Recording;
  readonly #partials = new PartialLog();
  readonly #log: EventLog;
  readonly #adoption: Adoption;
  #stopListening: (() => void)[] = [];
  /** The task of the latest admission, if that was the latest call: should the task be ready, it is so at the same time. */
  #admitted = 0;
  /** The latest time, and during which delivery of messages it was read: what follows in the same delivery is not timed anew. */
  #at = 0;
  #delivery = -1;
  /** Whether a function may have run since then. */
  #hasStarted = false;

  constructor(engine: Engine, { maxRows, keepsWork }: RecorderOptions) {
    this.engine = engine;
    this.#keepsWork = keepsWork;
    this.#clock = engine.environment.clock;
    this.#eventQueue = engine.eventQueue;
    this.#beganMs = this.#clock.now();
    this.#recording = new Recording(maxRows);
    this.#log = new EventLog(this.#recording, this.#partials);
    this.#adoption = new Adoption(engine, this.#recording, BEFORE);
  }

  /** All that has happened. */
  get recording(): Recording {
    this.#log.drain();
    return this.#recording;
  }

  /** The partial results that were delivered. */
  get partials(): PartialLog {
    this.#log.drain();
    return this.#partials;
  }

  /** How many tasks had settled before the recording knew of them. */
  get settledBefore(): number {
    return this.#adoption.settledBefore;
  }

  /** The time now, as in frames. */
  now(): number {
    const tenths = (this.#clock.now() - this.#beganMs) * 10 + HALF_AND_BEFORE;
    return tenths < MOST_TENTHS ? tenths >>> 0 : MOST_TENTHS;
  }

  /** Begins, and resolves when it knows of all tasks that have not settled. */
  attach(): Promise<void> {
    const { hub, lifecycle } = this.engine;
    hub.tap = this;
    this.history.enter(lifecycle.state, BEFORE);
    if (lifecycle.state === 'stalled') this.stall = { message: this.#presentStall(), at: BEFORE };
    this.#stopListening = [
      hub.on('scheduler', ({ state }) => {
        this.version += 1;
        this.history.enter(state, this.now());
        if (state !== 'stalled' && this.stall.message !== undefined)
          this.stall = { message: undefined, at: this.now() };
      }),
      hub.on('stalled', ({ message }) => {
        this.version += 1;
        this.stall = { message, at: this.now() };
      }),
    ];
    return this.#adoption.begin().then(() => this.#log.allow());
  }

  #presentStall(): string {
    const { unsettled, attempts, nested } = this.engine;
    const tasks = unsettled.newestFirst();
    return stallOf(tasks, new Holders(tasks, attempts.ending, nested)).message;
  }

  /** Ends; the runtime keeps nothing of the recorder. */
  detach(): void {
    const { hub } = this.engine;
    if (hub.tap === this) hub.tap = undefined;
    for (const stop of this.#stopListening.splice(0)) stop();
    this.#adoption.end();
    this.recording.books.forget();
    this.works.clear();
  }

  /** Takes a sample of what is in use if one is due, and notes queues that are new or have changed. */
  look(): void {
    for (const queue of this.engine.queues) if (this.#recording.books.bookOf(queue).look()) this.version += 1;
    this.history.sample(this.now(), this.#sampleAt);
  }

  admitted(task: TaskRecord): void {
    this.version += 1;
    const at = this.#readClock();
    const { seq, extras, dependencies } = task;
    this.#admitted = seq;
    const use = this.#recording.books.useOf(task);
    if (this.#log.isOpen) {
      if (extras?.id !== undefined) this.#recording.ids.set(seq, extras.id);
      this.#log.admitted(seq, use.index, at, dependencies);
    } else {
      this.recording.add(task, use, STATE.pending, at);
      this.#log.look();
    }
  }

  moved(task: TaskRecord, name: TaskState, previous: TaskState): void {
    this.version += 1;
    const state = STATE[name];
    const { seq, attempt } = task;
    // A start that was taken back leads to `ready`, too.
    const isFirst = state === STATE.ready && attempt === 0 && previous === 'pending';
    const at = this.#timeOf(seq, state, isFirst);
    if (this.#log.isOpen && (isFirst || state >= STATE.running)) this.#log.moved(seq, state, attempt, at);
    else this.#moveNow(task, state, at);
    if (state === STATE.failed && task.outcome?.status === 'failed') this.failures.add(seq, task.outcome.error, at);
  }

  #timeOf(seq: number, state: number, isFirst: boolean): number {
    if (isFirst && seq === this.#admitted) return this.#at;
    // An executor may run the function at once, and tell at once what comes of it.
    if (state >= STATE.partial && this.#hasStarted) return this.#readClock();
    const at = this.#timeOfDelivery();
    if (state === STATE.running) this.#hasStarted = true;
    return at;
  }

  #moveNow(task: TaskRecord, state: number, at: number): void {
    const { recording } = this;
    const entry = recording.index.get(task.seq) || this.#adoption.adoptBefore(task, state);
    if (entry !== 0) recording.move(task, entry, state, at);
    this.#log.look();
  }

  delivered(task: TaskRecord): void {
    this.version += 1;
    this.#log.delivered(task.seq, this.now());
  }

  failing(task: TaskRecord): void {
    if (!this.#keepsWork) return;
    this.works.set(task.seq, workOf(task));
    if (this.works.size <= KEPT_WORKS) return;
    const [oldest] = this.works.keys();
    if (oldest !== undefined) this.works.delete(oldest);
  }

  slotReturned({ seq, run }: TaskRecord, attempt: number): void {
    this.version += 1;
    if (run !== undefined && run.attempt === attempt && run.isYielding && !run.hasEnded) {
      this.recording.setYielding(seq, true);
    } else this.#log.freed(seq, attempt, this.#timeOfDelivery());
  }

  slotRegained({ seq }: TaskRecord): void {
    this.recording.setYielding(seq, false);
  }

  #timeOfDelivery(): number {
    const { isDraining, drains } = this.#eventQueue;
    return isDraining && drains === this.#delivery ? this.#at : this.#readClock();
  }

  #readClock(): number {
    this.#admitted = 0;
    this.#hasStarted = false;
    this.#delivery = this.#eventQueue.drains;
    this.#at = this.now();
    this.history.sample(this.#at, this.#sampleAt);
    return this.#at;
  }

  readonly #sampleAt = (at: number): KeptSample => {
    const { queues } = this.#recording.books;
    const ledgers = queues.map(({ queue }) => queue.ledger);
    return {
      at,
      waiting: queues.map(({ queue: { tally } }) => tally.unsettled - tally.live),
      slotsTaken: ledgers.map(({ slotsTaken }) => slotsTaken),
      taken: ledgers.map(({ capacity, taken }) => capacity.map((_, resource) => taken[resource] ?? 0)),
    };
  };
}
