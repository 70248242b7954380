/**
 * Judges a run event by event: compares each event with what the model allows, and then lets the model follow. `check` gives it a recorded
 * trace, `monitor` the events of a scheduler as they come.
 *
 * Invariants: a violation is reported to `violated` at the event that shows it, and the model goes on from what has happened, so that one
 * mistake is not reported for ever; events of unknown tasks are passed over. Memory is O(unsettled tasks and tasks with slots) if settled ones
 * are forgotten.
 */
import type { SchedulerState } from '../runtime/events/event-hub.js';
import { CheckedRun, type Track } from './checked-run.js';
import { isSettled, type ModelTask } from './model.js';
import { judgeEviction } from './judge-eviction.js';
import { isMiscounted, judgeSettlement } from './judge-settlement.js';
import { involved, judgeStart, missingOf } from './judge-start.js';
import { arrived } from './received.js';
import { atClose, atRest, handleDiffers, ledgerDiffers } from './rest.js';
import type { ScenarioTask } from './scenario-shape.js';
import { StopCalls } from './stop-calls.js';
import { splitReference, type TraceEvent } from './trace.js';

/** @internal */
export class Checker extends CheckedRun {
  /** A stop was asked for and not announced yet. */
  #isStopOwed = false;
  readonly #stops = new StopCalls(this);

  submit(plan: ScenarioTask): void {
    this.model.submit(plan);
  }

  /** Everything that led from the events so far has happened. */
  rest(): void {
    atRest(this);
    this.#stops.rest();
  }

  /** The same, and nothing happens until then, that time included. */
  restUntil(now: number): void {
    this.model.now = now;
    this.rest();
  }

  take(event: TraceEvent): void {
    this.model.now = event.at;
    if ('id' in event) {
      const { id, index = 0 } = splitReference(event.id);
      const task = this.model.tasks.get(id);
      if (task !== undefined) this.#of(task, event, index);
      return;
    }
    switch (event.event) {
      case 'stop':
      case 'resume':
        this.asked = event.event;
        this.model.isRunning = event.event === 'resume';
        if (event.event === 'stop') this.#stopped(event.call);
        return;
      case 'stopped':
        this.#stops.resolved(event.call);
        return;
      case 'state':
        this.#announced(event.state);
        return;
      case 'ledger':
        ledgerDiffers(this, event);
        return;
      case 'pause':
      case 'unpause':
      case 'limits':
        this.#changes(event);
        return;
    }
  }

