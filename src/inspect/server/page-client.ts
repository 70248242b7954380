/**
 * One open page: what it has been told, and how it catches up. It is sent the present state slice by slice, then what changes, tick by tick.
 * A page that does not read fast enough skips ticks: what it lacks is noted row by row, each once.
 *
 * Invariants: nothing is sent before its hello; at most `MOST_UNSENT_BYTES` and one slice wait to be sent; a row's `added` frame precedes its
 * others, and names and ids precede the frames that need them.
 */
import { encodeFrame } from '../protocol/frames.js';
import type { InspectorMessage } from '../protocol/messages.js';
import type { Changes } from '../recorder/news.js';
import type { Recorder } from '../recorder/recorder.js';
import { ADDED, FIELD, valueAt } from '../recorder/row-store.js';
import type { ActorWatch } from './actor-watch.js';
import { FRAME_ROWS, type FrameBytes, framesOf, newsOf } from './row-frames.js';

/** With more than this waiting to be sent, a page skips ticks. */
const MOST_UNSENT_BYTES = 1_048_576;

/** Partial results in one frame. */
const FRAME_PARTIALS = 16_384;

/** The changes of a tick, with the frames that all pages that are up to date are sent. @internal */
export interface Tick {
  readonly changes: Changes;
  readonly frames: () => readonly FrameBytes[];
  /** On a slow tick, which tells more than rows: the totals as text, and what the recorder had seen by then. */
  readonly slow: { readonly version: number; readonly totals: () => string } | undefined;
}

/** The way to a page: a WebSocket. @internal */
export interface PageSocket {
  /** Bytes that wait to be sent. */
  readonly bufferedAmount: number;
  send(data: string | FrameBytes): void;
  close(code: number, reason: string): void;
}

/** @internal */
export class PageClient {
  readonly #socket: PageSocket;
  readonly #recorder: Recorder;
  readonly #hello: () => InspectorMessage;
  #isGreeted = false;
  /** Rows before it have been told, others will be; undefined once all have been. */
  #next: number | undefined = 0;
  readonly #lacking = new Map<number, number>();
  #skippedTicks = 0;
  #partialsRead = 0;
  #partialsLost = 0;
  #toldQueues = 0;
  #toldFunctions = 0;
  #renewals = 0;
  #sampled = 0;
  #sampledAt = 0;
  #entered = 0;
  #failures = -1;
  #stallAt = 0;
  #missing = '';
  #totals = -1;
  #watched: ActorWatch | undefined = undefined;
  #details = '';

  constructor(socket: PageSocket, recorder: Recorder, hello: () => InspectorMessage) {
    this.#socket = socket;
    this.#recorder = recorder;
    this.#hello = hello;
  }

  get isGreeted(): boolean {
    return this.#isGreeted;
  }

  /** The page asks more than it reads. */
  get isChoked(): boolean {
    return this.#socket.bufferedAmount > 16 * MOST_UNSENT_BYTES;
  }

