/**
 * The workers, which are piscina's: it starts one where a session finds none at rest, limits it, and lets it go when it
 * has been at rest for `idleMs`. It is given one long task per session and never a waiting attempt, so that its own
 * queue holds nothing whose order matters.
 */
import type { Piscina } from 'piscina';
import { neededPackage } from '../../core/needed-package.js';
import { atMost } from '../remote/at-most.js';
import type { SessionStart } from './messages.js';
import type { SettledOptions } from './options.js';

// The worker's file stands beside this one and is of its kind: TypeScript in the source, JavaScript where it is built.
const WORKER_HREF = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url).href;

// Only a thread that is stuck outside JavaScript, where nothing can end it, takes longer.
const TERMINATE_MS = 5_000;

/**
 * The workers of one executor. None is there before there is a session to run.
 *
 * @internal
 */
export class WorkerPool {
  readonly #options: SettledOptions;
  readonly #onWorkerGone: (cause: unknown) => void;
  #class: typeof Piscina | undefined;
  #piscina: Piscina | undefined;

  /** `onWorkerGone` is called after a worker has ended and the session that it had, if any, has been told. */
  constructor(options: SettledOptions, onWorkerGone: (cause: unknown) => void) {
    this.#options = options;
    this.#onWorkerGone = onWorkerGone;
  }

  /** To be called before the first session. Rejects with `MissingPackage` where piscina is not installed. */
  async load(): Promise<void> {
    this.#class = (await neededPackage('piscina', 'threads()', () => import('piscina'))).Piscina;
  }

  /** Workers that run or are about to. */
  get threadCount(): number {
    return this.#piscina?.threads.length ?? 0;
  }

  /** Resolves when the session ends by itself; rejects with what ended its worker. */
  async run(start: SessionStart): Promise<void> {
    this.#piscina ??= this.#create();
    await this.#piscina.run(start, { transferList: [start.port] });
  }

  /** Ends the one worker, whatever it is doing. */
  terminate(threadId: number): void {
    const worker = this.#piscina?.threads.find((candidate) => candidate.threadId === threadId);
    // Where there is none the thread is ending already. Its session hears of the end as of any other.
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
      filename: WORKER_HREF,
      name: 'session',
      minThreads: 0,
      maxThreads: size,
      idleTimeout: idleMs,
      concurrentTasksPerWorker: 1,
      stricterFIFO: true,
      recordTiming: false,
      // A worker that waits in Atomics.wait would not hear of what its module left behind: timers, rejections, output.
      atomics: 'disabled',
      ...(resourceLimits === undefined ? {} : { resourceLimits }),
    });
    let cause: unknown = new Error('the worker ended');
    // Told of a worker that runs no session; the session of any other is told by the rejection of its run.
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
