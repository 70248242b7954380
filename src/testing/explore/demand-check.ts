/** Judges an offer by the demand order, apart from the code that makes offers. */
import { fits } from '../../core/order/resource-ledger.js';
import { readyInOrder } from './demand.js';
import type { Plan } from './graph.js';
import type { Fault } from './invariants.js';
import { ranked, type SchedulerData } from './scheduler-data.js';
import type { Sent } from './scheduler-draft.js';

/** The offers among what was sent that pass over a task of the same queue that fits and ranks before. @internal */
export function demandFault(plan: Plan, { tasks, queues }: SchedulerData, sent: readonly Sent[]): readonly Fault[] {
  return sent.flatMap(({ message }): readonly Fault[] => {
    if (message.type !== 'offered') return [];
    const offered = plan.tasks[message.task];
    const queue = queues[offered?.queue ?? -1];
    if (offered === undefined || queue === undefined) return [];
    const inQueue = readyInOrder(plan, tasks.map(ranked)).filter((task) => plan.tasks[task]?.queue === offered.queue);
    const first = inQueue.find((task) => fits(queue.ledger, plan.tasks[task]?.demand ?? []));
    if (first === message.task) return [];
    const what =
      first === undefined
        ? `${offered.id} is offered, which is not ready or does not fit`
        : `${offered.id} is offered while ${plan.tasks[first]?.id} ranks before it`;
    return [{ invariant: 'demand-order', what }];
  });
}
