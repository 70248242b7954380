/** Diagnoses a stall: which tasks cannot proceed, and who holds what. */
import { WHOLE } from '../../core/order/graph-node.js';
import type { TaskRecord } from '../tasks/task-record.js';
import { type Holders, names } from './holders.js';
import { why } from './why.js';

/** How many of the tasks that could start but for a slot are explained. */
const MAX_REASONS = 6;

/** What a stall is about, and in words why. @internal */
export interface Stall {
  readonly tasks: readonly string[];
  readonly message: string;
}

/**
 * The diagnosis: the tasks that cannot proceed, oldest first, and in words what the ready ones among them lack. `stuck` are
 * tasks newest first; `explained`, as well, those that are said to lack something, if these are others. O(unsettled tasks).
 *
 * @internal
 */
export function stallOf(stuck: readonly TaskRecord[], holders: Holders, explained = stuck): Stall {
  const tasks = stuck.map(({ id }) => id).toReversed();
  const ready = explained.filter(needsNoTask);
  const reasons = ready.slice(-MAX_REASONS).map((record) => why(record, WHOLE, 'stalled', holders).message);
  const because = names([...reasons.toReversed(), ...ready.slice(0, -MAX_REASONS).map(({ id }) => id)]);
  return { tasks, message: `stalled: ${names(tasks)} cannot proceed: ${because}` };
}

/** Whether it waits for no other task. @internal */
export function needsNoTask({ waiting, following }: TaskRecord): boolean {
  return waiting === 0 && following === undefined;
}
