/**
 * Where a feed's items come from: an iterable, sync or async, or a function that is asked for more; and what is added as
 * results come in. Reads one item at a time and only when asked to, so that nothing is kept here but the iterators.
 *
 * Invariants: one question at a time; what was added last is read first, and all of that before the function is asked again; an
 * iterable that has thrown or ended is not read again, one that is left before its end is closed by its `return`.
 */
import { describe, SchedulerError, shown } from '../../core/failures.js';
import { isThenable } from '../../core/thenable.js';

/**
 * What a source that is a function is told.
 *
 * @public
 */
export interface FeedAsk {
  /** How many items would be taken now; at least 1. More may be given: they are read when there is room for them. */
  readonly room: number;
  /** How many items have been taken and their results not yet handed over. When it is 0, giving none ends the feed. */
  readonly underWay: number;
}

/**
 * Items, to be read one by one.
 *
 * @public
 */
export type Items<I> = Iterable<I> | AsyncIterable<I>;

/**
 * What a source that is a function gives: the next items, or nothing for now.
 *
 * @public
 */
export type Supply<I> = Items<I> | null | undefined;

/**
 * Where a feed takes its items from. A function is asked whenever there is room and all that it gave has been taken; while items
 * are under way it may give none, and is asked again after each result.
 *
 * @public
 */
export type FeedSource<I> = Items<I> | ((ask: FeedAsk) => Supply<I> | PromiseLike<Supply<I>>);

/** The answer to one question. `nothing`: none at present, and none for good unless something is added or a function is asked again. @internal */
export type Pulled<I> = { readonly kind: 'item'; readonly item: I } | { readonly kind: 'nothing' };

interface Reading<I> {
  readonly iterator: Iterator<I> | AsyncIterator<I>;
  /** Given by the function, and has yielded nothing yet. */
  isFresh: boolean;
  /** It has been asked for its next item and has not answered. */
  isAsked: boolean;
}

/** Who is told what becomes of the iterators that are left. @internal */
export interface Leaving {
  /** One of them has thrown, now or later. */
  failed(error: unknown): void;
  /** The last of them has answered, later. */
  left(): void;
}

const NOTHING = { kind: 'nothing' } as const;
const AGAIN = { kind: 'again' } as const;

type Step<I> = Pulled<I> | typeof AGAIN;

/** Reads a source. Memory O(iterables added and not at their end). @internal */
export class ItemSource<I> {
  readonly #more: ((ask: FeedAsk) => Supply<I> | PromiseLike<Supply<I>>) | undefined;
  /** The one that is read stands last. */
  readonly #readings: Reading<I>[] = [];
  #isReading = false;
  /** Set when it is closed. */
  #leaving: Leaving | undefined = undefined;
  /** How many iterators have been left and not answered. */
  #unanswered = 0;

  /** @throws SchedulerError `InvalidArgument` for what cannot be read. */
  constructor(source: FeedSource<I>) {
    this.#more = typeof source === 'function' ? source : undefined;
    if (typeof source !== 'function') this.add(source);
  }

  /** Whether nothing is left to be read, unless a function gives more. */
  get isEmpty(): boolean {
    return this.#readings.length === 0;
  }

  /** Whether an iterator is still cleaning up that was left while it had nothing to answer. */
  get isLeaving(): boolean {
    return this.#unanswered > 0;
  }

  /** To be read before anything else. @throws SchedulerError `InvalidArgument` for what cannot be read. */
  add(items: Items<I>): void {
    this.#readings.push({ iterator: iteratorOf(items), isFresh: false, isAsked: false });
  }

  /** The next item, or a promise of the answer where the source has to be waited for. Throws what the source throws. */
  pull(ask: FeedAsk): Pulled<I> | Promise<Pulled<I>> {
    for (;;) {
      const step = this.#step(ask);
      if ('then' in step) return this.#goOn(step, ask);
      if (step.kind !== 'again') return step;
    }
  }

