/** The options of `distributed` and `startWorker`, checked when they are called: all other files see settled options only. */
import { basename } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { availableParallelism } from 'node:os';
import { SchedulerError, shown } from '../core/failures.js';
import { checkOptionNames } from '../core/option-names.js';
import type { Executor } from '../core/ports.js';
import { MAX_TIMER_MS } from '../core/timers.js';
import { hrefOf, integerOption } from '../executors/remote/option-values.js';
import { type Blobs, checkBlobs } from './blobs/blobs.js';

/**
 * Where Redis is, and what it asks for.
 *
 * @public
 */
export interface RedisConnection {
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** Default: 6379. */
  readonly port?: number;
  readonly username?: string;
  readonly password?: string;
  /** Number of the database. Default: 0. */
  readonly db?: number;
  /** For a connection by TLS: the options of Node's `tls.connect`. */
  readonly tls?: ConnectionOptions;
}

/**
 * The options that schedulers and workers share.
 *
 * @public
 */
export interface SharedOptions {
  /** Where Redis is: its address, or a URL such as `rediss://user:password@host:6379/0`. */
  readonly connection: RedisConnection | string;
  /** Name of the queue in Redis, the same for scheduler and workers. Default: the name of the module's file, without its extension. */
  readonly name?: string;
  /** What all keys in Redis begin with, the same for scheduler and workers. Default: `pullgraph`. */
  readonly prefix?: string;
  /**
   * Version of the module. A worker with another one refuses the attempt with `VersionMismatch`. Default: a fingerprint of the
   * module's file.
   */
  readonly version?: string;
  /** How often the scheduler, or the worker, shows that it lives, and looks at the others; in milliseconds. Default: 2,000. */
  readonly beatMs?: number;
  /**
   * Where arguments and results of more than `inlineBytes` lie on their way, the same for scheduler and workers. Default: keys of
   * their own in the same Redis, for a day at most.
   */
  readonly blobs?: Blobs;
  /** Up to how many bytes an argument list or a result travels in the message itself, from 4,096. Default: 65,536. */
  readonly inlineBytes?: number;
  /**
   * Called once with the error when Redis becomes unavailable or full, and with `undefined` when it is available again. Default: a
   * process warning with the code `PULLGRAPH_REDIS_UNAVAILABLE`.
   */
  readonly onOutage?: (error: SchedulerError | undefined) => void;
}

/**
 * Options of `distributed`.
 *
 * @public
 */
export interface DistributedOptions extends SharedOptions {
  /**
   * How long, in milliseconds, the jobs of this scheduler are kept when it has gone without closing; then the workers end and
   * remove them. Default: 60,000.
   */
  readonly leaseMs?: number;
}

/**
 * Options of `startWorker`.
 *
 * @public
 */
export interface WorkerOptions extends SharedOptions {
  /** How many attempts run at once, an integer from 1. Default: the available parallelism. */
  readonly slots?: number;
  /**
   * Runs the functions. Default: `threads()` with as many threads as slots. It must leave this thread free, or the worker is
   * taken for dead while a function runs. Closed along with the worker.
   */
  readonly executor?: Executor;
  /**
   * The worker is taken for dead, and its attempts fail with `WorkerLost`, when nothing has been heard of it for this long, in
   * milliseconds; at least twice `beatMs`. Default: 10,000.
   */
  readonly expireMs?: number;
}

const SHARED_NAMES = {
  connection: true,
  name: true,
  prefix: true,
  version: true,
  beatMs: true,
  blobs: true,
  inlineBytes: true,
  onOutage: true,
} as const;
const NAMES = { ...SHARED_NAMES, leaseMs: true } satisfies Record<keyof DistributedOptions, true>;
const WORKER_NAMES = {
  ...SHARED_NAMES,
  slots: true,
  executor: true,
  expireMs: true,
} satisfies Record<keyof WorkerOptions, true>;
const CONNECTION_NAMES = {
  host: true,
  port: true,
  username: true,
  password: true,
  db: true,
  tls: true,
} satisfies Record<keyof RedisConnection, true>;

/** Enough for most errors, which tell of blobs too. */
const LEAST_INLINE_BYTES = 4_096;
/** BullMQ copies what is in a message more than once. */
const MOST_INLINE_BYTES = 2 ** 24;

