/** How dependents take the partial results of tasks that may be held back for them. */
import { elementAt } from '../../core/element-at.js';
import { indexAt, WHOLE } from '../../core/order/graph-node.js';
import type { TaskRecord } from './task-record.js';

/** The task has started, or will not any more: it has taken the partial results that it depends on. O(dependencies). @internal */
export function takeNeeded(record: TaskRecord): void {
  const { dependencies, dependencyIndices } = record;
  if (dependencyIndices === undefined) return;
  for (let position = 0; position < dependencies.length; position += 1) {
    const index = elementAt(dependencyIndices, position);
    if (index !== WHOLE) elementAt(dependencies, position).flow?.take(index);
  }
}

/** The task, just submitted, may need the whole of tasks that are held. O(dependencies). @internal */
export function openWholes(record: TaskRecord): void {
  for (const [position, dependency] of record.dependencies.entries()) {
    if (indexAt(record, position) === WHOLE) dependency.flow?.wantWhole();
  }
}
