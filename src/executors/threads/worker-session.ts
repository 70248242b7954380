/**
 * The worker's side of a session: takes one attempt after another from its port, calls the function, and says how it
 * went. It never throws out of a message: whatever goes wrong in an attempt is that attempt's end.
 */
import { type MessagePort, receiveMessageOnPort, threadId } from 'node:worker_threads';
import { isThenable } from '../../core/thenable.js';
import { postingFailure, THREAD } from '../remote/cloneability.js';
import { callExport, type LoadedModule } from '../remote/loaded-module.js';
import { ABORT, END_SESSION, PARTIAL, READY, RETURNED, RUN, STREAM_ENDED, THREW, toWorker } from './messages.js';
import type { FromWorker, Order, SessionStart, ToWorker } from './messages.js';
import { awaitWindow, claim, type SessionCells, STREAM_WINDOW } from './session-cells.js';
import { onSharedMemory } from './shared-memory.js';
import { decodeThrown, encodeThrown } from '../remote/thrown-value.js';
import { WorkerContext } from './worker-context.js';
import { deliverAll } from './worker-stream.js';

/**
 * The worker's side of one session.
 *
 * @internal
 */
export class WorkerSession {
  readonly #port: MessagePort;
  readonly #cells: SessionCells;
  readonly #share: boolean;
  readonly #module: LoadedModule;
  readonly #readMessages = (): void => this.#drainPort();
  /** Given and not begun, in their order. */
  readonly #orders: Order[] = [];
  #current: WorkerContext | undefined;
  #isNextDue = false;
  /** Partial results, since the session began. */
  #partialsSent = 0;
  #end: () => void = () => {};

  constructor(start: SessionStart, module: LoadedModule) {
    this.#port = start.port;
    this.#cells = start.cells;
    this.#share = start.share;
    this.#module = module;
  }

  /** Resolves when the main thread ends the session. */
  async serve(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#end = resolve;
      this.#port.on('message', (message: unknown) => this.#received(toWorker(message)));
      this.#post([READY, threadId]);
    });
  }

  #drainPort(): void {
    for (let entry = receiveMessageOnPort(this.#port); entry !== undefined; entry = receiveMessageOnPort(this.#port)) {
      this.#received(toWorker(entry.message));
    }
  }

  #received(message: ToWorker): void {
    switch (message[0]) {
      case RUN:
        this.#orders.push(...message[1]);
        if (this.#current === undefined && !this.#isNextDue) this.#next();
        return;
      case ABORT:
        if (this.#current?.seq === message[1]) this.#current.abort(decodeThrown(message[2]));
        return;
      case END_SESSION:
        this.#end();
        return;
    }
  }

  #next(): void {
    this.#isNextDue = false;
    for (let order = this.#orders.shift(); order !== undefined; order = this.#orders.shift()) {
      // The main thread may have taken it back before this thread came to it.
      if (!claim(this.#cells, order[0])) continue;
      this.#run(order);
      return;
    }
  }

  /** The end of an attempt has been posted. What it left behind, an error above all, comes before the next begins. */
  #ended(): void {
    this.#current = undefined;
    if (this.#orders.length === 0) return;
    this.#isNextDue = true;
    setImmediate(() => this.#next());
  }

  #run([seq, name, stream, id, queue, attempt, args]: Order): void {
    const context = new WorkerContext({ id, queue, attempt, seq }, this.#cells, this.#readMessages);
    this.#current = context;
    let value: unknown;
    try {
      value = callExport(this.#module, name, args, context);
    } catch (error) {
      this.#threw(seq, error);
      return;
    }
    if (stream !== 'none') void this.#stream(context, value, stream === 'paced' ? 1 : STREAM_WINDOW);
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
    const deliver = (value: unknown): void => {
      try {
        this.#post([PARTIAL, seq, this.#share ? onSharedMemory(value) : value]);
      } catch (error) {
        throw postingFailure(THREAD, id, `result[${sent}]`, value, error);
      }
      sent++;
      awaitWindow(this.#cells, seq, ++this.#partialsSent, window);
    };
    try {
      await deliverAll(source, context, deliver);
    } catch (error) {
      this.#threw(seq, error);
      return;
    }
    this.#post([STREAM_ENDED, seq, sent]);
    this.#ended();
  }

  #returned({ id, seq }: WorkerContext, value: unknown): void {
    try {
      this.#post([RETURNED, seq, this.#share ? onSharedMemory(value) : value]);
    } catch (error) {
      this.#threw(seq, postingFailure(THREAD, id, 'result', value, error));
      return;
    }
    this.#ended();
  }

  #threw(seq: number, error: unknown): void {
    this.#post([THREW, seq, encodeThrown(THREAD, error)]);
    this.#ended();
  }

  #post(message: FromWorker): void {
    this.#port.postMessage(message);
  }
}
