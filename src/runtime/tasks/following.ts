/**
 * Tasks that follow another one: their function returned its handle, so that its result becomes theirs. They wait without a slot.
 *
 * Invariant: a chain of tasks that follow each other never leads back to its beginning.
 */
import { SchedulerError } from '../../core/failures.js';
import { errorAt, outcomeAt } from './outcome-at.js';
import type { TaskRecord } from './task-record.js';
import type { FollowedTask } from './task-side.js';
import { watch } from './watching.js';

/** Settles `record` as the other one settles. Fails it with `DependencyCycle` if that waits for `record` itself. @internal */
export function follow(record: TaskRecord, { record: followed, index }: FollowedTask<TaskRecord>): void {
  followed.queue.service.lookAt(followed);
  if (leadsTo(followed, record)) {
    const message = `task ${record.id} returned a handle that waits for the task itself`;
    record.tell({
      type: 'dependency.failed',
      error: new SchedulerError('DependencyCycle', message, { tasks: [record.id] }),
    });
    return;
  }
  watch(followed, index, (stall) => {
    if (stall !== undefined) return false;
    if (record.isSettled) return true;
    const outcome = outcomeAt(followed, index);
    if (outcome?.status === 'done') record.tell({ type: 'followed.done', result: outcome.result });
    else record.tell({ type: 'dependency.failed', error: errorAt(followed, index) });
    record.queue.service.eventQueue.drain();
    return true;
  });
}

/** Whether `from` is `to`, or follows a task that leads to it. O(length of the chain). */
function leadsTo(from: TaskRecord, to: TaskRecord): boolean {
  for (let record: TaskRecord | undefined = from; record !== undefined; ) {
    if (record === to) return true;
    record = record.following?.record;
  }
  return false;
}
