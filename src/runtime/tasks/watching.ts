/** Callbacks for the end of a task or for one of its partial results, by index. */
import { WHOLE } from '../../core/order/graph-node.js';
import type { TaskRecord } from './task-record.js';
import type { Watcher } from './task-side.js';

/** See `TaskService.watchEnd` and `watchPartial`. @internal */
export function watch(record: TaskRecord, index: number, watcher: Watcher): void {
  const { service } = record.queue;
  if (index === WHOLE) service.watchEnd(record, watcher);
  else service.watchPartial(record, index, watcher);
}
