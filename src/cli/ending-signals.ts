/**
 * SIGINT and SIGTERM as a request to end: at the first one everything that runs may come to its end, at the second one it
 * is ended. Listens only as long as it is asked to.
 */
import type { Scheduler } from '../runtime/scheduler.js';
import { codeOfSignal } from './exit-codes.js';
import { say } from './say.js';

const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM'];

/** Calls `act` with each of them and how many there were before it. Returns what ends it. @internal */
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

/** What is said at the first of them. @internal */
export function waitingAfter(signal: NodeJS.Signals): string {
  return `${signal}: waiting for what runs; a second one ends it`;
}

/** What they do to a scheduler. Listens from its making until `close`. @internal */
export class EndingSignals {
  readonly #name: string;
  readonly #scheduler: Scheduler;
  readonly #onFirst: () => void;
  readonly #stopListening: () => void;
  #first: NodeJS.Signals | undefined;

  /** `onFirst` is called at the first signal, after the scheduler has stopped taking tasks. */
  constructor(name: string, scheduler: Scheduler, onFirst: () => void) {
    this.#name = name;
    this.#scheduler = scheduler;
    this.#onFirst = onFirst;
    this.#stopListening = onEndingSignals((signal) => this.#received(signal));
  }

  /** Whether it has been asked to end. */
  get isEnding(): boolean {
    return this.#first !== undefined;
  }

  /** The exit code that the first signal asks for. */
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
      void this.#scheduler.close();
      this.#onFirst();
    } else {
      void this.#scheduler.terminate(`ended by ${signal}`);
    }
  }
}
