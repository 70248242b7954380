/** What a scheduler that closes has left: tasks that have not started, or that nobody needs, are cancelled. */
import type { Keeping } from './keeping/keeping.js';
import type { Cancellation } from './tasks/cancellation.js';
import type { TaskRecord } from './tasks/task-record.js';
import type { UnhandledFailures } from './tasks/unhandled-failures.js';
import type { UnsettledList } from './tasks/unsettled-list.js';

/** The reason of what a closing scheduler cancels. @internal */
export const CLOSED = 'the scheduler was closed';

interface Leftovers {
  readonly unsettled: UnsettledList;
  readonly cancellation: Cancellation;
  readonly failures: UnhandledFailures;
  readonly keeping: () => Keeping | undefined;
}

/** Cancels what has no attempt under way, and reports each as lost; `terminated` has the reason of whoever knows that work is lost. @internal */
export function cancelWaiting(
  { unsettled, cancellation, failures }: Leftovers,
  terminated: { readonly reason: unknown } | undefined,
): void {
  for (const record of unsettled.newestFirst()) {
    if (record.run !== undefined) {
      // No reader will come to take its results any more.
      record.flow?.openUp();
      continue;
    }
    if (terminated === undefined) failures.add(record);
    cancellation.cancel(record, terminated ?? { reason: reasonToDrop(record) });
  }
}

/** Cancels what nobody needs, so that nothing is lost. @internal */
export function cancelUnneeded({ keeping, cancellation }: Leftovers, reason: unknown): void {
  for (const record of keeping()?.unneeded.all() ?? []) cancellation.cancel(record, { reason });
}

function reasonToDrop({ waiting, queue }: TaskRecord): string {
  const isHeld = waiting === 0 && queue.isPaused;
  return isHeld ? `the scheduler was closed while queue ${queue.name} was paused` : CLOSED;
}
