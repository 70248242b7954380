/**
 * The rows of a recording in typed-array columns: one row per attempt, at the place that the recorder gave it.
 *
 * Invariants: a place below `count` was told by an `added` frame; its columns are those of the last frame about it. A row that
 * has been followed by a further attempt of its task is marked as superseded. Times are those of the frames: tenths of a
 * millisecond plus 1, and 0 for what has not happened. No object is made per row.
 */
import { columnOf, type Frame, NO_LANE } from '../../../src/inspect/protocol/frames.js';
import { GrowingList } from './growing-list.js';

/** The numbers of states, in the order of STATES of the protocol. */
export const PENDING = 0;
export const READY = 1;
export const RUNNING = 2;
export const PARTIAL = 3;
export const DONE = 4;
export const FAILED = 5;
export const CANCELLED = 6;

/** Most partial results that are kept as ticks; the oldest half makes room. */
const MAX_PARTIALS = 1_000_000;

export class Rows {
  count = 0;
  /** The time of the newest frame. */
  now = 0;
  /** Rows whose place was given to another row, as far as this page has seen it, and the last time at which one of them ended. */
  replaced = 0;
  replacedUntil = 0;
  task = new Uint32Array(0);
  submitted = new Uint32Array(0);
  ready = new Uint32Array(0);
  start = new Uint32Array(0);
  end = new Uint32Array(0);
  /** When the slot came back, if that was later than the end. */
  freed = new Uint32Array(0);
  firstPartial = new Uint32Array(0);
  queue = new Uint16Array(0);
  fn = new Uint16Array(0);
  lane = new Uint16Array(0);
  attempt = new Uint8Array(0);
  state = new Uint8Array(0);
  /** 1 for a row that a further attempt has followed. */
  superseded = new Uint8Array(0);
  edgeStart = new Uint32Array(0);
  edgeCount = new Uint16Array(0);
  /** Task numbers of dependencies, row after row; `edgeStart` says where. */
  edges = new GrowingList();
  readonly partialPlaces = new GrowingList(MAX_PARTIALS);
  readonly partialTimes = new GrowingList(MAX_PARTIALS);
  readonly #latest = new Map<number, number>();
  #deadEdges = 0;

  /** The place of the newest row of a task; undefined for one that is not (any more) there. */
  placeOf(task: number): number | undefined {
    return this.#latest.get(task);
  }

  /** The places of all rows of a task, oldest attempt first: a row has no number of its attempt before that starts. */
  placesOf(task: number): number[] {
    const places: number[] = [];
    for (let place = 0; place < this.count; place += 1) if (this.task[place] === task) places.push(place);
    const [since, isOld] = [this.submitted, this.superseded];
    return places.sort((a, b) => (since[a] ?? 0) - (since[b] ?? 0) || (isOld[b] ?? 0) - (isOld[a] ?? 0));
  }

  /** The task numbers that the row depends on. */
  dependenciesOf(place: number): number[] {
    const from = this.edgeStart[place] ?? 0;
    return [...this.edges.values.subarray(from, from + (this.edgeCount[place] ?? 0))];
  }

  apply(frame: Frame): void {
    this.now = Math.max(this.now, frame.at);
    if (frame.kind === 'added') this.#add(frame);
    else if (frame.kind === 'moved') this.#move(frame);
    else if (frame.kind === 'partials') this.#deliver(frame);
    else this.#free(frame);
  }

  #add(frame: Frame): void {
    const [places, tasks, submitted] = [
      columnOf(frame, 'place'),
      columnOf(frame, 'task'),
      columnOf(frame, 'submitted'),
    ];
    const [queues, fns, edges] = [columnOf(frame, 'queue'), columnOf(frame, 'fn'), columnOf(frame, 'edges')];
    let tail = 0;
    for (let i = 0; i < frame.count; i += 1) {
      const place = places[i] ?? 0;
      const task = tasks[i] ?? 0;
      const since = submitted[i] ?? 0;
      if (place < this.count) this.#deadEdges += this.edgeCount[place] ?? 0;
      // The very same row is told again where it changed while the page was told of what is there.
      if (place >= this.count || this.task[place] !== task || this.submitted[place] !== since) {
        this.#makeRoom(place);
        this.#rank(place, task, since);
      }
      this.task[place] = task;
      this.submitted[place] = since;
      this.queue[place] = queues[i] ?? 0;
      this.fn[place] = fns[i] ?? 0;
      this.lane[place] = NO_LANE;
      const edgeCount = edges[i] ?? 0;
      this.edgeStart[place] = this.edges.count;
      this.edgeCount[place] = edgeCount;
      for (let edge = 0; edge < edgeCount; edge += 1) this.edges.push(frame.tail[tail + edge] ?? 0);
      tail += edgeCount;
    }
    if (this.#deadEdges > 65_536 && this.#deadEdges > this.edges.count / 2) this.#compactEdges();
  }

