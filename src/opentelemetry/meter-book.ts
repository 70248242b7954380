/**
 * The metrics of one meter, of all schedulers that are instrumented with it. What is read at collection is summed up over them: one series has
 * one value at a time.
 *
 * Invariants: a total never goes back: that of a scheduler that has left stays in the sum. A current value whose subject is gone is told once
 * more, as zero: the SDK repeats the last value of a series for ever.
 */
import type { Attributes, BatchObservableResult, Counter, Histogram, Meter, Observable } from '@opentelemetry/api';
import { BOUNDARIES_S, CURRENT, RECORDED, TOTAL } from './names.js';

type Current = keyof typeof CURRENT;
type Total = keyof typeof TOTAL;

/** Tells what there is. @internal */
export interface MeterSource {
  current(tell: (metric: Current, value: number, attributes: Attributes) => void): void;
  totals(tell: (metric: Total, value: number, attributes: Attributes) => void): void;
}

/** The values of one metric, by their attributes. */
class Sums {
  readonly #values = new Map<string, { readonly attributes: Attributes; value: number }>();

  /** The values of the other, or zeros in their place. */
  static from(other: Sums, factor: 0 | 1): Sums {
    const sums = new Sums();
    for (const { attributes, value } of other.values()) sums.add(attributes, value * factor);
    return sums;
  }

  add(attributes: Attributes, value: number): void {
    // The attributes of one metric are made in one place, so in one order.
    const key = JSON.stringify(attributes);
    const known = this.#values.get(key);
    if (known === undefined) this.#values.set(key, { attributes, value });
    else known.value += value;
  }

  values(): Iterable<{ readonly attributes: Attributes; readonly value: number }> {
    return this.#values.values();
  }
}

const books = new WeakMap<Meter, MeterBook>();

/** See above. @internal */
export class MeterBook {
  readonly settled: Counter;
  readonly waited: Histogram;
  readonly ran: Histogram;
  readonly #sources = new Set<MeterSource>();
  readonly #left = new Map<Total, Sums>();
  /** The current values told last. */
  #told = new Map<Current, Sums>();

  /** The one of the meter, whose instruments are made with the first. @throws what the meter throws. */
  static of(meter: Meter): MeterBook {
    const known = books.get(meter);
    if (known !== undefined) return known;
    const book = new MeterBook(meter);
    books.set(meter, book);
    return book;
  }

  private constructor(meter: Meter) {
    const advice = { explicitBucketBoundaries: BOUNDARIES_S };
    const { settled, waited, ran } = RECORDED;
    this.settled = meter.createCounter(settled.name, settled);
    this.waited = meter.createHistogram(waited.name, { ...waited, advice });
    this.ran = meter.createHistogram(ran.name, { ...ran, advice });
    const observed = new Map<Current | Total, Observable>();
    const currents: readonly Current[] = ['tasks', 'slots', 'slotLimit', 'resource', 'resourceLimit'];
    for (const key of currents) {
      observed.set(key, meter.createObservableUpDownCounter(CURRENT[key].name, CURRENT[key]));
    }
    const totals: readonly Total[] = ['visits', 'storeErrors', 'ignored', 'instrumentErrors'];
    for (const key of totals) observed.set(key, meter.createObservableCounter(TOTAL[key].name, TOTAL[key]));
    meter.addBatchObservableCallback((result) => this.#observe(result, observed), [...observed.values()]);
  }

  add(source: MeterSource): void {
    this.#sources.add(source);
  }

  /** The source tells of itself for the last time. */
  remove(source: MeterSource): void {
    if (!this.#sources.delete(source)) return;
    source.totals((metric, value, attributes) => addTo(this.#left, metric, value, attributes));
  }

  #observe(result: BatchObservableResult, observed: ReadonlyMap<Current | Total, Observable>): void {
    const sums = new Map<Current | Total, Sums>();
    for (const [metric, left] of this.#left) sums.set(metric, Sums.from(left, 1));
    for (const [metric, told] of this.#told) sums.set(metric, Sums.from(told, 0));
    const told = new Map<Current, Sums>();
    for (const source of this.#sources) {
      source.current((metric, value, attributes) => {
        addTo(told, metric, value, attributes);
        addTo<Current | Total>(sums, metric, value, attributes);
      });
      source.totals((metric, value, attributes) => addTo<Current | Total>(sums, metric, value, attributes));
    }
    this.#told = told;
    for (const [metric, sum] of sums) {
      const observable = observed.get(metric);
      if (observable === undefined) continue;
      for (const { attributes, value } of sum.values()) result.observe(observable, value, attributes);
    }
  }
}

function addTo<K>(sums: Map<K, Sums>, metric: K, value: number, attributes: Attributes): void {
  let sum = sums.get(metric);
  if (sum === undefined) sums.set(metric, (sum = new Sums()));
  sum.add(attributes, value);
}