  /** Leaves everything that has not come to its end, by `return`. */
  close(leaving: Leaving): void {
    this.#leaving = leaving;
    // Whoever closes from within an iterator cannot be left there: it is left when it has yielded.
    if (!this.#isReading) this.#leave(leaving);
  }

  #leave(leaving: Leaving): void {
    for (const { iterator, isAsked } of this.#readings.splice(0).reverse()) {
      try {
        const returned = iterator.return?.();
        // An async generator that waits for what may never come hears of its end only then.
        if (isThenable(returned)) void this.#awaitLeft(returned, leaving, !isAsked);
      } catch (error) {
        leaving.failed(error);
      }
    }
  }

  async #awaitLeft(returned: PromiseLike<unknown>, leaving: Leaving, isWaitedFor: boolean): Promise<void> {
    if (isWaitedFor) this.#unanswered += 1;
    try {
      await returned;
    } catch (error) {
      leaving.failed(error);
    }
    if (!isWaitedFor) return;
    this.#unanswered -= 1;
    if (this.#unanswered === 0) leaving.left();
  }

  async #goOn(first: Promise<Step<I>>, ask: FeedAsk): Promise<Pulled<I>> {
    let step = await first;
    while (step.kind === 'again') step = await this.#step(ask);
    return step;
  }

  #step(ask: FeedAsk): Step<I> | Promise<Step<I>> {
    const reading = this.#readings.at(-1);
    if (this.#leaving !== undefined) return NOTHING;
    return reading === undefined ? this.#ask(ask) : this.#read(reading);
  }

  #ask(ask: FeedAsk): Step<I> | Promise<Step<I>> {
    const supply = this.#more?.(ask);
    return isThenable(supply) ? Promise.resolve(supply).then((given) => this.#open(given)) : this.#open(supply);
  }

  #open(supply: Supply<I>): Step<I> {
    if (supply === undefined || supply === null || this.#leaving !== undefined) return NOTHING;
    // Almost certainly meant as one item, and would be read letter by letter.
    if (typeof supply === 'string') {
      const what = 'a source that is a function gives an iterable of items, got the string';
      throw new SchedulerError('InvalidArgument', `${what} ${describe(supply)}: give [item] for a single one`);
    }
    this.#readings.push({ iterator: iteratorOf(supply), isFresh: true, isAsked: false });
    return AGAIN;
  }

  #read(reading: Reading<I>): Step<I> | Promise<Step<I>> {
    this.#isReading = true;
    try {
      const result = reading.iterator.next();
      return isThenable(result) ? this.#takeLater(reading, result) : this.#take(reading, result);
    } catch (error) {
      this.#drop(reading);
      throw error;
    } finally {
      this.#isReading = false;
      if (this.#leaving !== undefined) this.#leave(this.#leaving);
    }
  }

  async #takeLater(reading: Reading<I>, later: PromiseLike<IteratorResult<I>>): Promise<Step<I>> {
    reading.isAsked = true;
    try {
      const result = await later;
      reading.isAsked = false;
      return this.#take(reading, result);
    } catch (error) {
      this.#drop(reading);
      throw error;
    }
  }

  /** Throws what looking at the result throws. */
  #take(reading: Reading<I>, result: IteratorResult<I>): Step<I> {
    // Anything else has no `done` and would be read for ever.
    if ((typeof result !== 'object' && typeof result !== 'function') || result === null) {
      throw new SchedulerError('InvalidArgument', `next of an iterator gives an object, got ${shown(result)}`);
    }
    if (result.done === true) {
      this.#drop(reading);
      return reading.isFresh ? NOTHING : AGAIN;
    }
    reading.isFresh = false;
    return { kind: 'item', item: result.value };
  }

  #drop(reading: Reading<I>): void {
    const place = this.#readings.lastIndexOf(reading);
    if (place >= 0) this.#readings.splice(place, 1);
  }
}

function iteratorOf<I>(items: Items<I>): Iterator<I> | AsyncIterator<I> {
  if (typeof items === 'object' && items !== null && Symbol.asyncIterator in items)
    return items[Symbol.asyncIterator]();
  if (typeof items === 'string' || (typeof items === 'object' && items !== null && Symbol.iterator in items)) {
    return items[Symbol.iterator]();
  }
  throw new SchedulerError('InvalidArgument', `items come from an iterable or an async iterable, got ${shown(items)}`);
}