  #changes(event: Extract<TraceEvent, { event: 'pause' | 'unpause' | 'limits' }>): void {
    const queue = this.model.queues.get(event.queue);
    if (queue === undefined) return;
    if (event.event === 'limits') {
      queue.spec = { ...queue.spec, concurrency: event.slots, resources: event.resources };
      return;
    }
    queue.isPaused = event.event === 'pause';
    if (queue.isPaused) this.count('stop');
  }

  #of(task: ModelTask, event: Extract<TraceEvent, { readonly id: string }>, index: number): void {
    const track = this.track(task);
    const { id } = task.plan;
    switch (event.event) {
      case 'submit':
        return;
      case 'ready':
        this.judge(
          'dependencies',
          task.missing === 0,
          () => `${id} is ready before ${missingOf(task)}`,
          involved(task),
        );
        if (!isSettled(task)) this.model.resumed(task);
        return;
      case 'start':
        judgeStart(this, task, event);
        this.#started(task, track, event.attempt ?? 1);
        return;
      case 'ask':
        this.#asks(task, track, event.attempt);
        return;
      case 'begin':
        this.judge('stop', task.open.has(event.attempt), () => `the function of ${id} is called after a stop`, [task]);
        return;
      case 'report':
        if (event.attempt === task.attempt && task.open.has(event.attempt)) track.reported += 1;
        return;
      case 'partial':
        arrived(this, task, index);
        return;
      case 'end':
        // A report after the first changes nothing.
        if (!this.#stops.close(task, event.attempt)) return;
        if (event.attempt === task.attempt) track.ended = event;
        return;
      case 'evict':
        judgeEviction(this, task);
        track.evicted = event.attempt;
        return;
      case 'handle':
        handleDiffers(this, task, event);
        return;
      case 'again':
        this.#goesBack(task, track, event.attempt, event.to);
        return;
      case 'return':
        this.#returns(task);
        return;
      case 'cancel':
        track.isCancelled = true;
        if (event.within === true) return;
        this.judge('cancel', task.state === 'cancelled', () => `${id} is ${task.state} after cancel() returned true`, [
          task,
        ]);
        return;
      case 'done':
      case 'failed':
      case 'cancelled':
        judgeSettlement(this, task, event);
        if (!isSettled(task)) this.model.settle(task, event.event);
        return;
    }
  }

  #stopped(call: number | undefined): void {
    this.#isStopOwed = true;
    this.count('stop');
    if (call !== undefined) this.#stops.called(call);
  }

  #announced(state: SchedulerState): void {
    this.state = state;
    // Nothing starts any more, as after a stop.
    if (state === 'closing') {
      this.asked = 'stop';
      this.model.isRunning = false;
    }
    if (state === 'closed') atClose(this);
    if (state !== 'stopped') return;
    this.judge('acknowledgement', this.#isStopOwed, () => 'stopped is announced, and nobody has called stop()', []);
    this.#isStopOwed = false;
  }

  #started(task: ModelTask, track: Track, attempt: number): void {
    if (isSettled(task)) return;
    this.model.start(task);
    // The number that was told, so that one gap is one violation.
    task.attempt = attempt;
    if (this.isFull) task.open.add(attempt);
    track.ended = undefined;
    track.reported = 0;
    track.deliveredBefore = task.delivered;
  }

  /** Whether the function may be called is known here too: while the scheduler is stopped only those of attempts that were given up. */
  #asks(task: ModelTask, track: Track, attempt: number): void {
    if (this.model.isRunning || task.state !== 'running' || attempt !== task.attempt) return;
    if (this.#stops.close(task, attempt)) track.ended = { attempt, as: 'withdrawn' };
  }

  #goesBack(task: ModelTask, track: Track, attempt: number, to: 'ready' | 'pending'): void {
    const { id } = task.plan;
    this.judge('settlement', task.state === 'running', () => `${id} waits again, though it is ${task.state}`, [task]);
    if (isSettled(task)) return;
    if (this.#returnsHandle(task, track)) {
      this.model.follow(task);
      return;
    }
    if (attempt < task.attempt) {
      // The start was withdrawn: no function was called.
      if (this.isFull)
        this.judge('stop', track.ended?.as === 'withdrawn', () => `${id} waits again without a stop`, [task]);
      task.attempt = attempt;
    } else if (track.evicted === attempt) {
      const isRight = task.queue.spec.onEvict !== 'drop';
      this.judge('outcome', isRight, () => `${id} was evicted, and waits again, though its queue drops`, [task]);
    } else {
      track.failures += 1;
      if (this.isFull)
        this.judge(
          'outcome',
          track.ended?.as !== 'done' || isMiscounted(task, track),
          () => `attempt ${attempt} of ${id} ended well, and the task waits for another`,
          [task],
        );
    }
    this.model.goBack(task, to === 'pending');
  }

  /** Whether the function of the latest attempt has ended with the handle of another task. */
  #returnsHandle({ plan, attempt }: ModelTask, { ended }: Track): boolean {
    return plan.follows !== undefined && ended?.attempt === attempt && ended.as === 'done';
  }

  #returns(task: ModelTask): void {
    const { id } = task.plan;
    this.judge('returns', task.slots > 0, () => `a slot of ${id} comes back, which has none`, [task]);
    if (this.isFull) {
      const kept = task.open.size + (this.model.isHolding(task) ? 1 : 0);
      const why = (): string => (task.open.size > 0 ? 'its attempt has not ended' : 'no task has released it');
      this.judge('returns', task.slots - 1 >= kept, () => `a slot of ${id} comes back, though ${why()}`, [task]);
    }
    if (task.slots > 0) this.model.returnSlot(task);
  }
}
