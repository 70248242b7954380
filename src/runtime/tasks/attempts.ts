/**
 * Attempts from the grant of a start until their slot comes back: begins them, receives their reports, aborts them when
 * their outcome is no longer wanted, and decides whether and when a task is tried again. Carries out the effects of a
 * task's statechart that concern its attempt.
 *
 * Invariants: the slot of an attempt is given back once, when the attempt has ended, whatever has become of its task. A task
 * has at most one attempt whose outcome counts; dropped attempts may still be ending beside it.
 */
import type { TaskEvent } from '../../../machines/task.js';
import { TaskTimedOut } from '../../core/failures.js';
import { countOf, valuesOf } from './attempt-values.js';
import type { AttemptsPort } from './attempts-port.js';
import { type AttemptListener, TaskAttempt } from './attempt.js';
import { follow } from './following.js';
import { HeldSlots } from './held-slots.js';
import { takeNeeded } from './result-taking.js';
import { Handle } from './handle.js';
import type { TaskRecord } from './task-record.js';
import { stateOf } from './task-state.js';
import { verdictOn } from './verdict.js';
import { YieldedSlots } from './yielded-slots.js';

/** The attempts of one scheduler. @internal */
export class Attempts implements AttemptListener<TaskRecord> {
  /** Reports that came after the end of their attempt, or of one that had been dropped. */
  staleReports = 0;
  /** Attempts that have been granted and not ended. */
  running = 0;
  /** Running attempts that are held back, and held ones without a reader. */
  held = 0;
  stuck = 0;
  /** Tasks that wait for the pause before their next attempt to be over. */
  paused = 0;
  readonly yielded = new YieldedSlots({
    left: (run) => {
      this.#heldChanged(run, true);
      run.record.queue.preemption?.ended(run);
      this.slots.giveBack(run.record, run.attempt);
      this.#port.changed();
    },
    regained: (run) => this.#regained(run),
    changed: () => this.#port.changed(),
  });
  readonly #port: AttemptsPort;
  readonly slots: HeldSlots;
  /** Those that were dropped and have not ended. */
  readonly ending = new Set<TaskAttempt<TaskRecord>>();

  constructor(port: AttemptsPort) {
    this.#port = port;
    this.slots = new HeldSlots(port.eventQueue, port.hub, this.ending);
  }

