/** Judges the steps of a task. */
import type { TaskContextData, TaskEvent } from '../../../machines/task.js';
import type { ChartStep } from './chart-steps.js';
import { isIgnored } from './ignored.js';
import type { ExploredInvariant, Fault } from './invariants.js';
import { FINAL, isLive, type TaskData } from './task-data.js';

/** What is wrong with a step of a task, seen without the rest of the system. @internal */
export function* taskFaults(
  data: TaskData,
  event: TaskEvent,
  { value, context, effects, isInTable }: ChartStep<TaskContextData>,
): Generator<Fault> {
  const became = FINAL.find((state) => state === value);
  if (!isInTable && !isIgnored('task', data.value, event.type)) {
    yield fault('known-events', `${event.type} came to a task that is ${data.value}`);
  }
  const settles = effects.filter((effect) => effect === 'settle').length;
  if (settles !== (became === undefined ? 0 : 1)) {
    yield fault('settled-once', `the task is ${JSON.stringify(value)} and settled ${settles} times`);
  }
  if (became !== context.outcome?.status) {
    yield fault('settled-once', `the task is ${JSON.stringify(value)}, its outcome is ${context.outcome?.status}`);
  }
  if (new Set(effects).size !== effects.length) yield fault('effects-once', `asked for ${effects.join(', ')}`);
  const mayReport = isLive(data);
  if ('attempt' in event && (event.attempt !== data.attempt || !mayReport)) {
    const isChanged = value !== data.value || context.attempt !== data.attempt || context.delivered !== data.delivered;
    if (isChanged || effects.join() !== 'countStale') {
      yield fault(
        'stale-reports',
        `${event.type} of attempt ${event.attempt} counted while attempt ${data.attempt} is ${data.value}`,
      );
    }
  }
  const delivered = effects.includes('deliverPartial') ? 1 : 0;
  if (context.delivered !== data.delivered + delivered) {
    yield fault('partials-in-order', `${context.delivered} partial results follow on ${data.delivered}`);
  }
  const next = 'attempt' in event && event.attempt === data.attempt && mayReport ? nextAfter(event) : undefined;
  if (next !== undefined && value !== next) {
    yield fault('retried', `the task should be ${next} after ${event.type}, and is ${JSON.stringify(value)}`);
  }
  const begun = event.type === 'start.granted' ? 1 : 0;
  const withdrawn = event.type === 'start.withdrawn' && value === 'ready' && data.value === 'running' ? 1 : 0;
  if (context.attempt !== data.attempt + begun - withdrawn) {
    yield fault('one-attempt', `attempt ${context.attempt} follows on attempt ${data.attempt}`);
  }
}

function fault(invariant: ExploredInvariant, what: string): Fault {
  return { invariant, what };
}

/** The state that has to follow on a failure, a timeout or an eviction of the attempt that counts. */
function nextAfter(event: TaskEvent): 'ready' | 'pending' | 'failed' | undefined {
  if (event.type === 'evict.requested') return event.isDropped ? 'failed' : 'ready';
  if (event.type !== 'attempt.failed' && event.type !== 'attempt.timedOut') return undefined;
  if (event.retryInMs === undefined) return 'failed';
  return event.retryInMs === 0 ? 'ready' : 'pending';
}