  #move(frame: Frame): void {
    const [places, ready, start] = [columnOf(frame, 'place'), columnOf(frame, 'ready'), columnOf(frame, 'start')];
    const [end, lane, attempt, state] = [
      columnOf(frame, 'end'),
      columnOf(frame, 'lane'),
      columnOf(frame, 'attempt'),
      columnOf(frame, 'state'),
    ];
    for (let i = 0; i < frame.count; i += 1) {
      const place = places[i] ?? 0;
      if (place >= this.count) continue;
      this.ready[place] = ready[i] ?? 0;
      this.start[place] = start[i] ?? 0;
      this.end[place] = end[i] ?? 0;
      this.lane[place] = lane[i] ?? NO_LANE;
      this.attempt[place] = attempt[i] ?? 0;
      this.state[place] = state[i] ?? 0;
    }
  }

  #deliver(frame: Frame): void {
    const [places, at] = [columnOf(frame, 'place'), columnOf(frame, 'at')];
    for (let i = 0; i < frame.count; i += 1) {
      const place = places[i] ?? 0;
      const time = at[i] ?? 0;
      if (place >= this.count) continue;
      if (this.firstPartial[place] === 0 && time >= (this.submitted[place] ?? 0)) this.firstPartial[place] = time;
      this.partialPlaces.push(place);
      this.partialTimes.push(time);
    }
  }

  #free(frame: Frame): void {
    const [places, at] = [columnOf(frame, 'place'), columnOf(frame, 'at')];
    for (let i = 0; i < frame.count; i += 1) {
      const place = places[i] ?? 0;
      if (place < this.count) this.freed[place] = at[i] ?? 0;
    }
  }

  /** Notes which row of the task is its newest. Rows are told by place: that of a later attempt may have come first. */
  #rank(place: number, task: number, since: number): void {
    const before = this.#latest.get(task);
    if (before !== undefined && (this.submitted[before] ?? 0) > since) {
      this.superseded[place] = 1;
      return;
    }
    if (before !== undefined) this.superseded[before] = 1;
    this.#latest.set(task, place);
  }

  /** Makes `place` an empty row, after the row that had it before if there was one. */
  #makeRoom(place: number): void {
    if (place < this.count) {
      const task = this.task[place] ?? 0;
      if (this.#latest.get(task) === place) this.#latest.delete(task);
      this.replaced += 1;
      this.replacedUntil = Math.max(this.replacedUntil, this.end[place] ?? 0);
    }
    if (place >= this.task.length) this.#grow(place + 1);
    this.count = Math.max(this.count, place + 1);
    for (const column of [this.ready, this.start, this.end, this.freed, this.firstPartial]) column[place] = 0;
    for (const column of [this.attempt, this.state, this.superseded]) column[place] = 0;
  }

  #grow(least: number): void {
    const length = Math.max(1024, 2 ** Math.ceil(Math.log2(least)));
    const u32 = (old: Uint32Array): Uint32Array<ArrayBuffer> => {
      const grown = new Uint32Array(length);
      grown.set(old);
      return grown;
    };
    const u16 = (old: Uint16Array): Uint16Array<ArrayBuffer> => {
      const grown = new Uint16Array(length);
      grown.set(old);
      return grown;
    };
    const u8 = (old: Uint8Array): Uint8Array<ArrayBuffer> => {
      const grown = new Uint8Array(length);
      grown.set(old);
      return grown;
    };
    this.task = u32(this.task);
    this.submitted = u32(this.submitted);
    this.ready = u32(this.ready);
    this.start = u32(this.start);
    this.end = u32(this.end);
    this.freed = u32(this.freed);
    this.firstPartial = u32(this.firstPartial);
    this.edgeStart = u32(this.edgeStart);
    this.queue = u16(this.queue);
    this.fn = u16(this.fn);
    this.lane = u16(this.lane);
    this.edgeCount = u16(this.edgeCount);
    this.attempt = u8(this.attempt);
    this.state = u8(this.state);
    this.superseded = u8(this.superseded);
  }

  /** Copies the edges of the rows that are there into a new list: those of replaced rows stay behind. */
  #compactEdges(): void {
    const kept = new GrowingList();
    for (let place = 0; place < this.count; place += 1) {
      const from = this.edgeStart[place] ?? 0;
      this.edgeStart[place] = kept.count;
      for (let edge = 0; edge < (this.edgeCount[place] ?? 0); edge += 1) kept.push(this.edges.values[from + edge] ?? 0);
    }
    this.edges = kept;
    this.#deadEdges = 0;
  }
}
