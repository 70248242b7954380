/**
 * The side of a feed on which items come in: takes them from the source as far as the window allows, and keeps them, oldest first,
 * until they are submitted.
 *
 * Invariant: what has been taken and is not over is never more than the window, the item that the source is being asked for
 * included.
 */
import type { Items, ItemSource, Pulled } from './source.js';

/** An item on its way through a feed. @internal */
export interface Taken<I> {
  readonly item: I;
  /** Place among all that were taken, from 0. */
  readonly index: number;
}

/** What the intake tells its feed. @internal */
export interface FeedIntakeOwner {
  /** The source threw when it was asked for item number `index`. */
  sourceFailed(error: unknown, index: number): void;
  /** The source has answered, or there is something to be asked for: `take` should be called, from a turn of its own. */
  turnSoon(): void;
}

/** Items of one feed until they are submitted. @internal */
export class FeedIntake<I> {
  readonly #source: ItemSource<I>;
  readonly #window: number;
  readonly #owner: FeedIntakeOwner;
  readonly #waiting: Taken<I>[] = [];
  #count = 0;
  #underWay = 0;
  #isOpen = true;
  /** Nobody waits for the source to be left. */
  #isAbandoned = false;
  #isAsking = false;
  /** The source has nothing now. */
  #isResting = false;
  /** An item has come to its end since the source was asked: that it had nothing by then does not mean that it has nothing now. */
  #isAnswerOld = false;

  constructor(source: ItemSource<I>, window: number, owner: FeedIntakeOwner) {
    this.#source = source;
    this.#window = window;
    this.#owner = owner;
  }

  /** How many items have been taken. */
  get count(): number {
    return this.#count;
  }

  /** The source is waited for. */
  get isAsking(): boolean {
    return this.#isAsking && this.#isOpen;
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** The source has been left, and what it cleans up is waited for. */
  get isLeaving(): boolean {
    return this.#source.isLeaving && !this.#isAbandoned;
  }

  /** Nothing is under way and nothing more comes. */
  get isOver(): boolean {
    if (this.#underWay > 0) return false;
    return this.#isOpen ? this.#isResting && !this.#isAsking : !this.isLeaving;
  }

  /** Takes what there is and what there is room for. */
  take(): void {
    while (this.#isOpen && !this.#isAsking && !this.#isResting && this.#underWay < this.#window) {
      let pulled: Pulled<I> | Promise<Pulled<I>>;
      this.#isAnswerOld = false;
      try {
        pulled = this.#source.pull({ room: this.#window - this.#underWay, underWay: this.#underWay });
      } catch (error) {
        this.#failed(error);
        continue;
      }
      if ('then' in pulled) this.#await(pulled);
      else this.#took(pulled);
    }
  }

  /** The oldest of those that have been taken, or all of them, to be submitted or given up. */
  shift(most = 1): Taken<I>[] {
    return this.#waiting.splice(0, most);
  }

  /** An item is over, whatever became of it: there is room for another, and the source may have more than before. */
  over(): void {
    this.#underWay -= 1;
    this.#isResting = false;
    this.#isAnswerOld = true;
    this.#owner.turnSoon();
  }

  /** @throws SchedulerError `InvalidArgument` for what is not iterable. */
  add(items: Items<I>): void {
    this.#source.add(items);
    this.#isResting = false;
    this.#owner.turnSoon();
  }

  /** Nothing more is taken; what the source is being asked for at the moment neither. */
  close(): void {
    this.#isOpen = false;
    this.#source.close({
      failed: (error) => this.#owner.sourceFailed(error, this.#count),
      left: () => this.#owner.turnSoon(),
    });
  }

  /** What the source still does is not waited for. To be called when it is closed. */
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

  /** Does not ask again before something has changed; it may have changed while the answer was waited for. */
  #rest(): void {
    this.#isResting = this.#source.isEmpty && !this.#isAnswerOld;
  }
}
