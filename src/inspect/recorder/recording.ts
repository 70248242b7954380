/**
 * The rows of a recording and what belongs to them: each task's latest row, its edges, its id, the lanes, and the totals. Told what happens,
 * it writes it down; it knows nothing of how that is learnt.
 *
 * Invariants: the totals are exact, also for tasks without a row; a task counts to one state at a time. A row ends once, and its lane is
 * freed once, when the attempt's slot has come back.
 */
import { elementAt } from '../../core/element-at.js';
import type { TaskRecord } from '../../runtime/tasks/task-record.js';
import { NO_LANE, STATE } from '../protocol/frames.js';
import { Books, type Use } from './books.js';
import { EdgePool } from './edge-pool.js';
import { News } from './news.js';
import { ADDED, BYTE, FIELD, FREED, HALF, MOVED, RowStore } from './row-store.js';
import {
  entryOfRow,
  isRowless,
  placeOf,
  rowlessEntry,
  stateOfEntry,
  type TaskEntry,
  TaskIndex,
  useOfEntry,
} from './task-index.js';

const READY = STATE.ready;
const RUNNING = STATE.running;
const DONE = STATE.done;
const MOST_BYTE = 0xff;
const NO_TASKS = new Uint32Array(0);

/** What is recorded of the tasks of one scheduler. @internal */
export class Recording {
  readonly rows: RowStore;
  readonly index = new TaskIndex();
  readonly edges: EdgePool;
  readonly books = new Books();
  /** What readers of changes have not been told. */
  readonly news: News;
  /** The ids that users have given, by task number. */
  readonly ids = new Map<number, string>();
  /** Tasks that have no row, as none could make room. */
  rowless = 0;
  /** The first row of tasks that have dependencies and several rows: there their edges are. */
  readonly #firstPlaces = new Map<number, number>();
  /** Rows whose attempt was given up and has not ended, by task number. */
  readonly #dropped = new Map<number, { readonly place: number; readonly attempt: number }[]>();

