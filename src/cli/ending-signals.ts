/** SIGINT and SIGTERM as requests to end: the first lets running tasks finish, the second ends them. */
import type { Scheduler } from '../runtime/scheduler.js';
import { codeOfSignal } from './exit-codes.js';
import { say } from './say.js';

const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM'];

/**
 * Lets running tasks end, cancels those that have not started, and closes the scheduler. What fails meanwhile is not reported: the
 * commands look at every end themselves.
 *
 * @internal
 */
export function endAfterRunning(scheduler: Scheduler): Promise<void> {
  // A scheduler that runs would do what was submitted before it closes.
  void scheduler.stop();
  return scheduler.close().catch(() => undefined);
}

/** Calls `act` with each signal and the number of signals before it. Returns a function that stops listening. @internal */
export function onEndingSignals(act: (signal: NodeJS.Signals, before: number) => void): () => void {
  let count = 0;
  const listener = (signal: NodeJS.Signals): void => {
    act(signal, count);
    count += 1;
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  return () => {
    for (const signal of SIGNALS) process.off(signal, listener);
  };
}

/** The message at the first signal. @internal */
export function waitingAfter(signal: NodeJS.Signals): string {
  return `${signal}: waiting for what runs; a second one ends it`;
}

/** Ends a scheduler on signals. Listens from construction until `close`. @internal */
export class EndingSignals {
  readonly #name: string;
  readonly #scheduler: Scheduler;
  readonly #onFirst: () => void;
  readonly #stopListening: () => void;
  #first: NodeJS.Signals | undefined;

  /** @param onFirst - called at the first signal, after the scheduler has stopped taking tasks. */
  constructor(name: string, scheduler: Scheduler, onFirst: () => void) {
    this.#name = name;
    this.#scheduler = scheduler;
    this.#onFirst = onFirst;
    this.#stopListening = onEndingSignals((signal) => this.#received(signal));
  }

  /** Whether a signal has arrived. */
  get isEnding(): boolean {
    return this.#first !== undefined;
  }

  /** The exit code for the first signal; undefined if there was none. */
  get exitCode(): number | undefined {
    return this.#first === undefined ? undefined : codeOfSignal(this.#first);
  }

  close(): void {
    this.#stopListening();
  }

  #received(signal: NodeJS.Signals): void {
    if (this.#first === undefined) {
      this.#first = signal;
      say(this.#name, waitingAfter(signal));
      void endAfterRunning(this.#scheduler);
      this.#onFirst();
    } else {
      void this.#scheduler.terminate(`ended by ${signal}`);
    }
  }
}
