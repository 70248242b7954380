/**
 * The workers, which belong to piscina: it starts one for a session that finds none idle, applies resource limits, and ends it
 * after `idleMs` of rest. It is given one long task per session and never a waiting attempt.
 *
 * Invariant: piscina's own queue holds nothing whose order matters.
 */
import type { Piscina } from 'piscina';
import { neededPackage } from '../../core/needed-package.js';
import { atMost } from '../remote/at-most.js';
import { workerFile } from '../remote/worker-file.js';
import type { SessionStart } from './messages.js';
import type { SettledOptions } from './options.js';

// Only a thread that is stuck outside JavaScript, where it cannot be ended, takes longer.
const TERMINATE_MS = 5_000;

/**
 * The workers of one executor. None exists before the first session.
 *
 * @internal
 */
export class WorkerPool {
  readonly #options: SettledOptions;
  readonly #onWorkerGone: (cause: unknown) => void;
  readonly #workerHref = workerFile('threads()', './worker.js', import.meta.url).href;
  #class: typeof Piscina | undefined;
  #piscina: Piscina | undefined;

  /**
   * `onWorkerGone` is called after a worker has ended and its session, if any, has been told.
   *
   * @throws SchedulerError `WorkerFileMissing`.
   */
  constructor(options: SettledOptions, onWorkerGone: (cause: unknown) => void) {
    this.#options = options;
    this.#onWorkerGone = onWorkerGone;
  }

  /** Must be called before the first session. Rejects with `MissingPackage` if piscina is not installed. */
  async load(): Promise<void> {
    this.#class = (await neededPackage('piscina', 'threads()', () => import('piscina'))).Piscina;
  }

  /** The number of workers, including those that are starting. */
  get threadCount(): number {
    return this.#piscina?.threads.length ?? 0;
  }

  /** Resolves when the session ends by itself; rejects with the error that ended its worker. */
  async run(start: SessionStart): Promise<void> {
    this.#piscina ??= this.#create();
    await this.#piscina.run(start, { transferList: [start.port] });
  }

  /** Ends one worker, whatever it is doing. */
  terminate(threadId: number): void {
    const worker = this.#piscina?.threads.find((candidate) => candidate.threadId === threadId);
    // If there is none, the thread is already ending, and its session hears of that as of any other end.
    void worker?.terminate();
  }

  /** Ends all workers, whatever they are doing, and the sessions that wait for one. */
  async destroy(): Promise<void> {
    const piscina = this.#piscina;
    this.#piscina = undefined;
    if (piscina !== undefined) await atMost(TERMINATE_MS, piscina.destroy());
  }

  #create(): Piscina {
    const { size, idleMs, resourceLimits } = this.#options;
    if (this.#class === undefined) throw new Error('expected piscina to be loaded before a session, got a session');
    const piscina = new this.#class({
      filename: this.#workerHref,
      name: 'session',
      minThreads: 0,
      maxThreads: size,
      idleTimeout: idleMs,
      concurrentTasksPerWorker: 1,
      stricterFIFO: true,
      recordTiming: false,
      // A worker blocked in Atomics.wait would not handle the leftovers of its module: timers, rejections, output.
      atomics: 'disabled',
      ...(resourceLimits === undefined ? {} : { resourceLimits }),
    });
    let cause: unknown = new Error('the worker ended');
    // Reports a worker without a session; any other worker's session hears by the rejection of its run.
    piscina.on('error', (error: unknown) => {
      cause = error;
    });
    piscina.on('workerDestroy', () => {
      setImmediate(() => {
        if (this.#piscina === piscina) this.#onWorkerGone(cause);
      });
    });
    return piscina;
  }
}
