/** The two tasks of a scheduler that stand for one shared task: the one that users see, and its attempts here. */

const SUFFIX = ' (here)';

/** Id of the task that tries to do the shared task `id` in this process. @internal */
export function attemptIdOf(id: string): string {
  return `${id}${SUFFIX}`;
}

/** The shared task that the task `attemptId` tries to do. @internal */
export function sharedIdOf(attemptId: string): string {
  return attemptId.endsWith(SUFFIX) ? attemptId.slice(0, -SUFFIX.length) : attemptId;
}
