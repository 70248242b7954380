/** The public entry: one participant in a shared folder, and the queues that it shares. */
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
 * One participant in a shared folder, through which processes on one or many computers divide tasks among them.
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
   * Every task on the queue needs an `id`, which identifies the work for all participants: the same id must mean the same function
   * with the same arguments everywhere. The first participant to start the task runs it, and the handles of all participants get the
   * result. A task that is claimed elsewhere gives back its slot and checks again after a pause. The results of a stream are
   * delivered when it has ended.
   *
   * A shared task fails with the error that its function threw here, or with `SharedTaskFailed` if it was thrown elsewhere; with
   * `NotStorable`, `FolderUnavailable` or `FolderCorrupt`; with `InvalidArgument` for an id that is missing or not well-formed
   * Unicode.
   *
   * @throws SchedulerError `InvalidOption` if the options include `retry`: use the folder's `attempts`.
   */
  over(options: QueueOptions = {}): QueueOptions {
    if (options.retry !== undefined) {
      throw new SchedulerError(
        'InvalidOption',
        'a shared queue takes no retry: use the option attempts of sharedFolder',
      );
    }
    const executor = new SharedExecutor(options.executor ?? inline(), this.#claims, this.#options);
    const { checkMs, attempts } = this.#options;
    return { ...options, executor, retry: retryWhileElsewhere(checkMs, attempts, () => executor.isProvisional) };
  }

  /**
   * Ids of the tasks that ran here and whose result could not be written. Their handles have failed with `FolderUnavailable`. The
   * result is kept in memory, and the claim alive if possible, until `publish` or the next claim of this participant writes it. At
   * most as many as ran here at once.
   */
  get unpublished(): readonly string[] {
    return this.#claims.kept;
  }

  /**
   * Writes the unpublished results. A result that another participant has produced meanwhile replaces the one kept here.
   *
   * Rejects with `FolderUnavailable` if the folder is still unavailable; nothing is lost then.
   */
  publish(): Promise<void> {
    return this.#claims.publishKept();
  }
}

/**
 * Joins the work in the folder `path`, which is created if necessary. All participants submit the same tasks under the same ids; one
 * of them runs each task, and all get its result.
 *
 * @param path - on a file system with hard links that all participants can access.
 * @throws SchedulerError `InvalidOption`, `FolderUnavailable`.
 * @public
 */
export function sharedFolder(path: string, options: SharedFolderOptions = {}): SharedFolder {
  return new SharedFolder(path, options);
}
