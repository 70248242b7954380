/** Diagnoses a stall: which tasks cannot proceed, and who holds what. */
import { WHOLE } from '../../core/order/graph-node.js';
import type { UnsettledList } from '../tasks/unsettled-list.js';
import type { QueueState } from './queue-state.js';
import { heldText, names, why } from './why.js';

/** The tasks that cannot proceed, oldest first, and in words what the ready ones among them lack. O(unsettled tasks). @internal */
export function stallOf(
  unsettled: UnsettledList,
  queues: readonly QueueState[],
): { readonly tasks: readonly string[]; readonly message: string } {
  const tasks: string[] = [];
  const reasons: string[] = [];
  for (const record of unsettled.newestFirst()) {
    tasks.push(record.id);
    if (record.waiting === 0) reasons.push(why(record, WHOLE, 'stalled').message);
  }
  tasks.reverse();
  const held = queues.filter(({ holders }) => holders.size > 0).map((queue) => `queue ${queue.name}${heldText(queue)}`);
  const because = reasons.length > 0 ? names(reasons.toReversed()) : held.join('; ');
  return { tasks, message: `stalled: ${names(tasks)} cannot proceed: ${because}` };
}
