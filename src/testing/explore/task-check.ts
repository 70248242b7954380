/** Judges the steps of a task. */
import type { TaskContextData, TaskEvent } from '../../../machines/task.js';
import type { ChartStep } from './chart-steps.js';
import { isIgnored } from './ignored.js';
import type { ExploredInvariant, Fault } from './invariants.js';
import { FINAL, type TaskData } from './task-data.js';

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
  if ('attempt' in event && event.attempt !== data.attempt) {
    const isChanged = value !== data.value || context.attempt !== data.attempt || context.delivered !== data.delivered;
    if (isChanged || effects.join() !== 'countStale') {
      yield fault('stale-reports', `${event.type} of attempt ${event.attempt} counted during attempt ${data.attempt}`);
    }
  }
  const delivered = effects.includes('deliverPartial') ? 1 : 0;
  if (context.delivered !== data.delivered + delivered) {
    yield fault('partials-in-order', `${context.delivered} partial results follow on ${data.delivered}`);
  }
  if (effects.includes('startAttempt') && context.attempt !== data.attempt + 1) {
    yield fault('one-attempt', `attempt ${context.attempt} follows on attempt ${data.attempt}`);
  }
}

function fault(invariant: ExploredInvariant, what: string): Fault {
  return { invariant, what };
}
