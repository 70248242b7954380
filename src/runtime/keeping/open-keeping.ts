/** Opens the store of a scheduler. */
import type { TaskOrder } from '../../core/order/task-order.js';
import type { SchedulerError } from '../../core/failures.js';
import type { Environment } from '../../core/ports.js';
import type { UnsettledList } from '../tasks/unsettled-list.js';
import type { Durations } from '../tasks/durations.js';
import { Keeping } from './keeping.js';
import { openStore, type StoreOptions } from './store-options.js';
import { UnneededTasks } from './unneeded-tasks.js';

/** The parts of a scheduler that its store works with. @internal */
export interface KeepingParts {
  readonly order: TaskOrder;
  readonly unsettled: UnsettledList;
  readonly environment: Environment;
  readonly durations: Durations;
  readonly lifecycle: { workArrived(): void; storeFailed(error: SchedulerError): void };
}

/** Undefined where the options name no store. @throws SchedulerError as `Store._open`. @internal */
export function openKeeping(options: StoreOptions, parts: KeepingParts): Keeping | undefined {
  const { store } = options;
  if (store === undefined) return undefined;
  const { order, unsettled, environment, lifecycle, durations } = parts;
  const unneeded = new UnneededTasks({ order, unsettled, changed: () => lifecycle.workArrived() });
  const opened = openStore(store, options, environment.clock, (error) => lifecycle.storeFailed(error), durations);
  return new Keeping({ ...opened, unneeded });
}
