/**
 * Answers the question why a task is not running, from what the records, the queues' actors and the order know at the
 * moment. Nothing is kept for it: asking costs the asker, never the run.
 */
import { elementAt } from '../../core/element-at.js';
import { describe } from '../../core/failures.js';
import { isSatisfied, WHOLE } from '../../core/order/graph-node.js';
import { lacking } from '../../core/order/resource-ledger.js';
import type { Outcome } from '../../core/outcome.js';
import type { SchedulerState } from '../events/event-hub.js';
import { outcomeAt } from '../tasks/outcome-at.js';
import type { Why, WhyNow } from '../tasks/reason.js';
import type { TaskRecord } from '../tasks/task-record.js';
import { type Holders, names } from './holders.js';

/** How many ids an answer lists. */
const MAX_NAMES = 20;

/** Why `record`, or its partial result `index`, is not there yet. O(dependencies of the task), and what `holders` costs. @internal */
export function why(record: TaskRecord, index: number, scheduler: SchedulerState, holders: Holders): Why {
  const now = whyNow(record, index, scheduler, holders);
  const notRestored = record.kept?.missing;
  return notRestored === undefined ? now : { ...now, notRestored };
}

function whyNow(record: TaskRecord, index: number, scheduler: SchedulerState, holders: Holders): WhyNow {
  const { id, state } = record;
  const outcome = outcomeAt(record, index);
  if (outcome !== undefined) return whySettled(record, index, outcome);
  if (record.isUnneeded) {
    return { reason: 'not-needed', message: `task ${id} is not needed: all that depends on it was restored` };
  }
  const untaken = record.flow?.heldFor ?? [];
  if (untaken.length > 0) {
    const results = untaken.map((place) => `${id}#${place}`);
    const message = `task ${id} is held back on queue ${record.queue.name} until one of its results is taken: ${names(results)}`;
    return { reason: 'untaken', results: results.slice(0, MAX_NAMES), message };
  }
  if (state === 'running' || state === 'partial') {
    const so = state === 'partial' ? `, ${record.delivered} partial results so far` : '';
    const waitingFor = holders.awaitedBy(record);
    const and = waitingFor.length === 0 ? '' : `, and waits for ${names(waitingFor)}`;
    const message = `task ${id} is running on queue ${record.queue.name}${so}${and}`;
    return waitingFor.length === 0 ? { reason: 'running', message } : { reason: 'running', waitingFor, message };
  }
  if (record.following !== undefined) {
    const followed = nameOf(record.following.record, record.following.index);
    const message = `task ${id} has returned the handle of ${followed} and waits for its result`;
    return { reason: 'dependencies', waitingFor: [followed], message };
  }
  if (record.waiting > 0) {
    const waitingFor = unsatisfied(record);
    return {
      reason: 'dependencies',
      waitingFor: waitingFor.slice(0, MAX_NAMES),
      message: `task ${id} waits for ${names(waitingFor)}`,
    };
  }
  if (record.pause !== undefined) {
    const attempt = record.attempt + 1;
    return { reason: 'pause', attempt, message: `task ${id} pauses before its attempt number ${attempt}` };
  }
  if (scheduler === 'stopped' || scheduler === 'closing' || scheduler === 'closed') {
    return { reason: 'stopped', message: `task ${id} is ready; the scheduler is ${scheduler}` };
  }
  return whyNotGranted(record, holders);
}

function whySettled(record: TaskRecord, index: number, outcome: Outcome): WhyNow {
  const what = index === WHOLE ? `task ${record.id}` : `result ${index} of task ${record.id}`;
  switch (outcome.status) {
    case 'done':
      return {
        reason: 'settled',
        state: 'done',
        message: index === WHOLE ? `${what} is done` : `${what} has been delivered`,
      };
    case 'failed':
      return { reason: 'settled', state: 'failed', message: `${what} is failed: ${describe(outcome.error)}` };
    case 'cancelled': {
      const because = outcome.reason === undefined ? '' : `: ${describe(outcome.reason)}`;
      return { reason: 'settled', state: 'cancelled', message: `${what} is cancelled${because}` };
    }
  }
}

function nameOf({ id, state }: TaskRecord, index: number): string {
  return `${index === WHOLE ? id : `${id}#${index}`} (${state})`;
}

function unsatisfied(record: TaskRecord): string[] {
  const ids: string[] = [];
  for (const [position, dependency] of record.dependencies.entries()) {
    if (isSatisfied(record, position)) continue;
    ids.push(nameOf(dependency, record.dependencyIndices?.[position] ?? WHOLE));
  }
  return ids;
}

function whyNotGranted(record: TaskRecord, holders: Holders): WhyNow {
  const { queue } = record;
  const { ledger } = queue;
  if (queue.isPaused) {
    const message = `task ${record.id} is ready; queue ${queue.name} is paused`;
    return { reason: 'paused', queue: queue.name, message };
  }
  const heldBy = holders.idsOf(queue).slice(0, MAX_NAMES);
  if (ledger.slotsTaken >= ledger.slots) {
    const message = `task ${record.id} is ready; queue ${queue.name} has no free slot of ${ledger.slots}${holders.textOf(queue)}`;
    return { reason: 'slots', queue: queue.name, heldBy, message };
  }
  const short = lacking(ledger, record.demand);
  if (short >= 0) {
    const resource = elementAt(queue.resourceNames, short);
    const left = elementAt(ledger.capacity, short) - (ledger.taken[short] ?? 0);
    const need = `needs ${record.demand[short]} of ${resource}, queue ${queue.name} has ${Math.max(0, left)} left`;
    return {
      reason: 'resources',
      queue: queue.name,
      resource,
      heldBy,
      message: `task ${record.id} is ready; it ${need}${holders.textOf(queue)}`,
    };
  }
  const rated = whyRated(record);
  if (rated !== undefined) return rated;
  return { reason: 'selection', message: `task ${record.id} is ready and will be offered at the next selection` };
}

function whyRated({ id, queue, lane }: TaskRecord): WhyNow | undefined {
  const ofKey = lane.gate?.opensInMs ?? 0;
  const ofQueue = queue.rate?.whole?.opensInMs ?? 0;
  const inMs = Math.max(ofKey, ofQueue);
  if (inMs === 0) return undefined;
  const key = ofKey >= ofQueue ? lane.gate?.name : undefined;
  const limit = key === undefined ? `the rate of queue ${queue.name}` : `the rate of key ${key} of queue ${queue.name}`;
  const message = `task ${id} is ready; by ${limit} the next start is in ${Math.ceil(inMs)} ms`;
  return { reason: 'rate', queue: queue.name, key, inMs, message };
}
