/** Handles in the order in which they settle. */
import { elementAt } from '../../core/element-at.js';
import { Handle } from './handle.js';
import { WHOLE } from '../../core/order/graph-node.js';

/** See `Scheduler.asCompleted`. O(1) per handle; nothing is watched any more once the iteration has ended. @internal */
export function asCompleted<H extends Handle<unknown>>(handles: Iterable<H>): AsyncIterable<H> {
  const settled: H[] = [];
  let waiting: (() => void)[] = [];
  let left = 0;
  for (const handle of new Set(handles)) {
    left += 1;
    const { record, index } = Handle._target(handle);
    const { service } = record.queue;
    service.lookAt(record);
    const seen = (): void => {
      settled.push(handle);
      const woken = waiting;
      waiting = [];
      for (const wake of woken) wake();
    };
    if (index === WHOLE) service.watchEnd(record, seen);
    else service.watchPartial(record, index, seen);
  }
  return {
    async *[Symbol.asyncIterator]() {
      for (let next = 0; next < left; next += 1) {
        if (next >= settled.length) {
          await new Promise<void>((resolve) => {
            waiting.push(resolve);
          });
        }
        yield elementAt(settled, next);
      }
    },
  };
}
