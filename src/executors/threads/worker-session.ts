/**
 * The worker's side of a session: takes one attempt after another from its port, calls the function, and reports how it ended.
 *
 * Invariant: handling a message never throws; an error in an attempt ends that attempt.
 */
import { type MessagePort, receiveMessageOnPort, threadId } from 'node:worker_threads';
import { THREAD } from '../remote/cloneability.js';
import type { LoadedModule } from '../remote/loaded-module.js';
import { ABORT, END_SESSION, PARTIAL, READY, RETURNED, RUN, STREAM_ENDED, THREW, toWorker } from './messages.js';
import type { FromWorker, Order, SessionStart, ToWorker } from './messages.js';
import { awaitWindow, claim, type SessionCells, STREAM_WINDOW } from './session-cells.js';
import { onSharedMemory } from './shared-memory.js';
import { decodeThrown, encodeThrown } from '../remote/thrown-value.js';
import { type AttemptReports, makeAttempt } from '../remote/worker-attempt.js';
import { WorkerContext } from './worker-context.js';

/**
 * The worker's side of one session.
 *
 * @internal
 */
export class WorkerSession implements AttemptReports<WorkerContext> {
  readonly border = THREAD;
  readonly #port: MessagePort;
  readonly #cells: SessionCells;
  readonly #share: boolean;
  readonly #module: LoadedModule;
  readonly #readMessages = (): void => this.#drainPort();
  /** The attempts given and not begun, in order. */
  readonly #orders: Order[] = [];
  #current: WorkerContext | undefined;
  #isNextDue = false;
  /** Partial results sent since the session began. */
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
      // The main thread may have taken it back in the meantime.
      if (!claim(this.#cells, order[0])) continue;
      this.#run(order);
      return;
    }
  }

  /** Called after the end of an attempt has been posted. Its leftovers, an uncaught error above all, come before the next begins. */
  #ended(): void {
    this.#current = undefined;
    if (this.#orders.length === 0) return;
    this.#isNextDue = true;
    setImmediate(() => this.#next());
  }

  #run([seq, name, stream, id, queue, attempt, args, trace]: Order): void {
    const window = stream === 'paced' ? 1 : STREAM_WINDOW;
    const context = new WorkerContext({ id, queue, attempt, seq, window, trace }, this.#cells, this.#readMessages);
    this.#current = context;
    makeAttempt({ module: this.#module, name, args, isStream: stream !== 'none' }, context, this);
  }

  partial({ seq, window }: WorkerContext, value: unknown): void {
    this.#postValue(PARTIAL, seq, value);
    awaitWindow(this.#cells, seq, ++this.#partialsSent, window);
  }

  returned({ seq }: WorkerContext, value: unknown): void {
    this.#postValue(RETURNED, seq, value);
    this.#ended();
  }

  streamEnded({ seq }: WorkerContext, count: number): void {
    this.#post([STREAM_ENDED, seq, count]);
    this.#ended();
  }

  threw({ seq }: WorkerContext, error: unknown): void {
    this.#post([THREW, seq, encodeThrown(THREAD, error)]);
    this.#ended();
  }

  #postValue(kind: typeof PARTIAL | typeof RETURNED, seq: number, value: unknown): void {
    this.#post([kind, seq, this.#share ? onSharedMemory(value) : value]);
  }

  #post(message: FromWorker): void {
    this.#port.postMessage(message);
  }
}