  /** The page has said hello: from now on it is told. */
  greet(): void {
    if (this.#isGreeted) return;
    this.#isGreeted = true;
    this.send(this.#hello());
    this.#names();
  }

  send(message: InspectorMessage): void {
    this.#text(JSON.stringify(message));
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  /** Tells the page what is new, as far as it reads. */
  tick(tick: Tick): void {
    if (!this.#isGreeted) return;
    const isSlow = this.#socket.bufferedAmount > MOST_UNSENT_BYTES;
    const isBehind = this.#next !== undefined || this.#lacking.size > 0;
    if (isSlow || isBehind) this.#note(tick.changes);
    if (isSlow) {
      this.#skippedTicks += 1;
      return;
    }
    this.#names();
    if (isBehind) this.#catchUp();
    else {
      this.#ids(tick.changes.places, tick.changes.news);
      for (const frame of tick.frames()) this.#frame(frame);
    }
    if (this.#next !== undefined) return;
    // After the rows that they belong to.
    if (this.#lacking.size === 0) this.#partials();
    if (tick.slow === undefined) return;
    if (tick.slow.version !== this.#totals) {
      this.#totals = tick.slow.version;
      this.#text(tick.slow.totals());
    }
    this.#rest();
    this.#tellDetails();
  }

  /** From now on the page is told of that actor, at once and whenever something has changed. */
  watch(watched: ActorWatch | undefined): void {
    this.#watched = watched;
    this.#details = '';
    this.#tellDetails();
  }

  #tellDetails(): void {
    const text = this.#watched?.asText();
    if (text === undefined || text === this.#details) return;
    this.#details = text;
    this.#text(text);
  }

  /** Sends the next slice of what the page lacks; called again while there is more and the page reads. */
  catchUp(): boolean {
    if (!this.#isGreeted || (this.#next === undefined && this.#lacking.size === 0)) return false;
    if (this.#socket.bufferedAmount > MOST_UNSENT_BYTES) return false;
    this.#names();
    this.#catchUp();
    return this.#next !== undefined || this.#lacking.size > 0;
  }

  #catchUp(): void {
    const { recording } = this.#recorder;
    const places: number[] = [];
    const news: number[] = [];
    if (this.#next !== undefined) {
      const end = Math.min(recording.rows.count, this.#next + FRAME_ROWS);
      for (let place = this.#next; place < end; place += 1) {
        places.push(place);
        news.push(newsOf(recording, place));
      }
      this.#next = end === recording.rows.count ? undefined : end;
    } else {
      for (const [place, bits] of this.#lacking) {
        places.push(place);
        news.push(bits);
        if (places.length === FRAME_ROWS) break;
      }
      for (const place of places) this.#lacking.delete(place);
    }
    this.#ids(places, news);
    for (const frame of framesOf(recording, this.#recorder.now(), places, news)) this.#frame(frame);
  }

  /** What the page is not told now, of rows that it knows of. */
  #note({ places, news }: Changes): void {
    for (const [index, place] of places.entries()) {
      if (this.#next !== undefined && place >= this.#next) continue;
      this.#lacking.set(place, (this.#lacking.get(place) ?? 0) | (news[index] ?? 0));
    }
  }

  #names(): void {
    const { books } = this.#recorder.recording;
    const isRenewed = this.#renewals !== books.renewals;
    const isKnown = this.#toldQueues === books.queues.length && this.#toldFunctions === books.functions.length;
    if (isKnown && !isRenewed) return;
    const queues = books.queueNames(isRenewed ? 0 : this.#toldQueues);
    const functions = books.functions.slice(this.#toldFunctions);
    this.#renewals = books.renewals;
    this.#toldQueues = books.queues.length;
    this.#toldFunctions = books.functions.length;
    this.send({ type: 'names', queues, functions });
  }

  #ids(places: ArrayLike<number>, news: ArrayLike<number>): void {
    const { ids, rows } = this.#recorder.recording;
    if (ids.size === 0) return;
    const told: [number, string][] = [];
    for (let index = 0; index < places.length; index += 1) {
      if ((valueAt(news, index) & ADDED) === 0) continue;
      const place = valueAt(places, index);
      const task = rows.get(place, FIELD.task);
      const id = ids.get(task);
      if (id !== undefined) told.push([task, id]);
    }
    if (told.length > 0) this.send({ type: 'ids', ids: told });
  }

  #partials(): void {
    const { partials } = this.#recorder;
    while (this.#partialsRead < partials.count) {
      const { place, at, lost, next } = partials.read(this.#partialsRead, FRAME_PARTIALS);
      this.#partialsRead = next;
      this.#partialsLost += lost;
      this.#frame(encodeFrame('partials', this.#recorder.now(), place.length, { place, at }));
    }
  }

  /** Samples, periods, failures, the stall, and what is missing: each if there is something new. */
  #rest(): void {
    const { history, failures, stall, recording } = this.#recorder;
    const isFirst = this.#failures < 0;
    if (history.sampled > this.#sampled || isFirst) {
      // By their times: older ones are thinned out meanwhile.
      const samples = history.samples.filter(({ at }) => at > this.#sampledAt);
      this.#sampled = history.sampled;
      this.#sampledAt = samples.at(-1)?.at ?? this.#sampledAt;
      this.send({ type: 'samples', samples });
    }
    if (history.entered > this.#entered || isFirst) {
      const periods = history.periods.slice(-Math.max(1, history.entered - this.#entered));
      this.#entered = history.entered;
      this.send({ type: 'periods', periods });
    }
    if (failures.version !== this.#failures) {
      this.#failures = failures.version;
      this.send({ type: 'failures', groups: failures.all, otherCauses: failures.otherCauses });
    }
    if (stall.at !== this.#stallAt) {
      this.#stallAt = stall.at;
      this.send({ type: 'stall', ...stall });
    }
    const missing = JSON.stringify({
      type: 'missing',
      rows: recording.rows.dropped + recording.rowless,
      partials: this.#partialsLost,
      ticks: this.#skippedTicks,
    });
    if (missing === this.#missing) return;
    this.#missing = missing;
    this.#text(missing);
  }

  #text(text: string): void {
    this.#socket.send(text);
  }

  #frame(frame: FrameBytes): void {
    this.#socket.send(frame);
  }
}