/** With defaults filled in. @internal */
export interface SettledOptions {
  /** The user's call, for messages. */
  readonly call: string;
  readonly moduleHref: string;
  readonly connection: RedisConnection | string;
  readonly name: string;
  readonly prefix: string;
  readonly version: string | undefined;
  readonly beatMs: number;
  readonly blobs: Blobs | undefined;
  readonly inlineBytes: number;
  readonly onOutage: (error: SchedulerError | undefined) => void;
}

/** @throws SchedulerError `InvalidOption`. @internal */
export function settleOptions(
  moduleUrl: URL | string,
  options: DistributedOptions,
): SettledOptions & { readonly leaseMs: number } {
  const call = 'distributed';
  checkOptionNames(call, options, NAMES);
  const shared = settleShared(call, moduleUrl, options);
  return { ...shared, leaseMs: integerOption(call, 'leaseMs', options.leaseMs ?? 60_000, shared.beatMs, MAX_TIMER_MS) };
}

/** @throws SchedulerError `InvalidOption`. @internal */
export function settleWorkerOptions(
  moduleUrl: URL | string,
  options: WorkerOptions,
): SettledOptions & Required<Pick<WorkerOptions, 'slots' | 'expireMs'>> & Pick<WorkerOptions, 'executor'> {
  const call = 'startWorker';
  checkOptionNames(call, options, WORKER_NAMES);
  const shared = settleShared(call, moduleUrl, options);
  const { executor, slots = availableParallelism(), expireMs = Math.max(10_000, 2 * shared.beatMs) } = options;
  return {
    ...shared,
    slots: integerOption(call, 'slots', slots, 1, 10_000),
    expireMs: integerOption(call, 'expireMs', expireMs, 2 * shared.beatMs, MAX_TIMER_MS),
    ...(executor === undefined ? {} : { executor }),
  };
}

function settleShared(call: string, moduleUrl: URL | string, options: SharedOptions): SettledOptions {
  const moduleHref = hrefOf(call, moduleUrl);
  const { connection, version, beatMs = 2_000, prefix = 'pullgraph', onOutage = warn } = options;
  const { blobs, inlineBytes = 65_536 } = options;
  if (blobs !== undefined) checkBlobs(call, blobs);
  checkConnection(call, connection);
  const name = options.name ?? nameOf(moduleHref);
  for (const [option, value] of Object.entries({ name, prefix })) {
    if (typeof value === 'string' && value !== '' && !value.includes(':')) continue;
    throw invalid(call, `${option} to be a text without a colon, got ${shown(value)}`);
  }
  if (version !== undefined && typeof version !== 'string') {
    throw invalid(call, `version to be a text, got ${shown(version)}`);
  }
  if (typeof onOutage !== 'function') throw invalid(call, `onOutage to be a function, got ${shown(onOutage)}`);
  return {
    call,
    moduleHref,
    connection,
    name,
    prefix,
    version,
    beatMs: integerOption(call, 'beatMs', beatMs, 10, MAX_TIMER_MS / 2),
    blobs,
    inlineBytes: integerOption(call, 'inlineBytes', inlineBytes, LEAST_INLINE_BYTES, MOST_INLINE_BYTES),
    onOutage,
  };
}

/** Messages name no part of it, which may be secret. */
function checkConnection(call: string, connection: unknown): void {
  if (typeof connection === 'string') {
    const isRedis = URL.canParse(connection) && /^rediss?:$/.test(new URL(connection).protocol);
    if (!isRedis) throw invalid(call, 'connection to be a URL that begins with redis:// or rediss://');
    return;
  }
  if (typeof connection !== 'object' || connection === null) {
    throw invalid(call, 'connection to be the address of Redis or its URL');
  }
  checkOptionNames(`${call} connection`, connection, CONNECTION_NAMES);
}

function nameOf(moduleHref: string): string {
  return (
    decodeURIComponent(basename(new URL(moduleHref).pathname))
      .replace(/\.[^.]*$/, '')
      .replaceAll(':', '-') || 'module'
  );
}

function invalid(call: string, expectation: string): SchedulerError {
  return new SchedulerError('InvalidOption', `${call}(): expected ${expectation}`);
}

function warn(error: SchedulerError | undefined): void {
  if (error !== undefined) process.emitWarning(error.message, { code: 'PULLGRAPH_REDIS_UNAVAILABLE' });
}
