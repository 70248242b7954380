/**
 * The inlet of a feed: takes items from the source as far as the window allows, and keeps them, oldest first, until they are
 * submitted.
 *
 * It must never submit an item, nor ask the source a second question before the first is answered.
 *
 * Invariant: items taken and not yet over, plus the one that the source is being asked for, never exceed the window that they were taken
 * for.
 */
import type { Items, ItemSource, Pulled } from './source.js';

/** An item on its way through a feed. @internal */
export interface Taken<I> {
  readonly item: I;
  /** Position among all items taken, from 0. */
  readonly index: number;
}

/** The feed, as seen from the intake. @internal */
export interface FeedIntakeOwner {
  /** The source threw when asked for the item at `index`. */
  sourceFailed(error: unknown, index: number): void;
  /** The source has answered, or may have more items: `take` is due, in a turn of the feed. */
  turnSoon(): void;
}

/** Items of one feed until they are submitted. @internal */
export class FeedIntake<I> {
  readonly #source: ItemSource<I>;
  readonly #window: () => number;
  readonly #owner: FeedIntakeOwner;
  readonly #waiting: Taken<I>[] = [];
  #count = 0;
  #underWay = 0;
  #isOpen = true;
  /** The end of the feed does not wait for the source's cleanup. */
  #isAbandoned = false;
  #isAsking = false;
  /** The source had nothing when it was last asked. */
  #isResting = false;
  /** An item has ended since the source was asked: by now the source may have more. */
  #isAnswerOld = false;

  constructor(source: ItemSource<I>, window: () => number, owner: FeedIntakeOwner) {
    this.#source = source;
    this.#window = window;
    this.#owner = owner;
  }

  /** How many items have been taken. */
  get count(): number {
    return this.#count;
  }

  /** Whether the source's answer is awaited. */
  get isAsking(): boolean {
    return this.#isAsking && this.#isOpen;
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Whether the source was closed and its cleanup is awaited. */
  get isLeaving(): boolean {
    return this.#source.isLeaving && !this.#isAbandoned;
  }

  /** Whether no item is under way and none will come. */
  get isOver(): boolean {
    if (this.#underWay > 0) return false;
    return this.#isOpen ? this.#isResting && !this.#isAsking : !this.isLeaving;
  }

  /** Takes items until the source has none for now or the window is full. */
  take(): void {
    while (this.#isOpen && !this.#isAsking && !this.#isResting && this.#underWay < this.#window()) {
      let pulled: Pulled<I> | Promise<Pulled<I>>;
      this.#isAnswerOld = false;
      try {
        pulled = this.#source.pull({ room: this.#window() - this.#underWay, underWay: this.#underWay });
      } catch (error) {
        this.#failed(error);
        continue;
      }
      if ('then' in pulled) this.#await(pulled);
      else this.#took(pulled);
    }
  }

  /** Removes the oldest items, at most `most`, to be submitted or given up. */
  shift(most = 1): Taken<I>[] {
    return this.#waiting.splice(0, most);
  }

  /** An item has ended, in whatever way: there is room for another, and the source may have more. */
  over(): void {
    this.#underWay -= 1;
    this.#isResting = false;
    this.#isAnswerOld = true;
    this.#owner.turnSoon();
  }

  /** @throws SchedulerError `InvalidArgument` for a value that is not iterable. */
  add(items: Items<I>): void {
    this.#source.add(items);
    this.#isResting = false;
    this.#owner.turnSoon();
  }

  /** Takes nothing more, not even the item that the source is being asked for, and closes the source. */
  close(): void {
    this.#isOpen = false;
    this.#source.close({
      failed: (error) => this.#owner.sourceFailed(error, this.#count),
      left: () => this.#owner.turnSoon(),
    });
  }

  /** Does not wait for the source's cleanup. To be called after `close`. */
  abandon(): void {
    this.#isAbandoned = true;
  }

  #await(pulled: Promise<Pulled<I>>): void {
    this.#isAsking = true;
    pulled
      .then(
        (answer) => this.#took(answer),
        (error: unknown) => this.#failed(error),
      )
      .finally(() => {
        this.#isAsking = false;
        this.#owner.turnSoon();
      });
  }

  #took(answer: Pulled<I>): void {
    if (!this.#isOpen) return;
    if (answer.kind === 'nothing') {
      this.#rest();
      return;
    }
    this.#underWay += 1;
    this.#waiting.push({ item: answer.item, index: this.#count });
    this.#count += 1;
  }

  #failed(error: unknown): void {
    if (!this.#isOpen) return;
    // An iterable that has thrown is not read again; a function is asked again after the next result, if there is one.
    this.#rest();
    this.#owner.sourceFailed(error, this.#count);
  }

  /** Asks no more until something changes, unless it changed while the answer was awaited. */
  #rest(): void {
    this.#isResting = this.#source.isEmpty && !this.#isAnswerOld;
  }
}
