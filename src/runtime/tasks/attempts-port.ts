/** What attempts need of the runtime. */
import type { TaskOrder } from '../../core/order/task-order.js';
import type { Environment } from '../../core/ports.js';
import type { EventHub } from '../events/event-hub.js';
import type { EventQueue } from '../events/event-queue.js';
import type { Deadlines } from '../policies/deadlines.js';
import type { RunPeriods } from '../run-periods.js';
import type { Durations } from './durations.js';
import type { NestedWaits } from './nested-waits.js';

/** The parts of the runtime that attempts work with. @internal */
export interface AttemptsPort {
  readonly order: TaskOrder;
  readonly eventQueue: EventQueue;
  readonly hub: EventHub;
  readonly deadlines: Deadlines;
  readonly environment: Environment;
  readonly durations: Durations;
  readonly periods: RunPeriods;
  /** Whether the scheduler is closing, so that no task is tried again. */
  readonly isClosing: () => boolean;
  /** Whether functions may be called: the scheduler is neither stopped nor closing. */
  readonly isRunning: () => boolean;
  readonly nested: NestedWaits;
  readonly changed: () => void;
}
