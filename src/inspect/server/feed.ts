/**
 * Tells all open pages what is new, tick by tick. While there is no page, it does nothing and the recorder notes no changes.
 *
 * Invariant: what is sent to several pages is made once.
 */
import type { Clock } from '../../core/ports.js';
import type { InspectorMessage, LeftTotals } from '../protocol/messages.js';
import type { Changes } from '../recorder/news.js';
import type { Engine } from '../../runtime/engine.js';
import { estimate } from '../../runtime/planning/estimate.js';
import type { Recorder } from '../recorder/recorder.js';
import type { PageClient, Tick } from './page-client.js';
import { FRAME_ROWS, type FrameBytes, framesOf } from './row-frames.js';

/** Between two ticks. */
const TICK_MS = 50;

/** Totals and details are sent with one tick of so many. */
const SLOW_TICKS = 4;

/** One tick of so many tells the time though nothing has happened. */
const CLOCK_TICKS = 20;

/** With more tasks left, an estimate would take long. */
const MOST_ESTIMATED = 2_000;

/** So many tasks of the longest way are named. */
const MOST_NAMES = 5;

/** The pages of one inspector. @internal */
export class Feed {
  readonly clients = new Set<PageClient>();
  readonly #recorder: Recorder;
  readonly #clock: Clock;
  #stopTimer: (() => void) | undefined = undefined;
  #ticks = 0;

  constructor(recorder: Recorder, clock: Clock) {
    this.#recorder = recorder;
    this.#clock = clock;
  }

  join(client: PageClient): void {
    this.clients.add(client);
    this.#recorder.recording.news.isRead = true;
    this.#stopTimer ??= this.#clock.after(TICK_MS, this.#tick);
  }

  leave(client: PageClient): void {
    this.clients.delete(client);
    if (this.clients.size > 0) return;
    this.#recorder.recording.news.isRead = false;
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  /** The page has said hello. */
  greet(client: PageClient): void {
    client.greet();
    this.#catchUp(client);
  }

  readonly #tick = (): void => {
    this.#stopTimer = this.#clock.after(TICK_MS, this.#tick);
    this.#ticks += 1;
    const isSlow = this.#ticks % SLOW_TICKS === 0;
    if (isSlow) {
      this.#recorder.look();
      // Time passes: at each slow tick for what runs, once a second for rates.
      const { running } = this.#recorder.engine.attempts;
      if (running > 0 || this.#ticks % CLOCK_TICKS === 0) this.#recorder.version += 1;
    }
    const changes = this.#recorder.recording.news.take();
    let frames: readonly FrameBytes[] | undefined;
    let totals: string | undefined;
    const tick: Tick = {
      changes,
      frames: () => (frames ??= this.#framesOf(changes)),
      slow: isSlow ? { version: this.#recorder.version, totals: () => (totals ??= this.#totals()) } : undefined,
    };
    for (const client of this.clients) client.tick(tick);
  };

  #framesOf({ places, news }: Changes): readonly FrameBytes[] {
    const frames: FrameBytes[] = [];
    const at = this.#recorder.now();
    for (let from = 0; from < places.length; from += FRAME_ROWS) {
      const to = from + FRAME_ROWS;
      frames.push(...framesOf(this.#recorder.recording, at, places.subarray(from, to), news.subarray(from, to)));
    }
    return frames;
  }

  #totals(): string {
    const { engine, recording } = this.#recorder;
    const { state, isRunning } = engine.cell;
    const message: InspectorMessage = {
      type: 'totals',
      at: this.#recorder.now(),
      scheduler: isRunning && state !== 'draining' ? `running.${state}` : state,
      queues: recording.books.queueUses(),
      functions: recording.books.functionUses(),
      ...leftOf(engine),
    };
    return JSON.stringify(message);
  }

  /** Sends the present state, a slice in each turn of the event loop. */
  #catchUp(client: PageClient): void {
    if (!this.clients.has(client) || !client.catchUp()) return;
    this.#clock.after(0, () => this.#catchUp(client));
  }
}

function leftOf(engine: Engine): { readonly left?: LeftTotals } {
  const { count } = engine.unsettled;
  if (count === 0 || count > MOST_ESTIMATED) return {};
  const { leftMs, unknown, criticalPath } = estimate(engine);
  if (leftMs === undefined) return {};
  return {
    left: { leastMs: leftMs.least, mostMs: leftMs.most, unknown, path: criticalPath.tasks.slice(0, MOST_NAMES) },
  };
}
