/**
 * A feed: it takes items from a source as there is room for them, submits a task for each, and hands the results over one by
 * one. It is a client of its queue like any other; what starts when is decided by the queue and the scheduler as ever.
 *
 * Invariants: what has been taken and not handed over is never more than the window; each item's result is handed over once or
 * its failure reported once; the feed ends when nothing is under way and the source has nothing more, or has been left. The user's
 * own functions are called in a turn of the feed's, never because of a delivery of the scheduler's. Only what ends a feed (`cancel`,
 * its signal, and `close` and `terminate` of its scheduler) calls some of them at once, within that call: `return` of the
 * source, and `onError` for what is given up.
 */
import { type FeedEnd, FeedFailed, type FeedFailure, SchedulerError, TaskCancelled } from '../../core/failures.js';
import { isThenable } from '../../core/thenable.js';
import type { Failing } from '../tasks/unhandled-failures.js';
import { type AddItems, type FeedOptions, whatFollows } from './options.js';
import { FeedIntake, type Taken } from './intake.js';
import { FeedOutlet, type FeedQueue, type Settled } from './outlet.js';
import { FeedReader } from './reader.js';
import { FeedTally } from './tally.js';
import { FeedTurns } from './turns.js';
import type { Items, ItemSource } from './source.js';
import type { OpenFeed } from './open-feeds.js';

/**
 * One result of a feed, as its reader gets it.
 *
 * @public
 */
export interface FeedResult<I, R> {
  readonly value: R;
  readonly item: I;
  /** Place of the item among all that were taken, from 0. */
  readonly index: number;
}

/** What a feed needs of its queue and scheduler. @internal */
export interface FeedPort<I, R> extends FeedQueue<I, R> {
  /** Its queue's name. */
  readonly queue: string;
  opened(feed: OpenFeed): void;
  /** The feed has come to its end; with what nobody has been told of yet, if anything. */
  ended(feed: OpenFeed, unnoticed: Failing | undefined): void;
  lookAt(failing: Failing): void;
  /** Calls back in a later turn of the event loop. */
  later(callback: () => void): void;
  /** The feed has come to rest: the scheduler's state may change with that. */
  rested(): void;
}

type Phase = 'open' | 'ending' | 'ended';

/** A result that somebody has got and is not through with. */
type HandingOver<I> = { readonly to: 'reader' } | { readonly to: 'onResult'; readonly item: I; readonly index: number };

/**
 * What `queue.from` returns: items on their way through a queue. Counts as work of its scheduler until it has ended.
 *
 * @public
 */
export class Feed<I, R> implements AsyncIterable<FeedResult<I, R>> {
  readonly #port: FeedPort<I, R>;
  readonly #intake: FeedIntake<I>;
  readonly #outlet: FeedOutlet<I, R>;
  readonly #options: FeedOptions<I, R>;
  readonly #tally = new FeedTally<I, R>();
  readonly #open: OpenFeed;
  #phase: Phase = 'open';
  #ended: FeedFailed['ended'] | undefined = undefined;
  #reason: unknown = undefined;
  /** Set when the scheduler is terminated: `onResult` is neither called nor waited for any more. */
  #terminated: { readonly reason: unknown } | undefined = undefined;
  /** In the order in which they settled. */
  readonly #settled: Settled<I, R>[] = [];
  #handing: HandingOver<I> | undefined = undefined;
  readonly #turns: FeedTurns;
  #hasHandedOver = false;
  /** Something went wrong that nobody asked for. */
  #hasFailed = false;
  #reader: FeedReader<FeedResult<I, R>> | undefined = undefined;
  /** Somebody is told how the feed ends. */
  #isAttended: boolean;
  #failing: Failing | undefined = undefined;
  #settleDone: { resolve: (end: FeedEnd<I, R>) => void; reject: (error: unknown) => void } | undefined = undefined;
  readonly #done: Promise<FeedEnd<I, R>>;

