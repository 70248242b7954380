/**
 * The connection to Redis. Commands wait while Redis is away or refuses them for a reason that will pass, such as a full memory; an
 * outage is told once, and once more when it is over.
 *
 * Invariant: no error of the client leaves this file except by its message, because the client keeps passwords in its errors.
 */
import type { ChainableCommander, Redis, RedisOptions } from 'ioredis';
import { deferred } from '../core/deferred.js';
import { describe, SchedulerError } from '../core/failures.js';
import type { Clock } from '../core/ports.js';
import { callListener } from '../core/throw-outside.js';
import type { SettledOptions } from './options.js';
import type { RedisPackages } from './packages.js';

const RETRY_MS = 200;
const LONGEST_RECONNECT_MS = 1_000;

/** How often each connection is asked for a sign of life. One that has given none by the next time is replaced. */
const PING_MS = 10_000;

/** Longest wait of a blocking command, which answers nothing else meanwhile; shorter than `PING_MS`. @internal */
export const BLOCK_MS = 5_000;

/** @internal */
export class RedisLink {
  readonly client: Redis;
  readonly #clock: Clock;
  readonly #onOutage: SettledOptions['onOutage'];
  readonly #duplicates = new Set<Redis>();
  readonly #reconnected: (() => void)[] = [];
  readonly #interrupted = new Set<() => void>();
  readonly #closed = new Set<() => void>();
  readonly #watches = new Map<Redis, () => void>();
  #hadConnection = false;
  #outage: 'none' | 'away' | 'refusing' = 'none';
  #isClosed = false;

  constructor({ ioredis }: RedisPackages, options: Pick<SettledOptions, 'connection' | 'onOutage'>, clock: Clock) {
    this.#clock = clock;
    this.#onOutage = options.onOutage;
    const { connection } = options;
    const own: RedisOptions = {
      maxRetriesPerRequest: null,
      retryStrategy: (times) => (this.#isClosed ? null : Math.min(LONGEST_RECONNECT_MS, 50 * 2 ** Math.min(times, 10))),
    };
    this.client =
      typeof connection === 'string'
        ? new ioredis.Redis(connection, own)
        : new ioredis.Redis({ ...connection, ...own });
    // BullMQ makes a connection like this one, for its own commands that block.
    const duplicate = this.client.duplicate.bind(this.client);
    this.client.duplicate = (override) => this.#know(duplicate(override));
    this.client.on('ready', () => this.#ready());
    this.client.on('error', (error) => this.#away(describe(error)));
    this.client.on('close', () => this.#away('the connection was closed'));
    this.#watch(this.client);
  }

  get isUp(): boolean {
    // The client calls itself ready for a while after its error.
    return this.client.status === 'ready' && this.#outage !== 'away';
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Calls `listener` whenever a lost connection is back; Redis may have forgotten what it was told last. */
  onReconnected(listener: () => void): void {
    this.#reconnected.push(listener);
  }

  /** Calls `listener` whenever commands begin to wait: Redis has gone away, or refuses one. */
  onInterrupted(listener: () => void): () => void {
    this.#interrupted.add(listener);
    return () => this.#interrupted.delete(listener);
  }

  /** Does what cannot wait for Redis. Returns false if Redis did not take it, or not all of it; it may go on then. */
  async now(step: () => Promise<unknown>): Promise<boolean> {
    if (!this.isUp) return false;
    const interrupted = deferred<false>();
    const forget = this.onInterrupted(() => interrupted.resolve(false));
    const done = step().then(
      () => true,
      () => false,
    );
    return Promise.race([done, interrupted.promise]).finally(forget);
  }

  /** Another connection, for commands that block. */
  duplicate(): Redis {
    const client = this.client.duplicate();
    this.#watch(client);
    return client;
  }

  /** Resolves when all connections are there, or the link is closed. One that is being made again cannot be ended in good order. */
  async connected(): Promise<void> {
    while (!this.#isClosed && [this.client, ...this.#duplicates].some(isBeingMade)) await this.#pause();
  }

  /** Repeats `step` until Redis takes it. Rejects with `RedisUnavailable` once closed. */
  async through<T>(step: () => Promise<T>): Promise<T> {
    for (;;) {
      if (this.#isClosed) throw unavailable('the connection was closed');
      try {
        const result = await step();
        if (this.#outage === 'refusing') this.#over();
        return result;
      } catch (error) {
        if (!this.#isClosed) this.#begins('refusing', describe(error));
        await this.#pause();
      }
    }
  }

  /** As `through`, for a pipeline of commands; resolves with their results. They are repeated together. */
  pipeline(build: (commands: ChainableCommander) => void): Promise<readonly unknown[]> {
    return this.through(async () => {
      const commands = this.client.pipeline();
      build(commands);
      const results = (await commands.exec()) ?? [];
      return results.map(([error, result]) => {
        if (error !== null) throw error;
        return result;
      });
    });
  }

  /** The fields of each of these hashes, in order; undefined where there is none. */
  async hashes(
    keys: readonly string[],
    ...fields: readonly string[]
  ): Promise<readonly (readonly (string | undefined)[])[]> {
    if (keys.length === 0) return [];
    const found = await this.pipeline((commands) => {
      for (const key of keys) commands.hmget(key, ...fields);
    });
    return found.map((row) =>
      Array.isArray(row) ? row.map((value: unknown) => (typeof value === 'string' ? value : undefined)) : [],
    );
  }

  /** Ends all connections at once; commands under way are rejected. */
  close(): void {
    this.#isClosed = true;
    for (const wake of this.#closed) wake();
    for (const cancel of this.#watches.values()) cancel();
    for (const client of [this.client, ...this.#duplicates]) client.disconnect();
  }

  #know(client: Redis): Redis {
    // The first connection tells of outages.
    client.on('error', () => undefined);
    this.#duplicates.add(client);
    return client;
  }

  /** A cut network closes no socket. */
  #watch(client: Redis): void {
    let asked: object | undefined;
    const ask = (): void => {
      this.#watches.set(client, this.#clock.after(PING_MS, ask));
      if (client.status !== 'ready') return;
      if (asked === client.stream) client.stream.destroy();
      const { stream } = client;
      asked = stream;
      const answered = (): void => {
        if (asked === stream) asked = undefined;
      };
      client.ping().then(answered, answered);
    };
    this.#watches.set(client, this.#clock.after(PING_MS, ask));
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#closed.delete(wake);
        cancel();
        resolve();
      };
      const cancel = this.#clock.after(RETRY_MS, wake);
      this.#closed.add(wake);
      if (this.#isClosed) wake();
    });
  }

  #ready(): void {
    if (this.#outage === 'away') this.#over();
    if (this.#hadConnection) for (const listener of this.#reconnected) listener();
    this.#hadConnection = true;
  }

  #away(message: string): void {
    if (!this.#isClosed) this.#begins('away', message);
  }

  #begins(outage: 'away' | 'refusing', message: string): void {
    const isNew = this.#outage === 'none';
    if (isNew || outage === 'away') this.#outage = outage;
    if (isNew) this.#tell(unavailable(message));
    for (const listener of this.#interrupted) listener();
  }

  #over(): void {
    this.#outage = 'none';
    this.#tell(undefined);
  }

  #tell(error: SchedulerError | undefined): void {
    callListener(() => this.#onOutage(error));
  }
}

function unavailable(why: string): SchedulerError {
  return new SchedulerError('RedisUnavailable', `Redis is unavailable: ${why}`);
}

function isBeingMade({ status }: Redis): boolean {
  return status !== 'ready' && status !== 'end';
}
