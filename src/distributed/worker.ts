/**
 * A worker: takes jobs from BullMQ as it has slots, runs their functions in an executor of its own, and reports to their schedulers.
 *
 * Invariant: a job is begun once; neither a retry of BullMQ's nor its handling of stalled jobs calls a function again.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Job, Worker } from 'bullmq';
import { SchedulerError, WorkerLost } from '../core/failures.js';
import type { Clock, Executor, TaskFunction } from '../core/ports.js';
import { functionNotFound } from '../executors/remote/exported-functions.js';
import { importModule } from '../executors/remote/module-import.js';
import { decodeThrown } from '../executors/remote/thrown-value.js';
import { threads } from '../executors/index.js';
import { backgroundClock } from '../system/environment.js';
import type { DistributedWorker } from './distributed-worker.js';
import { JobQueue } from './job-queue.js';
import { readArguments } from './blobs/lent-arguments.js';
import { payloadsOver } from './blobs/over-link.js';
import type { Payloads } from './blobs/payloads.js';
import { Keys } from './keys.js';
import { RedisLink } from './link.js';
import { decodeOrder, type JobData, type Presence, PROTOCOL, readJob } from './messages.js';
import { moduleVersion } from './module-version.js';
import { settleWorkerOptions, type WorkerOptions } from './options.js';
import { Outbox } from './outbox.js';
import { type RedisPackages, redisPackages } from './packages.js';
import { RunningAttempt } from './running-attempt.js';
import { RunWatch } from './run-watch.js';
import { StreamReader } from './stream-reader.js';

type Settled = ReturnType<typeof settleWorkerOptions>;

/** BullMQ ends a job whose lock was not renewed for this long. Nothing waits for that: it only clears away. */
const LOCK_MS = 30_000;

/** When Redis is back, jobs are taken after so long at most; by default BullMQ waits for 15 s. */
const FETCH_AGAIN_MS = 500;

class RedisWorker implements DistributedWorker {
  readonly id = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
  readonly slots: number;
  readonly #options: Settled;
  readonly #version: string;
  readonly #functions: object;
  readonly #executor: Executor;
  readonly #link: RedisLink;
  readonly #keys: Keys;
  readonly #payloads: Payloads;
  readonly #outbox: Outbox;
  readonly #runs: RunWatch;
  readonly #queue: JobQueue;
  readonly #inbox: StreamReader;
  /** They share the slots. */
  readonly #fetchers: readonly Worker[];
  readonly #clock: Clock;
  readonly #running = new Map<string, RunningAttempt>();
  #beat = 0;
  #isDraining = false;
  #hasLeft = false;
  #cancelTimer: (() => void) | undefined;
  #ended: Promise<void> | undefined;

