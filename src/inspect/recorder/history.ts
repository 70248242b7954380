/**
 * What a recording keeps over time beside its rows: the use of slots and resources, the states of the scheduler, and partial results.
 *
 * Bounds: samples are thinned out, so that they reach back to the beginning; of periods and partial results the latest are kept.
 */
import type { SchedulerState } from '../../runtime/events/event-hub.js';
import type { Sample } from '../protocol/messages.js';
import { grown } from './row-store.js';

const MOST_SAMPLES = 2_000;
const MOST_PERIODS = 1_000;
const FIRST_INTERVAL = 1_000;

/** How many partial results are kept; a power of two. @internal */
export const KEPT_PARTIALS = 65_536;

/** A sample, and how many tasks of each queue waited. @internal */
export interface KeptSample extends Sample {
  readonly waiting: readonly number[];
}

/** One state of the scheduler, until the next. @internal */
export interface Period {
  readonly at: number;
  readonly state: string;
}

/** @internal */
export class History {
  samples: KeptSample[] = [];
  periods: Period[] = [];
  /** How many samples and periods there have been: a reader compares. */
  sampled = 0;
  entered = 0;
  /** Time between two samples, in tenths of a millisecond. */
  #interval = FIRST_INTERVAL;
  #due = 0;

  /** Takes a sample if one is due. */
  sample(at: number, take: (at: number) => KeptSample): void {
    if (at >= this.#due) this.takeSample(take(at));
  }

  takeSample(sample: KeptSample): void {
    this.#due = sample.at + this.#interval;
    this.sampled += 1;
    this.samples.push(sample);
    if (this.samples.length < MOST_SAMPLES) return;
    this.samples = this.samples.filter((_, index) => index % 2 === 0);
    this.#interval *= 2;
  }

  enter(state: SchedulerState, at: number): void {
    const name = state === 'idle' || state === 'busy' ? 'running' : state;
    if (this.periods.at(-1)?.state === name) return;
    this.entered += 1;
    this.periods.push({ at, state: name });
    if (this.periods.length > MOST_PERIODS) this.periods.shift();
  }
}

/** The latest partial results: a ring. @internal */
export class PartialLog {
  /** How many there have been. */
  count = 0;
  #places = new Uint32Array(256);
  #times = new Uint32Array(256);

  /** Without a place, -1, there is nothing to note. */
  add(place: number, at: number): void {
    if (place < 0) return;
    if (this.count >= this.#places.length && this.#places.length < KEPT_PARTIALS) this.#grow();
    const index = this.count & (this.#places.length - 1);
    this.#places[index] = place;
    this.#times[index] = at;
    this.count += 1;
  }

  /** Those from number `from` on that are kept, at most `most`, oldest first; and how many before them are not. */
  read(
    from: number,
    most: number,
  ): { readonly place: Uint32Array; readonly at: Uint32Array; readonly lost: number; readonly next: number } {
    const first = Math.max(from, this.count - this.#places.length);
    const length = Math.min(most, this.count - first);
    const mask = this.#places.length - 1;
    const place = new Uint32Array(length);
    const at = new Uint32Array(length);
    for (let index = 0; index < length; index += 1) {
      place[index] = this.#places[(first + index) & mask] ?? 0;
      at[index] = this.#times[(first + index) & mask] ?? 0;
    }
    return { place, at, lost: first - from, next: first + length };
  }

  #grow(): void {
    const length = 2 * this.#places.length;
    this.#places = grown(this.#places, new Uint32Array(length));
    this.#times = grown(this.#times, new Uint32Array(length));
  }
}
