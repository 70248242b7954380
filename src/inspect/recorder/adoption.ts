/**
 * Takes over the tasks that were there before the recording began: in slices, between which the event loop goes on. A task that moves
 * before its turn is taken over as it moves; one that settles before counts as settled before.
 */
import type { Engine } from '../../runtime/engine.js';
import type { TaskRecord } from '../../runtime/tasks/task-record.js';
import { STATE } from '../protocol/frames.js';
import type { Recording } from './recording.js';
import type { TaskEntry } from './task-index.js';

/** Tasks in one slice: less than 5 ms. */
const SLICE = 5_000;

/** @internal */
export class Adoption {
  /** Tasks that had settled: nothing is known of them, unless they still hold their slot. */
  settledBefore = 0;
  readonly #engine: Engine;
  readonly #recording: Recording;
  /** The time of what was there before. */
  readonly #at: number;
  #left: readonly TaskRecord[] = [];
  #stop: (() => void) | undefined = undefined;
  #isOver = false;

  constructor(engine: Engine, recording: Recording, at: number) {
    this.#engine = engine;
    this.#recording = recording;
    this.#at = at;
  }

  /** Resolves when all tasks have been taken over that have not settled. */
  begin(): Promise<void> {
    const { queues, ids, unsettled, attempts } = this.#engine;
    const { books } = this.#recording;
    this.settledBefore = ids.count - unsettled.count;
    for (const queue of queues) {
      books.bookOf(queue);
      for (const holder of queue.holders)
        this.#recording.addEnded(holder, books.useOf(holder), holder.attempt, this.#at);
    }
    for (const { record, attempt } of attempts.ending) {
      this.#recording.addEnded(record, books.useOf(record), attempt, this.#at);
    }
    this.#left = unsettled.newestFirst().toReversed();
    return new Promise((resolve) => this.#slice(0, resolve));
  }

  end(): void {
    this.#stop?.();
    this.#isOver = true;
    this.#left = [];
  }

  /** The task, which is not known, is about to be seen going to `state`: takes it over as it was. 0 for one that settles. */
  adoptBefore(task: TaskRecord, state: number): TaskEntry {
    if (state >= STATE.done) {
      if (!this.#isOver) this.settledBefore += 1;
      return 0;
    }
    return this.#adopt(task, Math.max(STATE.pending, state - 1));
  }

  #adopt(task: TaskRecord, state: number): TaskEntry {
    return this.#recording.add(task, this.#recording.books.useOf(task), state, this.#at);
  }

  #slice(from: number, over: () => void): void {
    const to = Math.min(this.#left.length, from + SLICE);
    for (const task of this.#left.slice(from, to)) {
      if (task.isSettled || this.#recording.index.get(task.seq) !== 0) continue;
      this.#adopt(task, STATE[task.state]);
    }
    if (to < this.#left.length) {
      this.#stop = this.#engine.environment.clock.after(0, () => this.#slice(to, over));
      return;
    }
    this.end();
    over();
  }
}
