/**
 * A feed: takes items from a source as there is room for them, submits a task for each, and hands the results over. It joins
 * its parts: the intake (items in), the outlet (items to tasks), the handover (results out), the turns and the completion. It
 * decides by itself only what a failure leads to and when the feed ends.
 *
 * It must never decide what starts when: to its queue it is a client like any other. It calls the user's functions in turns of its own,
 * never from within a delivery of the scheduler. Only the calls that end a feed (`cancel`, its signal, and `close` and
 * `terminate` of the scheduler) call some of them at once: the source's `return`, and `onError` for items that are given up.
 *
 * Invariants: items taken and not yet over never exceed the window; each item's result is handed over once or its failure
 * reported once; the feed ends when no item is under way and the source is exhausted or closed.
 */
import { type FeedEnd, type FeedFailure, SchedulerError } from '../../core/failures.js';
import { onAbort } from '../submission/signals.js';
import { FeedCompletion, type FeedStop } from './completion.js';
import { FeedHandover, type FeedResult } from './handover.js';
import { FeedIntake, type Taken } from './intake.js';
import type { OpenFeed } from './open-feeds.js';
import { type FeedOptions, whatFollows } from './options.js';
import { FeedOutlet } from './outlet.js';
import type { FeedPort } from './port.js';
import type { Items, ItemSource } from './source.js';
import { FeedTally } from './tally.js';
import { FeedTurns } from './turns.js';

type Phase = 'open' | 'ending' | 'ended';

/**
 * What `queue.from` returns: items on their way through a queue. Counts as work of its scheduler until it has ended.
 *
 * @public
 */
export class Feed<I, R> implements AsyncIterable<FeedResult<I, R>> {
  readonly #port: FeedPort<I, R>;
  readonly #options: FeedOptions<I, R>;
  readonly #intake: FeedIntake<I>;
  readonly #outlet: FeedOutlet<I, R>;
  readonly #handover: FeedHandover<I, R>;
  readonly #turns: FeedTurns;
  readonly #tally = new FeedTally<I, R>();
  readonly #completion: FeedCompletion<I, R>;
  readonly #open: OpenFeed;
  #phase: Phase = 'open';
  /** Takes the listener off the `signal` option. */
  #unlisten: (() => void) | undefined = undefined;
  /** Set once the feed is to end early; undefined if it ends by itself. */
  #stop: FeedStop | undefined = undefined;
  /** Whether something failed that no user asked for. */
  #hasFailed = false;

