/**
 * Runs attempts on the scheduler's own thread. Attempts begin in the order in which they were granted, one after another; async
 * functions then proceed concurrently. Generators take turns with everything else, one result at a time.
 *
 * Invariant: `SLICE_MS` after a turn of the event loop nothing more begins before the next turn, so a flood of short tasks does
 * not starve timers and sockets. A single long computation cannot be interrupted here.
 */
import { SchedulerError, shown } from '../core/failures.js';
import { Fifo } from '../core/fifo.js';
import type { Attempt, Executor } from '../core/ports.js';
import { enterContext, leaveContext } from '../core/task-context.js';
import { inScope } from '../core/trace-headers.js';
import { isAsyncIterable, isIterable, isNativePromise, isThenable } from '../core/user-value.js';

/** For how long attempts begin before the event loop gets a turn. */
const SLICE_MS = 4;

/** How many attempts begin per look at the clock, which costs more than a short task. */
const LOOK_EVERY = 8;

/** Its `then` is a microtask without the async resource that `queueMicrotask` makes for each. */
const settled = Promise.resolve();

/** How long an aborted function has to end by itself before its slot is given to others. */
const GRACE_MS = 1_000;

type Step = () => void;

/**
 * The executor for the main thread: sync and async functions and generators. Stateless between tasks; one may serve any
 * number of queues.
 *
 * @public
 */
export function inline(): Executor {
  return new InlineExecutor();
}

/** The two listeners to a promise, used for one attempt after another. */
interface Ending {
  attempt: Attempt | undefined;
  readonly done: (value: unknown) => void;
  readonly failed: (error: unknown) => void;
}

/** Most of them that are kept for reuse. */
const MOST_ENDINGS = 1024;

class InlineExecutor implements Executor {
  readonly name = 'inline';
  readonly endsTogether = true;
  /** Attempts to begin, and streams whose turn comes again. */
  readonly #steps = new Fifo<Attempt | Step>();
  #isScheduled = false;
  #sliceBegan = 0;
  #untilLook = LOOK_EVERY;
  readonly #aborted = new WeakSet<Attempt>();
  /** The grace timers of aborted attempts that have not ended; each gives the slot back when it fires. */
  readonly #graces = new Map<Attempt, NodeJS.Timeout>();
  readonly #enders = new WeakMap<Attempt, () => void>();
  /** Listeners whose attempt has ended. */
  readonly #endings: Ending[] = [];

  run(attempt: Attempt): void {
    this.#enqueue(attempt);
  }

  /**
   * Aborts the signal; a generator is ended at its next turn. A function that ignores its signal cannot be ended: its slot comes back
   * after `graceMs`, and the function may go on beside others.
   */
  abort(attempt: Attempt, reason: unknown, graceMs = GRACE_MS): void {
    this.#aborted.add(attempt);
    this.#enders.get(attempt)?.();
    clearTimeout(this.#graces.get(attempt));
    const giveUp = (): void => this.#failed(attempt, reason);
    if (graceMs === 0) giveUp();
    else this.#graces.set(attempt, setTimeout(giveUp, graceMs));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #enqueue(step: Attempt | Step): void {
    this.#steps.push(step);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    void settled.then(this.#pump);
  }

  readonly #pump = (): void => {
    while (this.#steps.size > 0) {
      if (this.#isSliceOver()) {
        setImmediate(this.#pump);
        return;
      }
      const step = this.#steps.shift();
      if (typeof step === 'function') step();
      else if (step !== undefined) this.#begin(step);
    }
    this.#isScheduled = false;
  };

  /** Looks at the clock now and then. Returning true begins a new slice, so the caller must let the event loop have its turn. */
  #isSliceOver(): boolean {
    this.#untilLook -= 1;
    if (this.#untilLook > 0) return false;
    this.#untilLook = LOOK_EVERY;
    const now = performance.now();
    if (now - this.#sliceBegan <= SLICE_MS) return false;
    this.#sliceBegan = now;
    return true;
  }

  #begin(attempt: Attempt): void {
    if (this.#aborted.has(attempt)) {
      this.#failed(attempt, attempt.signal.reason);
      return;
    }
    if (attempt.begins?.() === false) return;
    let returned: unknown;
    let isPromise: boolean;
    const previous = enterContext(attempt);
    try {
      // Not a call on the attempt: functions are called without a `this`.
      const { fn, args, scope } = attempt;
      returned = scope === undefined ? fn(...(args as never[])) : scope.run((): unknown => fn(...(args as never[])));
      isPromise = !attempt.stream && isNativePromise(returned);
    } catch (error) {
      leaveContext(previous);
      this.#failed(attempt, error);
      return;
    }
    leaveContext(previous);
    if (isPromise) this.#await(attempt, returned as Promise<unknown>);
    else this.#take(attempt, returned, attempt.stream ? this.#read : this.#done);
  }

  /** Passes on what the function returned or, if that is a promise of whatever kind, what it comes to. */
  #take(attempt: Attempt, returned: unknown, pass: (attempt: Attempt, value: unknown) => void): void {
    try {
      if (isThenable(returned)) {
        // Adopted in the language's own way, so that a thenable that calls back twice, or throws, does no harm.
        Promise.resolve(returned).then(
          (value) => pass(attempt, value),
          (error: unknown) => this.#failed(attempt, error),
        );
        return;
      }
    } catch (error) {
      this.#failed(attempt, error);
      return;
    }
    pass(attempt, returned);
  }

