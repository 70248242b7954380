/** The state of a task, told by its record. */
import type { TaskState } from '../../core/outcome.js';
import type { TaskRecord } from './task-record.js';

/**
 * The state that a task was in before the step under way, which has not settled it yet; told by what the record has, as
 * its chart is in the next state already.
 *
 * @internal
 */
export function stateOf(record: TaskRecord): TaskState {
  const { run } = record;
  if (run?.hasBegun === true) return record.delivered > run.deliveredBefore ? 'partial' : 'running';
  return record.waiting > 0 || record.pause !== undefined || record.following !== undefined ? 'pending' : 'ready';
}
