/** Where a user begins: one participant in a shared folder, and the queues it shares. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { inline } from '../executors/inline.js';
import type { Queue } from '../runtime/queue.js';
import type { QueueOptions } from '../runtime/scheduler.js';
import { Bell } from './bell.js';
import { Claims } from './claims.js';
import { diskFolder } from './disk-folder.js';
import { settleOptions, type SettledOptions, type SharedFolderOptions } from './options.js';
import { SharedExecutor } from './shared-executor.js';
import { SharedQueue } from './shared-queue.js';
import { systemClock } from './system-clock.js';

/**
 * What a shared folder needs of a scheduler.
 *
 * @public
 */
export interface QueueMaker {
  queue(name: string, options?: QueueOptions): Queue;
}

/**
 * One participant in the work that several processes, on one or many computers, share over a folder.
 *
 * @public
 */
export class SharedFolder {
  readonly #options: SettledOptions;
  readonly #claims: Claims;
  readonly #bell: Bell;

  /** @internal */
  constructor(path: string, options: SharedFolderOptions) {
    const participant = options._participant ?? randomUUID();
    this.#options = settleOptions(options, `${hostname()}:${process.pid}`);
    const folder = options._folder ?? diskFolder(path, participant, this.#options.maxBytes);
    const clock = options._clock ?? systemClock;
    this.#claims = new Claims(folder, clock, participant, this.#options);
    this.#bell = new Bell(folder, clock, this.#options.checkMs);
  }

  /**
   * Adds a queue whose tasks are shared. It has slots, resources and an executor as any other; the folder decides which of its
   * tasks run here. The scheduler also gets a queue `<name> (outcomes)` without bound, for the outcomes.
   *
   * @throws SchedulerError as `Scheduler.queue`.
   */
  queue(scheduler: QueueMaker, name: string, options: QueueOptions = {}): SharedQueue {
    const executor = new SharedExecutor(options.executor ?? inline(), this.#claims, this.#options);
    const here = scheduler.queue(name, { ...options, executor });
    const outcomes = scheduler.queue(`${name} (outcomes)`, { concurrency: Number.POSITIVE_INFINITY });
    return new SharedQueue(here, outcomes, this.#claims, this.#bell);
  }

  /**
   * Ids of the tasks that have run here and whose end the folder has not taken. Their handles have failed with
   * `FolderUnavailable`; the end is kept in memory, and the claim alive where possible, until `publish` or the next claim
   * of this participant writes it. At most as many as ran here at once.
   */
  get unpublished(): readonly string[] {
    return this.#claims.kept;
  }

  /**
   * Writes what is unpublished. What somebody else has done meanwhile is dropped.
   *
   * Rejects with `FolderUnavailable` when the folder still cannot be written; nothing is lost then.
   */
  publish(): Promise<void> {
    return this.#claims.publishKept();
  }
}

/**
 * Joins the work in the folder `path`, which is made if it is not there. All participants submit the same tasks under the same
 * ids; each task is run by one of them and its result given to all.
 *
 * @param path - on a file system that has hard links and that all participants see.
 * @throws SchedulerError `InvalidOption`, `FolderUnavailable`.
 * @public
 */
export function sharedFolder(path: string, options: SharedFolderOptions = {}): SharedFolder {
  return new SharedFolder(path, options);
}