  /** @internal */
  constructor(port: FeedPort<I, R>, source: ItemSource<I>, window: () => number, options: FeedOptions<I, R>) {
    this.#port = port;
    this.#options = options;
    const turnSoon = (): void => this.#turnSoon();
    this.#turns = new FeedTurns(
      () => this.#turn(),
      (callback) => port.later(callback),
    );
    this.#intake = new FeedIntake(source, window, {
      sourceFailed: (error, index) => {
        if (this.#phase !== 'ended') this.#fail({ stage: 'source', error, item: undefined, index });
      },
      turnSoon,
    });
    this.#outlet = new FeedOutlet(port, this.#intake, {
      settled: (settled) => {
        this.#handover.push(settled);
        this.#turnSoon();
      },
      givenUp: (taken, reason) => this.#giveUpItem(taken, 'cancelled', reason),
      refused: (error, { item, index }) => {
        this.#fail({ stage: 'task', error, item, index });
        this.#intake.over();
      },
      wentIdle: () => this.#turns.countIdle(),
      turnSoon,
    });
    this.#handover = new FeedHandover(port.queue, options, this.#tally, {
      failed: (failure) => this.#fail(failure),
      // Once the feed is to end, its user has asked for the cancellations, or a failure that is news has ended it.
      cancelled: (failure) => this.#fail(failure, this.#stop === undefined),
      dropped: (failure) => this.#fail(failure, false),
      over: () => this.#intake.over(),
      readerLeft: () => this.cancel('its reader has left'),
      add: (items) => this.add(items),
    });
    this.#completion = new FeedCompletion(port.queue, typeof options.onError === 'function', (failing) =>
      port.lookAt(failing),
    );
    this.#open = this.#seenFromScheduler();
    port.opened(this.#open);
    const { signal } = options;
    if (signal?.aborted === true) this.cancel(signal.reason);
    else if (signal !== undefined) this.#unlisten = onAbort(signal, () => this.cancel(signal.reason));
    this.#turnSoon();
  }

  /**
   * Resolves when the source is exhausted, every task has settled and every result has been handed over. With `onError: 'continue'`
   * (or a function) failures do not change that: they are listed in the value.
   *
   * Rejects with `FeedFailed` when the feed was stopped by a failure, cancelled, or closed along with its scheduler; the error's
   * `end` has the results and failures up to then. Rejects with `Stalled` when nothing can lead to its end any more. Asking counts as being told: `wait()` no longer reports it.
   */
  done(): Promise<FeedEnd<I, R>> {
    const end = this.#completion.wait();
    this.#port.waits();
    return end;
  }

  /**
   * Adds items, to be taken before what the source has left; those added last come first.
   *
   * @returns whether they will be taken: false once the feed is about to end.
   * @throws SchedulerError `InvalidArgument` for a value that is not iterable.
   */
  add(items: Items<I>): boolean {
    if (this.#phase !== 'open') return false;
    this.#intake.add(items);
    return true;
  }

  /**
   * Ends the feed: cancels its tasks, closes its source and waits for that (unless the source was asked for an item and has
   * not answered). Results that are there already are still handed over. Every item that was taken and not done is
   * among the failures.
   *
   * @returns whether the feed was open until now.
   */
  cancel(reason?: unknown): boolean {
    return this.#end('cancelled', reason);
  }

  /**
   * The results, each once, as their tasks are done. A result counts as handed over when the next is asked for, so that the body of a loop
   * may `add` items. To be called before the first result is there, once, and not together with `onResult`. Throws at the end
   * what `done()` rejects with. Leaving the loop early cancels the feed.
   *
   * @throws SchedulerError `InvalidOption` when the results go elsewhere already.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<FeedResult<I, R>, undefined> {
    const reader = this.#handover.openReader();
    this.done().then(
      () => reader.finish(undefined),
      (error: unknown) => reader.finish(error),
    );
    return reader;
  }

  #turnSoon(): void {
    if (this.#phase !== 'ended') this.#turns.soon();
  }

  /** Hands results over, takes items, submits the next one. */
  #turn(): void {
    this.#handover.proceed();
    this.#intake.take();
    this.#outlet.submit();
    this.#finishIfOver();
    if (!this.#isMoving) this.#port.rested();
  }

  /** Reports a failure; `isNews` is false for one that a user asked for. */
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

  /** Takes nothing more from now on. Returns whether the feed was open. */
  #end(how: FeedStop['how'], reason: unknown): boolean {
    const isFirst = this.#phase === 'open';
    if (isFirst) {
      this.#phase = 'ending';
      this.#stop = { how, reason };
      this.#intake.close();
      this.#handover.stopAwaitingReader();
    }
    // A feed that is ending because of a failure can still be cancelled.
    if (how === 'cancelled') this.#giveUp(how, reason);
    this.#turnSoon();
    return isFirst;
  }

  #terminate(reason: unknown): void {
    this.#end('closed', reason);
    this.#giveUp('closed', reason);
    this.#intake.abandon();
    this.#handover.terminate(reason);
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
    this.#unlisten?.();
    const end = this.#tally.end(this.#intake.count);
    this.#port.ended(this.#open, this.#completion.finish(end, this.#stop, this.#hasFailed));
  }

  /** Whether the feed waits for something besides its tasks that will come by itself. */
  get #isMoving(): boolean {
    const { isAsking, isLeaving } = this.#intake;
    return this.#turns.isDue || isAsking || isLeaving || this.#handover.isBusy || this.#outlet.isRoomComing;
  }

  #seenFromScheduler(): OpenFeed {
    const isMoving = (): boolean => this.#isMoving;
    return {
      queue: this.#port.queue,
      get isMoving() {
        return isMoving();
      },
      windowChanged: () => this.#turnSoon(),
      close: (reason) => void this.#end('closed', reason),
      giveUp: (reason) => this.#giveUp('closed', reason),
      stalled: (error) => this.#completion.stalled(error),
      terminate: (reason) => this.#terminate(reason),
      quiet: () => this.#completion.end.then(nothing, nothing),
    };
  }
}

const nothing = (): void => undefined;