  constructor(maxRows: number) {
    this.rows = new RowStore(maxRows, (place) => this.#leaves(place));
    this.edges = new EdgePool(this.rows);
    this.news = new News(this.rows);
  }

  /** A task of that use is there, in the state `state` since `at`; it has its first row, or none. */
  add(task: TaskRecord, use: Use, state: number, at: number): TaskEntry {
    count(use, state, 1);
    const place = this.#newRow(task.seq, use.index, at);
    if (place < 0) return this.#withoutRow(task.seq, use.index, state);
    this.#describe(task, place);
    this.rows.setByte(place, BYTE.state, state);
    if (state >= READY && state < DONE) this.rows.set(place, FIELD.ready, at);
    if (state >= RUNNING && state < DONE) this.#start(place, task.attempt, at);
    if (state !== STATE.pending) this.news.add(place, MOVED);
    return entryOfRow(place);
  }

  /** A task is there, pending, with the first `edges` edges that are not any row's yet. There must be room for its row. */
  addPending(task: number, use: number, edges: number, at: number): void {
    count(elementAt(this.books.uses, use), STATE.pending, 1);
    const place = this.#newRow(task, use, at);
    if (edges > 0) this.edges.give(place, edges);
  }

  /** Notes an attempt that has ended, or was given up, and whose slot is not back. Its task may have settled. */
  addEnded(task: TaskRecord, use: Use, attempt: number, at: number): void {
    const entry = this.index.get(task.seq);
    const place = this.#newRow(task.seq, use.index, at);
    if (place < 0) return;
    this.rows.set(place, FIELD.ready, at);
    this.#start(place, attempt, at);
    this.rows.setByte(place, BYTE.state, task.isSettled ? STATE[task.state] : STATE.cancelled);
    this.rows.set(place, FIELD.end, at);
    if (task.isSettled) return;
    this.index.set(task.seq, entry);
    this.#addDropped(task.seq, place, attempt);
  }

  /** The task, whose entry is given, has gone to `state`. */
  move(task: TaskRecord, entry: TaskEntry, state: number, at: number): void {
    const place = isRowless(entry) ? this.#rowForRowless(task, entry, state, at) : placeOf(entry);
    if (place < 0) this.#moveRowless(task.seq, entry, state);
    else if (state < RUNNING && this.rows.get(place, FIELD.start) !== 0) this.#goesOn(task, place, state, at);
    else this.#advanceRow(place, state, task.attempt, at);
  }

  /** The task, which has a row or is not known, has gone forward to `state`; perhaps its slot has come back with that. */
  advance(task: number, state: number, attempt: number, at: number, isFreed: boolean): void {
    const place = placeOf(this.index.get(task));
    if (place < 0) return;
    this.#advanceRow(place, state, attempt, at);
    if (isFreed) this.#freeLane(place, at);
  }

  /** The slot of that attempt has come back. */
  freeSlot(task: number, attempt: number, at: number): void {
    const dropped = this.#dropped.get(task);
    const position = dropped?.findIndex((row) => row.attempt === attempt) ?? -1;
    if (dropped === undefined || position < 0) {
      const place = placeOf(this.index.get(task));
      if (place >= 0) this.#freeLane(place, at);
      return;
    }
    const [row] = dropped.splice(position, 1);
    if (dropped.length === 0) this.#dropped.delete(task);
    if (row !== undefined) this.#freeLane(row.place, at);
  }

  /** The function of the attempt under way has given its slot to others, or has it again. */
  setYielding(task: number, isSo: boolean): void {
    const place = placeOf(this.index.get(task));
    if (place >= 0) this.rows.setByte(place, BYTE.yielding, isSo ? 1 : 0);
  }

  /** The use of a row. */
  useAt(place: number): Use {
    return elementAt(this.books.uses, this.rows.half(place, HALF.use));
  }

  /** The numbers of the tasks that a task depends on, as far as it is known. */
  dependenciesOf(task: number): Uint32Array {
    const place = this.#firstPlaces.get(task) ?? placeOf(this.index.get(task));
    return place < 0 ? NO_TASKS : this.edges.of(place);
  }

  /** The id that a task shows. */
  idOf(task: number): string {
    return this.ids.get(task) ?? `#${task}`;
  }

  /** A row that is pending, the task's latest; -1 when there is no place. */
  #newRow(task: number, use: number, at: number): number {
    const place = this.rows.allocate();
    if (place < 0) return place;
    this.rows.set(place, FIELD.task, task);
    this.rows.setHalf(place, HALF.use, use);
    this.rows.set(place, FIELD.submitted, at);
    this.rows.setByte(place, BYTE.state, STATE.pending);
    this.index.set(task, entryOfRow(place));
    this.news.add(place, ADDED);
    return place;
  }