  constructor(packages: RedisPackages, options: Settled, version: string, functions: object, clock: Clock) {
    this.slots = options.slots;
    this.#options = options;
    this.#version = version;
    this.#functions = functions;
    this.#clock = clock;
    this.#executor = options.executor ?? threads(options.moduleHref, { size: options.slots });
    this.#link = new RedisLink(packages, options, clock);
    this.#keys = new Keys(options.prefix, options.name);
    this.#payloads = payloadsOver(this.#link, this.#keys, options);
    this.#outbox = new Outbox(this.#link, this.#keys);
    this.#queue = new JobQueue(packages, this.#link, this.#keys, options);
    this.#runs = new RunWatch(this.#link, this.#keys, this.#outbox, options.beatMs, {
      queue: this.#queue,
      payloads: this.#payloads,
    });
    this.#inbox = new StreamReader(this.#link, this.#keys.inbox(this.id), (message) => this.#received(message));
    this.#fetchers = sharesOf(options.slots).map((concurrency) => this.#fetcher(packages, concurrency));
  }

  #fetcher({ bullmq }: RedisPackages, concurrency: number): Worker {
    const { name, prefix } = this.#options;
    const fetcher = new bullmq.Worker(name, (job: Job) => this.#process(job), {
      connection: this.#link.client,
      prefix,
      name: this.id,
      concurrency,
      autorun: false,
      lockDuration: LOCK_MS,
      runRetryDelay: FETCH_AGAIN_MS,
      maxStalledCount: 0,
      maxStartedAttempts: 1,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
    });
    // The link tells of outages.
    fetcher.on('error', () => undefined);
    return fetcher;
  }

  get running(): number {
    return this.#running.size;
  }

  /** Resolves when the schedulers can see the worker. */
  async start(): Promise<void> {
    await this.#show();
    for (const fetcher of this.#fetchers) void fetcher.run().catch(() => undefined);
    this.#plan();
  }

  drain(): Promise<void> {
    this.#ended ??= this.#drain();
    return this.#ended;
  }

  close(): Promise<void> {
    const drained = this.drain();
    for (const running of this.#running.values()) {
      running.lose(new WorkerLost(running.id, this.id));
    }
    return this.#link.now(() => drained).then((isDone) => (isDone ? undefined : this.#leaveUnseen()));
  }

  async #leaveUnseen(): Promise<void> {
    this.#endBeats();
    this.#link.close();
    for (const fetcher of this.#fetchers) void fetcher.close(true).catch(() => undefined);
    await this.#executor.close();
  }

  async #drain(): Promise<void> {
    this.#isDraining = true;
    if (this.#link.isUp) await this.#show().catch(() => undefined);
    // A connection that waits to be made again never says that it has ended, which BullMQ waits for.
    await this.#link.connected();
    // Not `close`, which cannot be forced once it waits.
    await Promise.all(this.#fetchers.map((fetcher) => fetcher.pause().catch(() => undefined)));
    await Promise.all(this.#fetchers.map((fetcher) => fetcher.close().catch(() => undefined)));
    await this.#executor.close();
    if (this.#link.isUp) await this.#outbox.flushed();
    this.#endBeats();
    if (this.#link.isUp) await this.#leave().catch(() => undefined);
    this.#link.close();
  }

  #plan(): void {
    this.#cancelTimer = this.#clock.after(this.#options.beatMs, () => void this.#nextBeat());
  }

  async #nextBeat(): Promise<void> {
    try {
      await this.#show();
      this.#inbox.trim();
      const gone = await this.#runs.look(new Set([...this.#running.values()].map(({ run }) => run)));
      for (const running of this.#running.values()) {
        if (!gone.has(running.run)) continue;
        const message = 'the scheduler of the attempt has gone';
        running.lose(new SchedulerError('WorkerLost', message, { tasks: [running.id] }));
      }
    } catch {
      // Closed while it waited.
    }
    if (!this.#link.isClosed && !this.#hasLeft) this.#plan();
  }

  /** None that is on its way is followed by another, which would show the worker again. */
  #endBeats(): void {
    this.#hasLeft = true;
    this.#cancelTimer?.();
  }

  async #show(): Promise<void> {
    const { beatMs, expireMs } = this.#options;
    this.#beat += 1;
    const presence: Presence = {
      beat: this.#beat,
      protocol: PROTOCOL,
      module: this.#version,
      slots: this.#isDraining ? 0 : this.slots,
      expireMs,
      jobs: [...new Set([...this.#running.keys(), ...this.#outbox.jobs])],
    };
    await this.#link.pipeline((commands) =>
      commands
        .set(this.#keys.worker(this.id), JSON.stringify(presence), 'PX', 10 * Math.max(expireMs, beatMs))
        .sadd(this.#keys.workers, this.id),
    );
  }

  async #leave(): Promise<void> {
    await this.#link.pipeline((commands) =>
      commands.srem(this.#keys.workers, this.id).del(this.#keys.worker(this.id), this.#keys.inbox(this.id)),
    );
  }

  /** Resolves when the attempt has ended and all its reports are on their way. */
  async #process(job: Job): Promise<void> {
    const { id: jobId } = job;
    const data = readJob(job.data);
    if (data === undefined || jobId === undefined) return;
    const running = new RunningAttempt(
      jobId,
      data,
      this.#functionOf(job.name, data),
      this.#executor,
      this.id,
      this.#outbox,
      this.#payloads,
    );
    this.#running.set(jobId, running);
    const mismatch = this.#mismatch(data);
    if (mismatch === undefined) await this.#begin(running, data);
    else running.failed(mismatch);
    await running.ended;
    this.#running.delete(jobId);
  }

  async #begin(running: RunningAttempt, { id, args }: JobData): Promise<void> {
    try {
      running.args = await readArguments(this.#payloads, `task ${id}`, args);
      running.throwIfAborted();
    } catch (error) {
      running.failed(error);
      return;
    }
    this.#executor.run(running);
  }

  #functionOf(name: string, { id }: JobData): TaskFunction {
    const fn: unknown = Reflect.get(this.#functions, name);
    if (isFunction(fn)) return fn;
    return () => {
      throw functionNotFound(id, name, this.#options.moduleHref, Object.keys(this.#functions));
    };
  }

  #mismatch({ id, module, protocol }: JobData): SchedulerError | undefined {
    const what =
      protocol !== PROTOCOL
        ? `protocol ${protocol} of pullgraph, worker ${this.id} has ${PROTOCOL}: install the same version on both`
        : module !== '' && this.#version !== '' && module !== this.#version
          ? `version ${module} of the module, worker ${this.id} has ${this.#version}: give both the same`
          : undefined;
    if (what === undefined) return undefined;
    return new SchedulerError('VersionMismatch', `task ${id}: its scheduler has ${what}`, { tasks: [id] });
  }

  #received(message: Buffer): void {
    const order = decodeOrder(message);
    const running = order === undefined ? undefined : this.#running.get(order.job);
    if (order === undefined || running === undefined) return;
    if (order.kind === 'taken') running.taken(order.count);
    else running.abort(decodeThrown(order.reason), order.graceMs);
  }
}

/**
 * The slots of each of BullMQ's workers. One fetches a job at a time and waits for Redis meanwhile; with two, no-op jobs take three
 * quarters of the time.
 */
function sharesOf(slots: number): readonly number[] {
  return slots === 1 ? [1] : [Math.ceil(slots / 2), Math.floor(slots / 2)];
}

function isFunction(value: unknown): value is TaskFunction {
  return typeof value === 'function';
}

/**
 * Starts a worker in this process: it runs the functions that `moduleUrl` exports for every scheduler whose queue is `distributed` over
 * the same module, and nothing else. Functions run in worker threads unless `executor` says otherwise.
 *
 * Resolves when schedulers can see it; while Redis is away it waits. Rejects with the module's own error or `ModuleNotLoaded`, or with
 * `MissingPackage` if bullmq or ioredis is not installed.
 *
 * @throws SchedulerError `InvalidOption`.
 * @public
 */
export async function startWorker(moduleUrl: URL | string, options: WorkerOptions): Promise<DistributedWorker> {
  const settled = settleWorkerOptions(moduleUrl, options);
  const packages = await redisPackages('startWorker()');
  const [functions, version] = await Promise.all([
    importModule(settled.moduleHref),
    settled.version ?? moduleVersion(settled.moduleHref),
  ]);
  const worker = new RedisWorker(packages, settled, version, functions, backgroundClock);
  await worker.start();
  return worker;
}
