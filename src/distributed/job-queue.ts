/** BullMQ's queue, as far as it is used here: jobs are made, one or all of a run are removed. */
import type { Queue } from 'bullmq';
import { isOfRun, type Keys } from './keys.js';
import type { RedisLink } from './link.js';
import type { JobData } from './messages.js';
import type { RedisPackages } from './packages.js';

/** @internal */
export interface NewJob {
  readonly id: string;
  /** Name of the exported function. */
  readonly name: string;
  readonly data: JobData;
}

/** @internal */
export class JobQueue {
  readonly #link: RedisLink;
  readonly #keys: Keys;
  readonly #queue: Queue;

  constructor(
    { bullmq }: RedisPackages,
    link: RedisLink,
    keys: Keys,
    options: { readonly name: string; readonly prefix: string },
  ) {
    this.#link = link;
    this.#keys = keys;
    this.#queue = new bullmq.Queue(options.name, {
      connection: link.client,
      prefix: options.prefix,
      // Nothing reads them.
      streams: { events: { maxLen: 100 } },
      // Its attempts are not those of the scheduler: a job is tried once.
      defaultJobOptions: { attempts: 1, removeOnComplete: true, removeOnFail: true },
    });
    // The link tells of outages.
    this.#queue.on('error', () => undefined);
  }

  /** Makes the jobs, in this order; one that is there already stays as it is. Each is a command: a transaction of all takes longer. */
  async add(jobs: readonly NewJob[]): Promise<void> {
    const added = jobs.map(({ id, name, data }) =>
      this.#link.through(() => this.#queue.add(name, data, { jobId: id })),
    );
    await Promise.all(added);
  }

  /** The jobs of a run that workers have. */
  async active(run: string): Promise<readonly string[]> {
    const jobs = await this.#link.through(() => this.#queue.getJobs(['active']));
    return jobs.flatMap(({ id }) => (id !== undefined && isOfRun(id, run) ? [id] : []));
  }

  /** Removes a job that no worker has. Returns false if one has it. */
  async removeWaiting(id: string): Promise<boolean> {
    return (await this.#link.through(() => this.#queue.remove(id))) === 1;
  }

  /** Removes a job whatever its state. */
  async remove(id: string): Promise<void> {
    await this.#link.pipeline((commands) => commands.del(this.#keys.lock(id)));
    await this.removeWaiting(id);
  }

  /** Removes the jobs of a run: all, or those that no worker has. */
  async removeRun(run: string, which: 'all' | 'waiting'): Promise<void> {
    const jobs = await this.#link.through(() =>
      this.#queue.getJobs(which === 'all' ? ['waiting', 'active', 'failed'] : ['waiting']),
    );
    for (const { id } of jobs) {
      if (id === undefined || !isOfRun(id, run)) continue;
      await (which === 'all' ? this.remove(id) : this.removeWaiting(id));
    }
  }

  /** The link is closed by its owner. */
  async close(): Promise<void> {
    await this.#queue.close().catch(() => undefined);
  }
}
