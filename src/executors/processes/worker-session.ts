/**
 * The worker's side: takes one attempt after another from its channel, calls the function, and reports how it ended.
 *
 * Invariant: handling a message never throws; an error in an attempt ends that attempt.
 */
import { PROCESS } from '../remote/cloneability.js';
import type { LoadedModule } from '../remote/loaded-module.js';
import { decodeThrown, encodeThrown } from '../remote/thrown-value.js';
import { type AttemptReports, makeAttempt } from '../remote/worker-attempt.js';
import { ABORT, BEGUN, END, PARTIAL, RETURNED, RUN, TAKEN, THREW, UNASKED } from './messages.js';
import type { FromWorker, ToWorker } from './messages.js';
import { WorkerContext } from './worker-context.js';

type Run = Extract<ToWorker, readonly [typeof RUN, ...unknown[]]>;

/**
 * Handles the messages to a worker process.
 *
 * @internal
 */
export class WorkerSession implements AttemptReports<WorkerContext> {
  readonly border = PROCESS;
  readonly #module: LoadedModule;
  readonly #send: (message: FromWorker) => void;
  readonly #onEnd: () => void;
  #current: WorkerContext | undefined;

  /** `send` throws if the message cannot be sent. */
  constructor(module: LoadedModule, send: (message: FromWorker) => void, onEnd: () => void) {
    this.#module = module;
    this.#send = send;
    this.#onEnd = onEnd;
  }

  received(message: ToWorker): void {
    switch (message[0]) {
      case RUN:
        this.#run(message);
        return;
      case ABORT:
        if (this.#current?.seq !== message[1]) return;
        if (!this.#current.abort(decodeThrown(message[2]))) this.#send([UNASKED, message[1]]);
        return;
      case TAKEN:
        if (this.#current?.seq === message[1]) this.#current.taken(message[2]);
        return;
      case END:
        this.#onEnd();
        return;
    }
  }

  partial(context: WorkerContext, value: unknown): Promise<void> {
    this.#send([PARTIAL, context.seq, value]);
    return context.room();
  }

  returned({ seq }: WorkerContext, value: unknown): void {
    this.#send([RETURNED, seq, value]);
    this.#current = undefined;
  }

  streamEnded(context: WorkerContext): void {
    this.returned(context, undefined);
  }

  threw({ seq }: WorkerContext, error: unknown): void {
    this.#current = undefined;
    this.#send([THREW, seq, encodeThrown(PROCESS, error)]);
  }

  #run([, seq, name, window, id, queue, attempt, args, trace]: Run): void {
    const context = new WorkerContext({ id, queue, attempt, seq, window, trace });
    this.#current = context;
    this.#send([BEGUN, seq]);
    makeAttempt({ module: this.#module, name, args, isStream: window > 0 }, context, this);
  }
}
