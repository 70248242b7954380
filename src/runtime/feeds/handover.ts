/**
 * Hands a feed's results over: one at a time, in the order in which the tasks settled, to `onResult` or to the reader, and
 * to the tally where results are collected.
 *
 * It must never take an item, submit a task or end the feed: it reports each failure, and the feed decides what follows.
 *
 * Invariants: at most one result is with its consumer; each settled item ends here exactly once, with `over`; after `terminate`
 * neither `onResult` nor its promise is waited for.
 */
import { type FeedFailure, SchedulerError, TaskCancelled } from '../../core/failures.js';
import { isThenable } from '../../core/user-value.js';
import type { Taken } from './intake.js';
import type { AddItems, FeedOptions } from './options.js';
import type { Settled } from './outlet.js';
import { FeedReader } from './reader.js';
import type { FeedTally } from './tally.js';

/**
 * One result of a feed, as its reader gets it.
 *
 * @public
 */
export interface FeedResult<I, R> {
  readonly value: R;
  readonly item: I;
  /** Position of the item among all items taken, from 0. */
  readonly index: number;
}

/** The feed, as seen from the handover. @internal */
export interface FeedHandoverOwner<I> {
  /** A task or `onResult` failed. */
  failed(failure: FeedFailure<I>): void;
  /** A task was cancelled, possibly by the feed itself. */
  cancelled(failure: FeedFailure<I>): void;
  /** A result was dropped because the scheduler was terminated. */
  dropped(failure: FeedFailure<I>): void;
  /** An item has ended: its result was handed over, or its failure reported. */
  over(): void;
  /** The reader left before the end. */
  readerLeft(): void;
  add: AddItems<I>;
}

/** The result that its consumer has and has not finished with. */
type InHand<I> = { readonly to: 'reader' } | ({ readonly to: 'onResult' } & Taken<I>);

/** The results of one feed on their way out. Memory O(settled items not handed over), which the window bounds. @internal */
export class FeedHandover<I, R> {
  readonly #queue: string;
  readonly #options: FeedOptions<I, R>;
  readonly #tally: FeedTally<I, R>;
  readonly #owner: FeedHandoverOwner<I>;
  /** In the order in which they settled. */
  readonly #settled: Settled<I, R>[] = [];
  #inHand: InHand<I> | undefined = undefined;
  #hasBegun = false;
  #reader: FeedReader<FeedResult<I, R>> | undefined = undefined;
  /** Cleared when the feed ends: a slow reader must not delay the end. */
  #isReaderAwaited = true;
  #terminated: { readonly reason: unknown } | undefined = undefined;

  /** @param queue - the queue's name, for errors. */
  constructor(queue: string, options: FeedOptions<I, R>, tally: FeedTally<I, R>, owner: FeedHandoverOwner<I>) {
    this.#queue = queue;
    this.#options = options;
    this.#tally = tally;
    this.#owner = owner;
  }

  /** Whether a consumer has a result and has not finished with it. */
  get isBusy(): boolean {
    return this.#inHand !== undefined;
  }

  /** Appends an item whose task has settled. */
  push(settled: Settled<I, R>): void {
    this.#settled.push(settled);
  }

  /** Hands over until a consumer is busy or nothing is left. To be called in a turn of the feed. */
  proceed(): void {
    while (this.#inHand === undefined) {
      const settled = this.#settled.shift();
      if (settled === undefined) return;
      this.#handOver(settled);
    }
  }

  /** @throws SchedulerError `InvalidOption` when the results go elsewhere, or some have gone already. */
  openReader(): FeedReader<FeedResult<I, R>> {
    if (this.#options.onResult !== undefined || this.#reader !== undefined || this.#hasBegun) {
      const message = 'the results of this feed go elsewhere: read it from the beginning, once';
      throw new SchedulerError('InvalidOption', message, { queue: this.#queue });
    }
    this.#reader = new FeedReader({
      taken: () => {
        if (this.#inHand?.to === 'reader') this.#over();
      },
      left: () => this.#owner.readerLeft(),
    });
    return this.#reader;
  }

  /** From now on results are handed to the reader without waiting until it asks for the next. */
  stopAwaitingReader(): void {
    this.#isReaderAwaited = false;
    if (this.#inHand?.to === 'reader') this.#over();
  }

  /** `onResult` is neither called nor waited for any more; each result meant for it is dropped. */
  terminate(reason: unknown): void {
    this.#terminated = { reason };
    if (this.#inHand?.to === 'onResult') this.#drop(this.#inHand, reason);
  }

  #handOver({ item, index, outcome, id }: Settled<I, R>): void {
    switch (outcome.status) {
      case 'done':
        this.#give(outcome.result, item, index);
        return;
      case 'failed':
        this.#owner.failed({ stage: 'task', error: outcome.error, item, index });
        break;
      case 'cancelled':
        this.#owner.cancelled({ stage: 'task', error: new TaskCancelled(id, outcome.reason), item, index });
        break;
    }
    this.#over();
  }

  #give(value: R, item: I, index: number): void {
    this.#hasBegun = true;
    const { onResult, collect = onResult === undefined && this.#reader === undefined } = this.#options;
    if (collect) this.#tally.keep(index, value);
    if (onResult !== undefined) {
      if (this.#terminated === undefined) this.#call(onResult, value, item, index);
      else this.#drop({ item, index }, this.#terminated.reason);
    } else if (this.#reader?.offer({ value, item, index }) === false && this.#isReaderAwaited)
      this.#inHand = { to: 'reader' };
    else this.#over();
  }

  #call(onResult: NonNullable<FeedOptions<I, R>['onResult']>, value: R, item: I, index: number): void {
    try {
      const returned = onResult(value, item, index, (items) => this.#owner.add(items));
      if (isThenable(returned)) this.#await(returned, item, index);
      else this.#over();
    } catch (error) {
      this.#owner.failed({ stage: 'result', error, item, index });
      this.#over();
    }
  }

  #await(returned: PromiseLike<unknown>, item: I, index: number): void {
    const inHand = { to: 'onResult', item, index } as const;
    // A result that was dropped meanwhile is over already, however its promise settles.
    const settled = (failed?: { readonly error: unknown }): void => {
      if (this.#inHand !== inHand) return;
      this.#inHand = undefined;
      if (failed !== undefined) this.#owner.failed({ stage: 'result', error: failed.error, item, index });
      this.#over();
    };
    this.#inHand = inHand;
    Promise.resolve(returned).then(
      () => settled(),
      (error: unknown) => settled({ error }),
    );
    if (this.#terminated !== undefined) this.#drop(inHand, this.#terminated.reason);
  }

  #drop({ item, index }: Taken<I>, reason: unknown): void {
    this.#inHand = undefined;
    const message = `the result of item ${index} was given up: the scheduler was terminated`;
    const error = new SchedulerError('SchedulerClosed', message, { queue: this.#queue, cause: reason });
    this.#owner.dropped({ stage: 'result', error, item, index });
    this.#over();
  }

  #over(): void {
    this.#inHand = undefined;
    this.#owner.over();
  }
}
