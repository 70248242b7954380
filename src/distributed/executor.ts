/** The executor for many machines. It finds the functions of the module by name, and leaves what follows to the dispatcher. */
import type { Attempt, Clock, Executor } from '../core/ports.js';
import { Intake } from '../executors/remote/intake.js';
import { backgroundClock } from '../system/environment.js';
import { Dispatcher } from './dispatcher.js';
import { moduleVersion } from './module-version.js';
import { type DistributedOptions, settleOptions } from './options.js';
import { redisPackages } from './packages.js';

/**
 * Runs the functions that `moduleUrl` exports on workers anywhere: each attempt is a job of BullMQ in Redis or Valkey, which one of the
 * workers takes that `pullgraph worker` or `startWorker` has started with the same module. Functions are submitted as this process
 * imports them, and run unchanged. The scheduler decides what starts and when; with the queue's `concurrency: 'workers'` it
 * starts as many as the connected workers have slots.
 *
 * Arguments and results are copied by V8's serialization; at most 256 results of a generator are on their way. An attempt fails with
 * the error that its function throws; with `FunctionNotFound`, `ModuleNotLoaded` or `NotCloneable` as in `processes`; with `WorkerLost`
 * if its worker ends or is not heard of in time; with `VersionMismatch` if the worker has another version of the module or of this
 * package; with `MissingPackage` if bullmq or ioredis is not installed. While Redis is away or full, attempts wait.
 *
 * @throws SchedulerError `InvalidOption`.
 * @public
 */
export function distributed(moduleUrl: URL | string, options: DistributedOptions): Executor {
  return new DistributedExecutor(settleOptions(moduleUrl, options), backgroundClock);
}

class DistributedExecutor implements Executor {
  readonly name = 'distributed';
  readonly endsTogether = true;
  readonly #options: ReturnType<typeof settleOptions>;
  readonly #clock: Clock;
  readonly #intake: Intake;
  #dispatcher: Promise<Dispatcher> | undefined;
  #open: Dispatcher | undefined;
  readonly #slotWatchers: ((slots: number) => void)[] = [];
  #slots: number | undefined = undefined;
  #storeId: string | undefined = undefined;

  constructor(options: ReturnType<typeof settleOptions>, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#intake = new Intake(
      options.moduleHref,
      'workers',
      () => this.#arrived(),
      async () => (await this.#connected()).opened,
    );
  }

  run(attempt: Attempt): void {
    this.#intake.take(attempt);
  }

  abort(attempt: Attempt, reason: unknown, graceMs?: number): void {
    if (this.#open?.abort(attempt, reason, graceMs) !== true) this.#intake.drop(attempt, reason);
  }

  resumes(storeId: string): void {
    this.#storeId ??= storeId;
  }

  watchSlots(changed: (slots: number) => void): void {
    this.#slotWatchers.push(changed);
    if (this.#slots !== undefined) changed(this.#slots);
    // Without the packages every attempt fails, which says so.
    this.#connected().catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#intake.close();
    const dispatcher = await this.#dispatcher?.catch(() => undefined);
    await dispatcher?.close();
  }

  #arrived(): void {
    const { waiting } = this.#intake;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) this.#open?.send(next);
  }

  #connected(): Promise<Dispatcher> {
    this.#dispatcher ??= this.#connect();
    return this.#dispatcher;
  }

  async #connect(): Promise<Dispatcher> {
    const packages = await redisPackages('distributed()');
    const module = this.#options.version ?? (await moduleVersion(this.#options.moduleHref));
    const port = { clock: this.#clock, storeId: this.#storeId };
    this.#open = new Dispatcher(packages, this.#options, module, port, (slots) => {
      this.#slots = slots;
      for (const changed of this.#slotWatchers) changed(slots);
    });
    return this.#open;
  }
}