  /** A start has been granted, in the present period between two stops. */
  granted(record: TaskRecord): void {
    this.running += 1;
    record.run = new TaskAttempt(this, record, this.#port.periods.epoch, record.fn, record.args);
    record.queue.tally.live += 1;
    record.extras?.group?.attemptBegan();
    record.queue.preemption?.began(record.run);
  }

  /**
   * Puts the values in place of the handles and begins; what goes wrong there is the attempt's failure. `announce` is told how
   * many partial results there will be, where the function says so.
   */
  start(record: TaskRecord, announce: (record: TaskRecord, count: number) => void): void {
    const { run } = record;
    if (run === undefined) return;
    let { args } = run;
    let trouble: { readonly error: unknown } | undefined;
    try {
      args = valuesOf(record, args);
      const count = record.isStream ? countOf(run.fn, args) : undefined;
      if (count !== undefined) announce(record, count);
    } catch (error) {
      trouble = { error };
    }
    takeNeeded(record);
    if (record.flow !== undefined) this.#pace(record, run);
    run.begin(args);
    run.begunAt = this.#port.durations.begun(record, run.attempt);
    const timeoutMs = record.extras?.timeoutMs ?? record.queue.policy.timeoutMs;
    if (timeoutMs !== undefined) this.#limit(record, run, timeoutMs);
    this.#port.hub.moved(record, 'ready', 'running');
    try {
      if (trouble === undefined) record.queue.executor.run(run);
      else run.failed(trouble.error);
    } catch (error) {
      // An executor that throws instead of reporting fails its task and nothing else.
      run.failed(error);
    }
  }

  /** The outcome of the attempt under way is no longer wanted. */
  drop(record: TaskRecord, event: TaskEvent): void {
    const { run } = record;
    if (run === undefined) return;
    this.#port.deadlines.callOff(run.deadline);
    record.queue.preemption?.leaves(run);
    if (!run.hasEnded) this.ending.add(run);
    if ('error' in event) this.#port.hub.tracing?.faulted(run, 'failed', event.error);
    else this.#port.hub.tracing?.faulted(run, 'cancelled', undefined);
    const { graceMs } = record.queue.policy;
    if (event.type === 'cancel.requested') run.drop(event.reason, event.graceMs ?? graceMs);
    else if ('error' in event) run.drop(event.error, graceMs);
    if (run.hasEnded) this.ending.delete(run);
    this.yielded.gone(run);
  }

  /** Ends dropped attempts immediately, without grace: all, or those of the tasks that are meant. */
  endAtOnce(reason: unknown, isMeant: (record: TaskRecord) => boolean = () => true): void {
    for (const run of this.ending) if (isMeant(run.record)) run.drop(reason, 0);
  }

  /** The task waits for a start again. */
  goBack(record: TaskRecord): void {
    const previous = stateOf(record);
    this.#detach(record);
    this.#port.order.ready(record);
    this.#port.hub.moved(record, previous, 'ready');
    this.#port.changed();
  }

  /** The task's result is to be that of the task whose handle its function returned; its slot comes back meanwhile. */
  follow(record: TaskRecord): void {
    const { following } = record;
    this.#detach(record);
    this.#port.hub.moved(record, 'running', 'pending');
    this.#port.changed();
    if (following !== undefined) follow(record, following);
  }

  /** The task waits for the pause before its next attempt to be over. */
  pause(record: TaskRecord, event: TaskEvent): void {
    const previous = stateOf(record);
    this.#detach(record);
    const delayMs = 'retryInMs' in event ? (event.retryInMs ?? 0) : 0;
    this.paused += 1;
    record.pause = this.#port.deadlines.set(delayMs, () => {
      this.endPause(record);
      this.#port.order.ready(record);
      record.tell({ type: 'pause.ended' });
      this.#port.changed();
      this.#port.eventQueue.drain();
    });
    this.#port.hub.moved(record, previous, 'pending');
    this.#port.changed();
  }

  /** The pause is over, or no longer of any use. */
  endPause(record: TaskRecord): void {
    if (record.pause === undefined) return;
    this.#port.deadlines.callOff(record.pause);
    record.pause = undefined;
    this.paused -= 1;
  }

  /** The attempt has ended: the slots that the task was to release come back, then its own unless it holds it. */
  free(record: TaskRecord, run: TaskAttempt<TaskRecord>): void {
    const isLast = record.run === run;
    this.running -= 1;
    this.ending.delete(run);
    this.#port.nested.ended(run);
    record.queue.preemption?.ended(run);
    record.extras?.group?.attemptEnded();
    this.#port.deadlines.callOff(run.deadline);
    if (isLast) record.run = undefined;
    this.#port.hub.tracing?.ended(run);
    this.slots.release(record);
    if (run.isYielding) {
      this.#heldChanged(run, false);
      this.yielded.gone(run);
    } else if (!isLast || !this.slots.hold(record)) this.slots.giveBack(record, run.attempt);
    this.#port.periods.ended(run);
    this.#port.changed();
  }

  attemptDelivered(run: TaskAttempt<TaskRecord>, value: unknown): void {
    this.#port.eventQueue.deliver(run.record, { type: 'partial.delivered', attempt: run.attempt, value });
  }

  attemptDone(run: TaskAttempt<TaskRecord>, result: unknown): void {
    if (this.#isDropped(run)) return;
    this.#port.durations.done(run.record, run.begunAt);
    if (!run.stream && Handle._is(result)) {
      run.record.following = Handle._target(result);
      this.#port.eventQueue.deliver(run.record, { type: 'attempt.followed', attempt: run.attempt });
      return;
    }
    // The array of all partial results is filled on settlement, when the last of them has been delivered.
    const event: TaskEvent = { type: 'attempt.done', attempt: run.attempt, result: run.stream ? [] : result };
    if (this.#endsAlone(run)) this.#port.eventQueue.deliver(run.record, event);
    else this.#port.eventQueue.post(run.record, event);
  }

  attemptFailed(run: TaskAttempt<TaskRecord>, error: unknown): void {
    if (this.#isDropped(run)) return;
    const { record, attempt } = run;
    this.#port.durations.failed(record);
    this.#port.hub.tracing?.faulted(run, 'failed', error);
    const event: TaskEvent = { type: 'attempt.failed', attempt, ...verdictOn(record, error, this.#port) };
    if (this.#endsAlone(run)) this.#port.eventQueue.deliver(record, event);
    else this.#port.eventQueue.post(record, event);
  }

  /** An attempt that runs alone need not wait for others that might end with it. */
  #endsAlone({ record }: TaskAttempt<TaskRecord>): boolean {
    return this.running <= 1 || record.queue.executor.endsTogether !== true;
  }

  get mayBegin(): boolean {
    return this.#port.isRunning();
  }

  attemptWithdrawn(run: TaskAttempt<TaskRecord>): void {
    this.#port.deadlines.callOff(run.deadline);
    this.#port.hub.tracing?.faulted(run, 'withdrawn', undefined);
    this.#port.eventQueue.deliver(run.record, { type: 'start.withdrawn', attempt: run.attempt });
  }

  countStale(): void {
    this.staleReports += 1;
  }

  /** Takes the end of an attempt that was dropped: only its slot is still out. */
  #isDropped(run: TaskAttempt<TaskRecord>): boolean {
    const { record } = run;
    if (!run.isDropped && !record.isSettled) return false;
    this.countStale();
    // One that ends while it is being dropped is freed by what drops it.
    if (record.isSettled || record.run !== run) {
      this.free(record, run);
      this.#port.eventQueue.drain();
    }
    return true;
  }

  #pace(record: TaskRecord, run: TaskAttempt<TaskRecord>): void {
    record.flow?.begin({
      isWholeWanted: () => record.dependents !== undefined,
      held: (isSo) => this.#heldChanged(run, isSo),
      stuck: (isSo) => {
        this.stuck += isSo ? 1 : -1;
        this.#port.changed();
      },
    });
  }

  /** A held or yielding attempt counts as ended for a stop; when it goes on, it belongs to the present period. */
  #heldChanged(run: TaskAttempt<TaskRecord>, isSo: boolean): void {
    this.held += isSo ? 1 : -1;
    if (isSo) this.#port.periods.ended(run);
    else run.epoch = this.#port.periods.epoch;
  }

  #regained(run: TaskAttempt<TaskRecord>): void {
    run.isYielding = false;
    this.#heldChanged(run, false);
    run.record.queue.preemption?.began(run);
    this.#port.hub.tap?.slotRegained(run.record);
  }

  #detach(record: TaskRecord): void {
    const { run } = record;
    record.run = undefined;
    record.queue.tally.live -= 1;
    if (run?.hasEnded === true) this.free(record, run);
  }

  #limit(record: TaskRecord, run: TaskAttempt<TaskRecord>, timeoutMs: number): void {
    run.deadline = this.#port.deadlines.set(timeoutMs, () => {
      if (record.run !== run || run.hasEnded || record.isSettled) return;
      const { attempt } = run;
      this.#port.durations.failed(record);
      const verdict = verdictOn(record, new TaskTimedOut(record.id, timeoutMs), this.#port);
      record.tell({ type: 'attempt.timedOut', attempt, ...verdict });
      this.#port.eventQueue.drain();
    });
  }
}
