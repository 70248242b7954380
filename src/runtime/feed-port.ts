/** How a feed reaches its queue and its scheduler: submits what it is given, and tells when a task starts and settles. */
import type { Engine } from './engine.js';
import type { FeedPort } from './feeds/port.js';
import type { QueueState } from './queues/queue-state.js';
import type { TaskRecord } from './tasks/task-record.js';

/** The port of a feed of `queue`; `prepare` asks the user for the options of an item's task and
 * gives what submits it; both throw what refuses the item. @internal */
export function feedPort(
  engine: Engine,
  queue: QueueState,
  prepare: (item: unknown, index: number) => () => TaskRecord,
): FeedPort<unknown, unknown> {
  return {
    queue: queue.name,
    bound: queue.bound,
    prepare(item, index) {
      const admit = prepare(item, index);
      return (left, settled) => {
        const record = admit();
        // The feed tells of failures itself.
        engine.lookAt(record);
        if (record.isSettled) left();
        else queue.whenLeft(record, left);
        engine.watchEnd(record, () => {
          // Not where it is only told of a stall.
          if (record.outcome !== undefined) settled(record.outcome);
        });
        return { id: record.id, cancel: (reason) => engine.cancel(record, { reason }) };
      };
    },
    opened(feed) {
      engine.feeds.add(feed);
      engine.lifecycle.workArrived();
    },
    ended(feed, unnoticed) {
      engine.feeds.remove(feed);
      if (unnoticed !== undefined) engine.failures.add(unnoticed);
      engine.lifecycle.feedEnded();
    },
    later: (callback) => void engine.environment.clock.after(0, callback),
    lookAt: (failing) => engine.failures.lookAt(failing),
    rested: () => engine.cell.changed(),
    waits: () => engine.waits(),
  };
}