  /** Notes what a task's first row has beside its columns. */
  #describe({ seq, extras, dependencies, failures }: TaskRecord, place: number): void {
    if (extras?.id !== undefined) this.ids.set(seq, extras.id);
    if (dependencies.length > 0) this.edges.give(place, this.edges.append(dependencies));
    if (failures > 0) this.rows.setByte(place, BYTE.failures, Math.min(MOST_BYTE, failures));
  }

  #withoutRow(task: number, use: number, state: number): TaskEntry {
    this.rowless += 1;
    const entry = rowlessEntry(use, state);
    this.index.set(task, entry);
    return entry;
  }

  /** The row begins to run, on the lowest free lane. */
  #start(place: number, attempt: number, at: number): void {
    this.rows.set(place, FIELD.start, at);
    this.rows.setByte(place, BYTE.attempt, Math.min(MOST_BYTE, attempt));
    this.rows.setHalf(place, HALF.lane, this.useAt(place).book.lanes.take());
    this.news.add(place, MOVED);
  }

  #advanceRow(place: number, state: number, attempt: number, at: number): void {
    const use = this.useAt(place);
    recount(use, this.rows.byte(place, BYTE.state), state);
    this.rows.setByte(place, BYTE.state, state);
    if (state === STATE.ready) this.rows.set(place, FIELD.ready, at);
    else if (state === RUNNING) this.#start(place, attempt, at);
    else if (state >= DONE) this.#endRow(place, use, at);
    this.news.add(place, MOVED);
  }

  /** The attempt is over and its task is not: the row ends, and the task gets another one. */
  #goesOn(task: TaskRecord, place: number, state: number, at: number): void {
    const { seq, failures } = task;
    const use = this.useAt(place);
    recount(use, this.rows.byte(place, BYTE.state), state);
    const hasFailed = failures > this.rows.byte(place, BYTE.failures);
    const ended = task.following !== undefined ? DONE : hasFailed ? STATE.failed : STATE.cancelled;
    this.rows.setByte(place, BYTE.state, ended);
    if (this.rows.get(place, FIELD.freed) === 0 && this.rows.byte(place, BYTE.yielding) === 0)
      this.#addDropped(seq, place, this.rows.byte(place, BYTE.attempt));
    this.#endRow(place, use, at);
    this.news.add(place, MOVED);
    if (this.rows.half(place, HALF.edges) !== 0) this.#firstPlaces.set(seq, place);
    const next = this.#newRow(seq, use.index, at);
    if (next < 0) {
      this.#withoutRow(seq, use.index, state);
      return;
    }
    this.rows.setByte(next, BYTE.state, state);
    this.rows.setByte(next, BYTE.failures, Math.min(MOST_BYTE, failures));
    if (state === STATE.ready) this.rows.set(next, FIELD.ready, at);
    this.news.add(next, MOVED);
  }

  #endRow(place: number, use: Use, at: number): void {
    const start = this.rows.get(place, FIELD.start);
    this.rows.set(place, FIELD.end, at);
    if (start === 0) {
      this.rows.retire(place);
      return;
    }
    const waited = start - (this.rows.get(place, FIELD.ready) || start);
    use.ranFor(at - start, waited);
    if (this.rows.get(place, FIELD.freed) !== 0) this.rows.retire(place);
    else if (this.rows.byte(place, BYTE.yielding) === 1) this.#freeLane(place, at);
  }

  #freeLane(place: number, at: number): void {
    const lane = this.rows.half(place, HALF.lane);
    if (this.rows.get(place, FIELD.freed) !== 0 || lane === NO_LANE) return;
    this.useAt(place).book.lanes.free(lane);
    this.rows.set(place, FIELD.freed, at);
    const end = this.rows.get(place, FIELD.end);
    if (end === 0) return;
    if (end !== at) this.news.add(place, FREED);
    this.rows.retire(place);
  }

  #addDropped(task: number, place: number, attempt: number): void {
    const rows = this.#dropped.get(task);
    if (rows === undefined) this.#dropped.set(task, [{ place, attempt }]);
    else rows.push({ place, attempt });
  }

  /** A task beyond the bound moves: it gets a row if one has made room. */
  #rowForRowless(task: TaskRecord, entry: TaskEntry, state: number, at: number): number {
    if (state >= DONE) return -1;
    const place = this.#newRow(task.seq, useOfEntry(entry), at);
    if (place < 0) return -1;
    this.rowless -= 1;
    this.#describe(task, place);
    const before = stateOfEntry(entry);
    this.rows.setByte(place, BYTE.state, before);
    if (before >= READY) this.rows.set(place, FIELD.ready, at);
    if (before >= RUNNING) this.#start(place, task.attempt, at);
    return place;
  }

  #moveRowless(task: number, entry: TaskEntry, state: number): void {
    const use = elementAt(this.books.uses, useOfEntry(entry));
    recount(use, stateOfEntry(entry), state);
    this.index.set(task, state >= DONE ? 0 : rowlessEntry(use.index, state));
    if (state >= DONE) this.ids.delete(task);
  }

  /** The row makes room for another. */
  #leaves(place: number): void {
    const task = this.rows.get(place, FIELD.task);
    this.edges.drop(place);
    if (this.#firstPlaces.get(task) === place) this.#firstPlaces.delete(task);
    if (placeOf(this.index.get(task)) !== place) return;
    this.index.set(task, 0);
    this.ids.delete(task);
  }
}

function count({ counts }: Use, state: number, by: number): void {
  counts[state] = (counts[state] ?? 0) + by;
}

function recount(use: Use, before: number, state: number): void {
  count(use, before, -1);
  count(use, state, 1);
}