  /** A promise settles only once, so its listeners can serve another promise afterwards. */
  #await(attempt: Attempt, promise: Promise<unknown>): void {
    const ending = this.#endings.pop() ?? this.#ending();
    ending.attempt = attempt;
    promise.then(ending.done, ending.failed);
  }

  #ending(): Ending {
    const attemptOf = (): Attempt => {
      const { attempt } = ending;
      ending.attempt = undefined;
      if (this.#endings.length < MOST_ENDINGS) this.#endings.push(ending);
      return attempt as Attempt;
    };
    const ending: Ending = {
      attempt: undefined,
      done: (value) => this.#done(attemptOf(), value),
      failed: (error) => this.#failed(attemptOf(), error),
    };
    return ending;
  }

  readonly #done = (attempt: Attempt, value: unknown): void => {
    this.#clearGrace(attempt);
    attempt.done(value);
  };

  #failed(attempt: Attempt, error: unknown): void {
    this.#clearGrace(attempt);
    attempt.failed(error);
  }

  #clearGrace(attempt: Attempt): void {
    if (this.#graces.size === 0) return;
    clearTimeout(this.#graces.get(attempt));
    this.#graces.delete(attempt);
  }

  readonly #read = (attempt: Attempt, returned: unknown): void => {
    try {
      if (isAsyncIterable(returned)) {
        void this.#readAsync(attempt, returned[Symbol.asyncIterator]());
      } else if (isIterable(returned)) {
        this.#readSync(attempt, returned[Symbol.iterator]());
      } else {
        const message = `task ${attempt.id} must return an iterable, got ${shown(returned)}`;
        throw new SchedulerError('InvalidArgument', message, { tasks: [attempt.id] });
      }
    } catch (error) {
      this.#failed(attempt, error);
    }
  };

  #readSync(attempt: Attempt, iterator: Iterator<unknown>): void {
    const step = (): void => {
      const previous = enterContext(attempt);
      let result: Result;
      try {
        if (this.#aborted.has(attempt)) {
          inScope(attempt, () => iterator.return?.());
          throw attempt.signal.reason;
        }
        result = read(inScope(attempt, () => iterator.next()));
      } catch (error) {
        leaveContext(previous);
        this.#failed(attempt, error);
        return;
      }
      leaveContext(previous);
      if (result.isOver) {
        this.#done(attempt, undefined);
        return;
      }
      const held = attempt.partial(result.value);
      if (held === undefined) this.#enqueue(step);
      else void held.then(() => this.#enqueue(step));
    };
    step();
  }

  async #readAsync(attempt: Attempt, iterator: AsyncIterator<unknown>): Promise<void> {
    let isEnded = false;
    this.#enders.set(attempt, () => {
      isEnded = true;
      // A generator that is awaiting something ends only after that, which is not waited for here.
      new Promise((resolve) => resolve(iterator.return?.())).catch(() => undefined);
    });
    try {
      for (;;) {
        if (isEnded || this.#aborted.has(attempt)) throw attempt.signal.reason;
        const previous = enterContext(attempt);
        let pending: unknown;
        try {
          pending = inScope(attempt, () => iterator.next());
        } finally {
          leaveContext(previous);
        }
        const result = read(await pending);
        if (result.isOver) break;
        const held = attempt.partial(result.value);
        if (held !== undefined) await held;
        // Awaiting settled promises alone would never give the event loop a turn.
        if (this.#isSliceOver()) await nextTurn();
      }
      this.#done(attempt, undefined);
    } catch (error) {
      this.#failed(attempt, error);
    }
  }
}

/** An iterator's answer, each part of which has been read once. */
interface Result {
  readonly isOver: boolean;
  readonly value: unknown;
}

function read(answer: unknown): Result {
  if (typeof answer !== 'object' || answer === null) {
    throw new SchedulerError('InvalidArgument', `an iterator must answer with an object, got ${shown(answer)}`);
  }
  const { done, value } = answer as { readonly done?: unknown; readonly value?: unknown };
  return { isOver: Boolean(done), value };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
