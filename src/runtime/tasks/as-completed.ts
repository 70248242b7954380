/** Handles in the order in which they settle. */
import { SchedulerError, shown } from '../../core/failures.js';
import { Handle } from './handle.js';
import { cancelUnneeded, checkedLeaveOptions, type LeaveOptions } from './leaving.js';
import type { TaskService } from './task-record.js';
import type { Watcher } from './task-side.js';
import { watch } from './watching.js';

interface Wake {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** See `Scheduler.asCompleted`. O(1) per handle; nothing is watched any more once the iteration has ended. @internal */
export function asCompleted<H extends Handle<unknown>>(
  given: Iterable<H>,
  service: TaskService,
  options: LeaveOptions,
): AsyncIterable<H> {
  const { cancelOnReturn } = checkedLeaveOptions('asCompleted', options);
  const handles = new Set(given);
  for (const handle of handles) check(handle, service);
  const settled = new Set<H>();
  const watchers = new Map<H, Watcher>();
  const waiting: Wake[] = [];
  const woken = (): Wake[] => waiting.splice(0);
  let readers = 0;
  const watchOne = (handle: H): void => {
    const { record, index } = Handle._target(handle);
    service.lookAt(record);
    const watcher: Watcher = (stall) => {
      if (stall === undefined) {
        watchers.delete(handle);
        settled.add(handle);
        for (const { resolve } of woken()) resolve();
      } else for (const { reject } of woken()) reject(stall);
      // Goes on watching after a stall: the reader may ask again.
      return false;
    };
    watchers.set(handle, watcher);
    watch(record, index, watcher);
  };
  const watchAll = (): void => {
    for (const handle of handles) if (!watchers.has(handle) && !settled.has(handle)) watchOne(handle);
  };
  watchAll();
  const leave = (): void => {
    const left = [...watchers];
    watchers.clear();
    for (const [handle, watcher] of left) {
      const { record, index } = Handle._target(handle);
      service.unwatch(record, index, watcher);
      if (cancelOnReturn) cancelUnneeded(record);
    }
  };
  return {
    async *[Symbol.asyncIterator]() {
      readers += 1;
      watchAll();
      try {
        // A set is iterated in the order of insertion, also while it grows.
        const order = settled.values();
        for (let next = 0; next < handles.size; next += 1) {
          if (next >= settled.size) {
            await new Promise<void>((resolve, reject) => {
              waiting.push({ resolve, reject });
              service.waits();
            });
          }
          const { value } = order.next();
          if (value !== undefined) yield value;
        }
      } finally {
        readers -= 1;
        if (readers === 0) leave();
      }
    },
  };
}

function check(handle: unknown, service: TaskService): void {
  if (!Handle._is(handle)) {
    throw new SchedulerError('InvalidArgument', `asCompleted takes handles, got ${shown(handle)}`);
  }
  if (Handle._target(handle).record.queue.service === service) return;
  throw new SchedulerError('ForeignHandle', `task ${handle.id} belongs to another scheduler`, { tasks: [handle.id] });
}
