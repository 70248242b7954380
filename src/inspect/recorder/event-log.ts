/**
 * What has happened and is not yet in the recording, as numbers: little to do at the time, and rows are written many at a time.
 *
 * Invariant: an event comes to the recording in its turn; whatever reads or changes the recording drains the log before. While the log is
 * not open, nothing waits in it.
 */
import { STATE } from '../protocol/frames.js';
import type { PartialLog } from './history.js';
import type { Recording } from './recording.js';
import { valueAt } from './row-store.js';
import { placeOf } from './task-index.js';

const ADMITTED = 0;
const MOVED = 1;
const DELIVERED = 2;
const FREED = 3;

/** Numbers of an event: its kind and something small, the task, the time, something more. */
const EVENT = 4;

const KIND_BITS = 2;
const KIND_MASK = (1 << KIND_BITS) - 1;

/** Beside the state of a move that ends the attempt: its slot has come back with that. */
const IS_FREED = 8;
const STATE_MASK = IS_FREED - 1;

/** Stays in a processor's cache. */
const LENGTH = 2_048;

/** So many events can wait. */
const MOST_EVENTS = LENGTH / EVENT;

/** The log. Each event is O(1), amortised. @internal */
export class EventLog {
  readonly #recording: Recording;
  readonly #partials: PartialLog;
  readonly #numbers = new Uint32Array(LENGTH);
  #length = 0;
  #isAllowed = false;
  /** Whether tasks may be logged: all are known and have rows, and there is room for more rows than the log can add. */
  isOpen = false;

  constructor(recording: Recording, partials: PartialLog) {
    this.#recording = recording;
    this.#partials = partials;
  }

  /** All unsettled tasks are known. */
  allow(): void {
    this.#isAllowed = true;
    this.look();
  }

  /** To be told when the recording has changed otherwise. */
  look(): void {
    const { rows, rowless } = this.#recording;
    this.isOpen = this.#isAllowed && rowless === 0 && rows.room >= MOST_EVENTS;
  }

  /** The task is there, pending; `use` is a number. */
  admitted(task: number, use: number, at: number, dependencies: readonly { readonly seq: number }[]): void {
    const edges = dependencies.length === 0 ? 0 : this.#recording.edges.append(dependencies);
    this.#add(ADMITTED | (edges << KIND_BITS), task, at, use);
  }

  /** The task has gone forward to `state`. */
  moved(task: number, state: number, attempt: number, at: number): void {
    this.#add(MOVED | (state << KIND_BITS), task, at, attempt);
  }

  delivered(task: number, at: number): void {
    this.#add(DELIVERED, task, at, 0);
    if (!this.isOpen) this.drain();
  }

  /** The slot of that attempt has come back. */
  freed(task: number, attempt: number, at: number): void {
    const last = this.#length - EVENT;
    if (last >= 0 && this.#isEndOf(last, task, attempt, at)) {
      this.#numbers[last] = valueAt(this.#numbers, last) | (IS_FREED << KIND_BITS);
      return;
    }
    this.#add(FREED, task, at, attempt);
    if (!this.isOpen) this.drain();
  }

  /** Brings all to the recording. */
  drain(): void {
    const numbers = this.#numbers;
    const length = this.#length;
    if (length === 0) return;
    this.#length = 0;
    for (let from = 0; from < length; from += EVENT) {
      const kind = valueAt(numbers, from);
      const task = valueAt(numbers, from + 1);
      const at = valueAt(numbers, from + 2);
      const more = valueAt(numbers, from + 3);
      const small = kind >>> KIND_BITS;
      switch (kind & KIND_MASK) {
        case ADMITTED:
          this.#recording.addPending(task, more, small, at);
          break;
        case MOVED:
          this.#recording.advance(task, small & STATE_MASK, more, at, (small & IS_FREED) !== 0);
          break;
        case DELIVERED:
          this.#partials.add(placeOf(this.#recording.index.get(task)), at);
          break;
        default:
          this.#recording.freeSlot(task, more, at);
      }
    }
    this.look();
  }

  /** Whether the event at `index` is the end of that attempt, at the same time. */
  #isEndOf(index: number, task: number, attempt: number, at: number): boolean {
    const numbers = this.#numbers;
    const kind = valueAt(numbers, index);
    if ((kind & KIND_MASK) !== MOVED || kind >>> KIND_BITS < STATE.done) return false;
    return numbers[index + 1] === task && numbers[index + 2] === at && numbers[index + 3] === attempt;
  }

  #add(kind: number, task: number, at: number, more: number): void {
    if (this.#length === LENGTH) this.drain();
    const numbers = this.#numbers;
    const end = this.#length;
    numbers[end] = kind;
    numbers[end + 1] = task;
    numbers[end + 2] = at;
    numbers[end + 3] = more;
    this.#length = end + EVENT;
  }
}
