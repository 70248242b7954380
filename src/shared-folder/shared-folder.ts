/** Where a user begins: one participant in a shared folder, and the queues that it shares. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { SchedulerError } from '../core/failures.js';
import { inline } from '../executors/inline.js';
import type { QueueOptions } from '../runtime/scheduler-options.js';
import { systemEnvironment } from '../system/environment.js';
import { Claims } from './claims.js';
import { diskFolder } from './disk-folder.js';
import { retryWhileElsewhere } from './claimed-elsewhere.js';
import { type SettledOptions, settleOptions, type SharedFolderOptions } from './options.js';
import { SharedExecutor } from './shared-executor.js';

/**
 * One participant in the work that several processes, on one or many computers, share over a folder.
 *
 * @public
 */
export class SharedFolder {
  readonly #options: SettledOptions;
  readonly #claims: Claims;

  /** @internal */
  constructor(path: string, options: SharedFolderOptions) {
    const participant = options._participant ?? randomUUID();
    this.#options = settleOptions(options, `${hostname()}:${process.pid}`);
    const folder = options._folder ?? diskFolder(path, participant, this.#options.maxBytes);
    const clock = options._clock ?? systemEnvironment.clock;
    this.#claims = new Claims(folder, clock, participant, this.#options);
  }

  /**
   * The options of a queue whose tasks are shared: `scheduler.queue('work', shared.over({ concurrency: 2 }))`. Slots, resources and
   * executor are this participant's own; the folder decides which of the tasks run here.
   *
   * Every task on the queue needs an `id`, which names the work for all participants: the same id is the same function with
   * the same arguments everywhere. Whoever starts it first runs it, and everybody's handle gets the result. A task that is
   * claimed elsewhere gives its slot back and is looked at again after a pause. The results of a stream are delivered when it
   * has come to its end.
   *
   * Such a task fails with what its function threw or, where that was elsewhere, with `SharedTaskFailed`; with `NotStorable`,
   * `FolderUnavailable` or `FolderCorrupt`; with `InvalidArgument` when it has no id or one that is not well-formed Unicode.
   *
   * @throws SchedulerError `InvalidOption` when the options have a `retry`: `attempts` of the folder is what counts here.
   */
  over(options: QueueOptions = {}): QueueOptions {
    if (options.retry !== undefined) {
      throw new SchedulerError('InvalidOption', 'a shared queue has no retry: give sharedFolder the option attempts');
    }
    const executor = new SharedExecutor(options.executor ?? inline(), this.#claims, this.#options);
    const { checkMs, attempts } = this.#options;
    return { ...options, executor, retry: retryWhileElsewhere(checkMs, attempts, () => executor.isProvisional) };
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
