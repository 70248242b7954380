/**
 * The items of a feed: an iterable, sync or async, or a function that is called for more, and the iterables added while the
 * feed runs.
 *
 * It must never read ahead: it reads one item each time it is asked, and keeps nothing but the iterators.
 *
 * Invariants: one question at a time; the iterable added last is read first, and all of them before the function is called again; an
 * iterable that has thrown or ended is not read again; one that is left before its end is closed by its `return`.
 */
import { describe, SchedulerError, shown } from '../../core/failures.js';
import { refusal } from '../../core/refusal.js';
import { isThenable } from '../../core/user-value.js';
import { StreamHandle } from '../tasks/handle.js';

/**
 * The argument of a source function.
 *
 * @public
 */
export interface FeedAsk {
  /** How many items would be taken now; at least 1. The function may return more: they are read when there is room for them. */
  readonly room: number;
  /** How many items have been taken and their results not yet handed over. If it is 0, returning none ends the feed. */
  readonly underWay: number;
}

/**
 * Items, to be read one by one.
 *
 * @public
 */
export type Items<I> = Iterable<I> | AsyncIterable<I>;

/**
 * The return value of a source function: the next items, or nothing for now.
 *
 * @public
 */
export type Supply<I> = Items<I> | null | undefined;

/**
 * The source of a feed's items. A function is called whenever there is room and everything it returned before has been taken. While
 * items are under way it may return none, and is called again after each result.
 *
 * @public
 */
export type FeedSource<I> = Items<I> | ((ask: FeedAsk) => Supply<I> | PromiseLike<Supply<I>>);

/** The answer to one question. `nothing`: no item until an iterable is added or the function is called again. @internal */
export type Pulled<I> = { readonly kind: 'item'; readonly item: I } | { readonly kind: 'nothing' };

interface Reading<I> {
  readonly iterator: Iterator<I> | AsyncIterator<I>;
  /** Whether the function returned it and it has yielded nothing yet. */
  isFresh: boolean;
  /** Whether it has been asked for its next item and has not answered. */
  isAsked: boolean;
}

/** Receives what iterators report after they were left. @internal */
export interface Leaving {
  /** One of them has thrown, now or later. */
  failed(error: unknown): void;
  /** The last of those that were waited for has finished its cleanup. */
  left(): void;
}

const NOTHING = { kind: 'nothing' } as const;
const AGAIN = { kind: 'again' } as const;

type Step<I> = Pulled<I> | typeof AGAIN;

/** Reads a source. Memory O(iterables added that have not ended). @internal */
export class ItemSource<I> {
  readonly #more: ((ask: FeedAsk) => Supply<I> | PromiseLike<Supply<I>>) | undefined;
  /** The last one is the one being read. */
  readonly #readings: Reading<I>[] = [];
  #isReading = false;
  /** Set when it is closed. */
  #leaving: Leaving | undefined = undefined;
  /** How many iterators were left and have not finished their cleanup. */
  #unanswered = 0;

  /** @throws SchedulerError `InvalidArgument` for a value that is not iterable. */
  constructor(source: FeedSource<I>) {
    this.#more = typeof source === 'function' ? source : undefined;
    if (typeof source !== 'function') this.add(source);
  }

  /** Whether no iterator is left to be read; a function may still return more. */
  get isEmpty(): boolean {
    return this.#readings.length === 0;
  }

  /** Whether the cleanup of an iterator that was left is awaited. */
  get isLeaving(): boolean {
    return this.#unanswered > 0;
  }

  /** Adds items to be read before all others. @throws SchedulerError `InvalidArgument` for a value that is not iterable. */
  add(items: Items<I>): void {
    try {
      this.#readings.push({ iterator: iteratorOf(items), isFresh: false, isAsked: false });
    } catch (error) {
      throw refusal('a source of items', error);
    }
  }

  /** The next item, or a promise of the answer from a source that answers later. Throws what the source throws. */
  pull(ask: FeedAsk): Pulled<I> | Promise<Pulled<I>> {
    for (;;) {
      const step = this.#step(ask);
      if ('then' in step) return this.#goOn(step, ask);
      if (step.kind !== 'again') return step;
    }
  }

  /** Leaves every iterator that has not ended, by its `return`. */
  close(leaving: Leaving): void {
    this.#leaving = leaving;
    // An iterator whose own code closes the source is running: it can only be left once it has yielded.
    if (!this.#isReading) this.#leave(leaving);
  }

  #leave(leaving: Leaving): void {
    for (const { iterator, isAsked } of this.#readings.splice(0).reverse()) {
      try {
        const returned = iterator.return?.();
        // An async generator that was asked handles `return` only after it has answered, which may never happen.
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
    // A string is almost certainly meant as one item, but would be read letter by letter.
    if (typeof supply === 'string') {
      const what = 'a source function must return an iterable of items, got the string';
      throw new SchedulerError('InvalidArgument', `${what} ${describe(supply)}: return [item] for a single item`);
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

  /** Throws what reading the result's properties throws. */
  #take(reading: Reading<I>, result: IteratorResult<I>): Step<I> {
    // Any other value has no `done`, so the iterator would be read for ever.
    if ((typeof result !== 'object' && typeof result !== 'function') || result === null) {
      throw new SchedulerError('InvalidArgument', `next of an iterator must return an object, got ${shown(result)}`);
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
  if (items instanceof StreamHandle) return StreamHandle._consume(items);
  if (typeof items === 'object' && items !== null && Symbol.asyncIterator in items)
    return items[Symbol.asyncIterator]();
  if (typeof items === 'string' || (typeof items === 'object' && items !== null && Symbol.iterator in items)) {
    return items[Symbol.iterator]();
  }
  throw new SchedulerError(
    'InvalidArgument',
    `items must come from an iterable or an async iterable, got ${shown(items)}`,
  );
}
