/**
 * How far a task may run ahead of the consumers of its partial results: the option `ahead`. A result is taken when a task that
 * depends on it has started, or has settled without starting; when a reader has asked for it; or when a caller waits for it
 * through its own handle. A consumer of the whole takes every result as it comes.
 *
 * A feed is a reader that nobody follows: as long as it is the only consumer, what it has taken is released.
 *
 * Invariants: as long as there is no consumer of the whole, at most `ahead` results are untaken; the attempt is held from the
 * result that makes them so many until one of them is taken, or the attempt or its task ends. Results are released in order, from
 * the first on.
 */

/** Connects the flow to the attempt under way. @internal */
export interface FlowOwner {
  /** Whether a task depends on the whole; who waits for it has said so by `wantWhole`. */
  isWholeWanted(): boolean;
  /** The attempt is held, or goes on. */
  held(isSo: boolean): void;
  /** It is held without a reader, so that only a new consumer can release it. */
  stuck(isSo: boolean): void;
}

/** The flow of one task's partial results. Memory O(`ahead`); each operation is O(1). @internal */
export class Backpressure {
  readonly ahead: number;
  readonly #untaken = new Set<number>();
  #owner: FlowOwner | undefined = undefined;
  #goOn: (() => void) | undefined = undefined;
  #readers = 0;
  #released = 0;
  /** Another consumer than a feed may come back for any result that is there. */
  #isKept = false;
  #isStuck = false;
  /** Everything is taken as it comes. */
  #isOpen = false;

  constructor(ahead: number) {
    this.ahead = ahead;
  }

  /** An attempt begins, which the flow is of from now on. */
  begin(owner: FlowOwner): void {
    this.#owner = owner;
  }

  /** The untaken results for which the attempt is held; none while it is not held. */
  get heldFor(): readonly number[] {
    return this.#goOn === undefined ? [] : [...this.#untaken];
  }

  /** Result `index` has come, and is about to be delivered. */
  came(index: number): void {
    if (!this.#isOpen) this.#untaken.add(index);
  }

  /** After a delivery: resolves when the attempt may go on, undefined when it may at once. */
  pause(): Promise<void> | undefined {
    if (this.#untaken.size < this.ahead) return undefined;
    if (this.#released === 0 && this.#owner?.isWholeWanted() === true) this.openUp();
    if (this.#untaken.size < this.ahead) return undefined;
    const freed = new Promise<void>((resolve) => {
      this.#goOn = resolve;
    });
    this.#owner?.held(true);
    this.#judge();
    return freed;
  }

  take(index: number): void {
    if (this.#untaken.delete(index) && this.#untaken.size < this.ahead) this.release();
  }

  /** How many results, from the first on, are no longer there. */
  get released(): number {
    return this.#released;
  }

  /** From now on nothing is released. */
  keep(): void {
    this.#isKept = true;
  }

  /** A feed has taken result `index`; returns whether it is released. */
  consume(index: number): boolean {
    if (this.#isKept || index !== this.#released) return false;
    this.#released += 1;
    return true;
  }

  /** There is a consumer of the whole, which can be had as long as nothing has been released. */
  wantWhole(): void {
    if (this.#released > 0) return;
    this.keep();
    this.openUp();
  }

  /** There is a consumer of the whole, or the task has settled: nothing is held back any more. */
  openUp(): void {
    this.#isOpen = true;
    this.#untaken.clear();
    this.release();
  }

  /** Lets a held attempt go on, to its end if it is being aborted. */
  release(): void {
    const goOn = this.#goOn;
    if (goOn === undefined) return;
    this.#goOn = undefined;
    this.#owner?.held(false);
    this.#judge();
    goOn();
  }

  /** A reader goes through all results; as long as there is one, the task is not stuck. */
  readerCame(isFeed: boolean): void {
    if (!isFeed || this.#readers > 0) this.keep();
    this.#readers += 1;
    this.#judge();
  }

  readerLeft(): void {
    this.#readers -= 1;
    this.#judge();
  }

  /** Whether a reader goes through all results. */
  get isRead(): boolean {
    return this.#readers > 0;
  }

  #judge(): void {
    const isStuck = this.#goOn !== undefined && this.#readers === 0;
    if (isStuck === this.#isStuck) return;
    this.#isStuck = isStuck;
    this.#owner?.stuck(isStuck);
  }
}
