/** The event that tells of a submission. */
import { indexAt, WHOLE } from '../../core/order/graph-node.js';
import type { SchedulerEvents } from '../events/event-hub.js';
import type { TaskRecord } from '../tasks/task-record.js';

/** O(dependencies and resources). @internal */
export function submissionOf(record: TaskRecord): SchedulerEvents['submitted'] {
  const { id, queue, demand, priority, extras } = record;
  const needs = record.dependencies.flatMap((dependency, position) => {
    const index = indexAt(record, position);
    const isThere = index === WHOLE ? dependency.outcome?.status === 'done' : dependency.delivered > index;
    if (isThere) return [];
    return index === WHOLE ? dependency.id : `${dependency.id}#${index}`;
  });
  const amounts = queue.resourceNames.map((name, index) => [name, demand[index] ?? 0] as const);
  return {
    type: 'submitted',
    id,
    queue: queue.name,
    needs,
    resources: Object.fromEntries(amounts.filter(([, amount]) => amount > 0)),
    priority,
    hold: extras?.hold === true,
    release: (extras?.release ?? []).map((holder) => holder.id),
  };
}