  /** @internal */
  constructor(port: FeedPort<I, R>, source: ItemSource<I>, window: number, options: FeedOptions<I, R>) {
    this.#port = port;
    this.#turns = new FeedTurns(
      () => this.#turn(),
      (callback) => port.later(callback),
    );
    this.#intake = new FeedIntake(source, window, {
      sourceFailed: (error, index) => {
        if (this.#phase !== 'ended') this.#fail({ stage: 'source', error, item: undefined, index });
      },
      turnSoon: () => this.#turnSoon(),
    });
    this.#outlet = new FeedOutlet(port, this.#intake, {
      settled: (settled) => {
        this.#settled.push(settled);
        this.#turnSoon();
      },
      givenUp: (taken, reason) => this.#giveUpItem(taken, 'cancelled', reason),
      refused: (error, { item, index }) => {
        this.#fail({ stage: 'task', error, item, index });
        this.#intake.over();
      },
      wentIdle: () => this.#turns.countIdle(),
      turnSoon: () => this.#turnSoon(),
    });
    this.#options = options;
    this.#isAttended = typeof options.onError === 'function';
    this.#done = new Promise((resolve, reject) => {
      this.#settleDone = { resolve, reject };
    });
    // Who does not ask learns of it from `wait()`.
    this.#done.catch(() => undefined);
    this.#open = this.#seenFromScheduler();
    port.opened(this.#open);
    const { signal } = options;
    if (signal?.aborted === true) this.cancel(signal.reason);
    else signal?.addEventListener('abort', this.#aborted, { once: true });
    this.#turnSoon();
  }

  /**
   * Resolves when the source is exhausted, every task has settled and every result has been handed over. With `onError: 'continue'`
   * (or a function) failures do not change that: they stand in what it resolves to.
   *
   * Rejects with `FeedFailed` when the feed was stopped by a failure, cancelled, or closed along with its scheduler; what had
   * been done by then is in its `end`. Asking counts as being told: `wait()` no longer reports it.
   */
  done(): Promise<FeedEnd<I, R>> {
    this.#attend();
    return this.#done;
  }

  /**
   * Adds items, to be taken before what the source has left; those added last come first.
   *
   * @returns whether they will be taken: not any more when the feed is about to end.
   * @throws SchedulerError `InvalidArgument` for what is not iterable.
   */
  add(items: Items<I>): boolean {
    if (this.#phase !== 'open') return false;
    this.#intake.add(items);
    return true;
  }

  /**
   * Ends the feed: its source is closed and waited for (unless it was asked for an item and has not answered), its tasks are cancelled, what is
   * done already is still handed over. Every item that was taken and not done is among the failures.
   *
   * @returns whether that was not under way already.
   */
  cancel(reason?: unknown): boolean {
    return this.#end('cancelled', reason);
  }

  /**
   * The results, each once, as their tasks are done. A result is handed over when the next is asked for, so that the body of a loop
   * may `add` items. To be called before the first result is there, once, and not together with `onResult`. Throws at the end
   * what `done()` rejects with. Leaving the loop early cancels the feed.
   *
   * @throws SchedulerError `InvalidOption` when the results go elsewhere already.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<FeedResult<I, R>, undefined> {
    if (this.#options.onResult !== undefined || this.#reader !== undefined || this.#hasHandedOver) {
      throw new SchedulerError(
        'InvalidOption',
        'the results of this feed go elsewhere: read it from the beginning, once',
        {
          queue: this.#port.queue,
        },
      );
    }
    this.#attend();
    const reader = new FeedReader<FeedResult<I, R>>({
      taken: () => {
        if (this.#handing?.to === 'reader') this.#handedOver();
      },
      left: () => this.cancel('its reader has left'),
    });
    if (this.#phase === 'ended') void this.#tell(reader);
    this.#reader = reader;
    return reader;
  }

  // In a turn of its own: what settled is handed over, items are taken, the next is submitted.

  #turnSoon(): void {
    if (this.#phase !== 'ended') this.#turns.soon();
  }

  #turn(): void {
    while (this.#handing === undefined) {
      const settled = this.#settled.shift();
      if (settled === undefined) break;
      this.#handOver(settled);
    }
    this.#intake.take();
    this.#outlet.submit();
    this.#finishIfOver();
    if (!this.#isMoving) this.#port.rested();
  }

  #handOver({ item, index, outcome, id }: Settled<I, R>): void {
    switch (outcome.status) {
      case 'done':
        this.#give(outcome.result, item, index);
        return;
      case 'failed':
        this.#fail({ stage: 'task', error: outcome.error, item, index });
        break;
      case 'cancelled':
        this.#fail(
          { stage: 'task', error: new TaskCancelled(id, outcome.reason), item, index },
          this.#ended === undefined || this.#ended === 'failed',
        );
        break;
      default:
        outcome satisfies never;
    }
    this.#handedOver();
  }

  #give(value: R, item: I, index: number): void {
    this.#hasHandedOver = true;
    const { onResult, collect = onResult === undefined && this.#reader === undefined } = this.#options;
    if (collect) this.#tally.keep(index, value);
    if (onResult !== undefined) {
      if (this.#terminated === undefined) this.#call(onResult, value, item, index);
      else this.#giveUpHanding({ item, index }, this.#terminated.reason);
    } else if (this.#reader?.offer({ value, item, index }) === false && this.#phase === 'open')
      this.#handing = { to: 'reader' };
    else this.#handedOver();
  }

  #call(onResult: NonNullable<FeedOptions<I, R>['onResult']>, value: R, item: I, index: number): void {
    try {
      const add: AddItems<I> = (items) => this.add(items);
      const returned = onResult(value, item, index, add);
      if (isThenable(returned)) this.#await(returned, item, index);
      else this.#handedOver();
    } catch (error) {
      this.#fail({ stage: 'result', error, item, index });
      this.#handedOver();
    }
  }

  #await(returned: PromiseLike<unknown>, item: I, index: number): void {
    const handing = { to: 'onResult', item, index } as const;
    // What has been given up meanwhile is over: how it ends does not matter any more.
    const over = (failed?: { readonly error: unknown }): void => {
      if (this.#handing !== handing) return;
      this.#handing = undefined;
      if (failed !== undefined) this.#fail({ stage: 'result', error: failed.error, item, index });
      this.#handedOver();
    };
    this.#handing = handing;
    Promise.resolve(returned).then(
      () => over(),
      (error: unknown) => over({ error }),
    );
    if (this.#terminated !== undefined) this.#giveUpHanding(handing, this.#terminated.reason);
  }

  /** Nobody waits for `onResult` any more, nor calls it. */
  #giveUpHanding({ item, index }: Taken<I>, reason: unknown): void {
    this.#handing = undefined;
    const message = `the result of item ${index} was given up: the scheduler was terminated`;
    const error = new SchedulerError('SchedulerClosed', message, { queue: this.#port.queue, cause: reason });
    this.#fail({ stage: 'result', error, item, index }, false);
    this.#handedOver();
  }

  /** An item's result has been handed over, or its failure reported: there is room for another. */
  #handedOver(): void {
    this.#handing = undefined;
    this.#intake.over();
  }

  /** Reports a failure; `isNews` is false for what somebody has asked for. */
  #fail(failure: FeedFailure<I>, isNews = true): void {
    this.#hasFailed ||= isNews;
    this.#tally.fail(failure);
    try {
      if (whatFollows(this.#options.onError, failure) === 'continue') return;
    } catch (error) {
      this.#tally.fail({ ...failure, stage: 'report', error });
    }
    this.#end('failed', undefined);
  }

  // The end.

  readonly #aborted = (): void => {
    this.cancel(this.#options.signal?.reason);
  };

  /** Nothing more is taken from now on. */
  #end(how: FeedFailed['ended'], reason: unknown): boolean {
    const isFirst = this.#phase === 'open';
    if (isFirst) {
      this.#phase = 'ending';
      this.#ended = how;
      this.#reason = reason;
      this.#intake.close();
      // A reader is not waited for: nothing more comes that it could hold up.
      if (this.#handing?.to === 'reader') this.#handedOver();
    }
    // A feed that ends by itself can still be ended at once.
    if (how !== 'failed' && this.#phase === 'ending') this.#giveUp(how, reason);
    this.#turnSoon();
    return isFirst;
  }

  #terminate(reason: unknown): void {
    this.#terminated = { reason };
    this.#end('closed', reason);
    this.#intake.abandon();
    if (this.#handing?.to === 'onResult') this.#giveUpHanding(this.#handing, reason);
  }

  #giveUp(how: 'cancelled' | 'closed', reason: unknown): void {
    for (const taken of this.#intake.shift(Infinity)) this.#giveUpItem(taken, how, reason);
    if (how === 'cancelled') this.#outlet.cancel(reason);
  }

  #giveUpItem({ item, index }: Taken<I>, how: 'cancelled' | 'closed', reason: unknown): void {
    const message = `item ${index} was taken and not submitted: the feed was ${how}`;
    const error = new SchedulerError('TaskCancelled', message, { queue: this.#port.queue, cause: reason });
    this.#fail({ stage: 'task', error, item, index }, false);
    this.#intake.over();
  }

  #finishIfOver(): void {
    if (!this.#intake.isOver || this.#phase === 'ended') return;
    this.#phase = 'ended';
    this.#options.signal?.removeEventListener('abort', this.#aborted);
    const end = this.#tally.end(this.#intake.count);
    const ended = this.#ended ?? 'failed';
    const error = new FeedFailed(this.#port.queue, ended, end, this.#reason);
    if (this.#ended === undefined) this.#settleDone?.resolve(end);
    else this.#settleDone?.reject(error);
    if (this.#reader !== undefined) void this.#tell(this.#reader);
    if (this.#hasFailed && !this.#isAttended) {
      const id = `(a feed of queue ${this.#port.queue})`;
      this.#failing = { id, outcome: { status: 'failed', error }, isLookedAt: false, failedIn: -1 };
    }
    this.#port.ended(this.#open, this.#failing);
  }

  async #tell(reader: FeedReader<FeedResult<I, R>>): Promise<void> {
    try {
      await this.#done;
      reader.finish(undefined);
    } catch (error) {
      reader.finish(error);
    }
  }

  #attend(): void {
    this.#isAttended = true;
    if (this.#failing !== undefined) this.#port.lookAt(this.#failing);
  }

  // For the scheduler.

  get #isMoving(): boolean {
    const { isAsking, isLeaving } = this.#intake;
    return this.#turns.isDue || isAsking || isLeaving || this.#handing !== undefined || this.#outlet.isRoomComing;
  }

  #seenFromScheduler(): OpenFeed {
    const isMoving = (): boolean => this.#isMoving;
    return {
      get isMoving() {
        return isMoving();
      },
      close: (reason) => void this.#end('closed', reason),
      terminate: (reason) => this.#terminate(reason),
      quiet: () => this.#done.then(nothing, nothing),
    };
  }
}

const nothing = (): void => undefined;
