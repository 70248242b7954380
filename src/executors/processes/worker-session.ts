/**
 * The worker's side: takes one attempt after another from its channel, calls the function, and says how it went. It never
 * throws out of a message: whatever goes wrong in an attempt is that attempt's end.
 */
import { postingFailure, PROCESS } from '../remote/cloneability.js';
import { isThenable } from '../../core/thenable.js';
import { callExport, type LoadedModule } from '../remote/loaded-module.js';
import { decodeThrown, encodeThrown } from '../remote/thrown-value.js';
import { ABORT, BEGUN, END, PARTIAL, RETURNED, RUN, TAKEN, THREW, UNASKED } from './messages.js';
import type { FromWorker, ToWorker } from './messages.js';
import { WorkerContext } from './worker-context.js';
import { deliverAll } from './worker-stream.js';

type Run = Extract<ToWorker, readonly [typeof RUN, ...unknown[]]>;

/**
 * What a worker process does with the messages that come to it.
 *
 * @internal
 */
export class WorkerSession {
  readonly #module: LoadedModule;
  readonly #send: (message: FromWorker) => void;
  readonly #onEnd: () => void;
  #current: WorkerContext | undefined;

  /** `send` throws where the message cannot cross. */
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

  #run([, seq, name, window, id, queue, attempt, args]: Run): void {
    const context = new WorkerContext(id, queue, attempt, seq);
    this.#current = context;
    this.#send([BEGUN, seq]);
    let value: unknown;
    try {
      value = callExport(this.#module, name, args, context);
    } catch (error) {
      this.#threw(seq, error);
      return;
    }
    if (window > 0) void this.#stream(context, value, window);
    else if (isThenable(value)) void this.#await(context, value);
    else this.#returned(context, value);
  }

  async #await(context: WorkerContext, value: PromiseLike<unknown>): Promise<void> {
    let result: unknown;
    try {
      result = await value;
    } catch (error) {
      this.#threw(context.seq, error);
      return;
    }
    this.#returned(context, result);
  }

  async #stream(context: WorkerContext, source: unknown, window: number): Promise<void> {
    const { id, seq } = context;
    let sent = 0;
    const deliver = async (value: unknown): Promise<void> => {
      try {
        this.#send([PARTIAL, seq, value]);
      } catch (error) {
        throw postingFailure(PROCESS, id, `result[${sent}]`, value, error);
      }
      sent += 1;
      await context.room(window);
    };
    try {
      await deliverAll(source, context, deliver);
    } catch (error) {
      this.#threw(seq, error);
      return;
    }
    this.#returned(context, undefined);
  }

  #returned({ id, seq }: WorkerContext, value: unknown): void {
    try {
      this.#send([RETURNED, seq, value]);
    } catch (error) {
      this.#threw(seq, postingFailure(PROCESS, id, 'result', value, error));
      return;
    }
    this.#current = undefined;
  }

  #threw(seq: number, error: unknown): void {
    this.#current = undefined;
    this.#send([THREW, seq, encodeThrown(PROCESS, error)]);
  }
}
