/** Completes brief traces: adds the submissions, the ends of attempts and the slots that come back. */
import type { Scenario, ScenarioTask } from './scenario-shape.js';
import { splitReference, type TraceEvent } from './trace.js';

/** The trace itself if it is full. @internal */
export function full(trace: readonly TraceEvent[], scenario: Scenario): readonly TraceEvent[] {
  const isFull = trace.some(({ event }) => event === 'submit');
  return isFull ? trace : complete(trace, scenario);
}

function complete(trace: readonly TraceEvent[], { tasks, control = [] }: Scenario): readonly TraceEvent[] {
  const events: TraceEvent[] = [];
  const plans = new Map(tasks.map((task) => [task.id, task]));
  const attempts = new Map<string, number>();
  const holding = new Set<string>();
  const released = new Set<string>();
  const left = [...tasks];
  // The simulated scheduler runs from the beginning, unless the first thing that happens to it is a stop.
  const isStoppedAtOnce = control.some(({ at, do: what }) => at === 0 && what === 'stop');
  if (!isStoppedAtOnce) events.push({ at: 0, event: 'resume' });
  const submitUntil = (at: number): void => {
    while (left[0] !== undefined && (left[0].submitAt ?? 0) <= at) {
      events.push({ at: left[0].submitAt ?? 0, event: 'submit', id: left[0].id });
      left.shift();
    }
  };
  for (const event of trace) {
    submitUntil(event.at);
    const plan = 'id' in event ? plans.get(splitReference(event.id).id) : undefined;
    if (plan === undefined) events.push(event);
    else add(event, plan);
  }
  submitUntil(Number.POSITIVE_INFINITY);
  return events;

  function add(event: TraceEvent, plan: ScenarioTask): void {
    const { at } = event;
    const { id } = plan;
    const attempt = attempts.get(id) ?? 0;
    if (event.event === 'start') {
      attempts.set(id, attempt + 1);
      events.push({ at, event: 'start', id, attempt: attempt + 1 });
    } else if (event.event === 'partial') {
      events.push({ at, event: 'report', id: event.id, attempt }, event);
    } else if (event.event === 'again') {
      events.push({ at, event: 'end', id, attempt, as: 'done' }, event, { at, event: 'return', id });
    } else if (event.event === 'done' && plan.follows !== undefined) {
      events.push({ at, event: 'done', id, attempt });
    } else if (event.event === 'done') {
      events.push({ at, event: 'end', id, attempt, as: 'done' }, { at, event: 'done', id, attempt });
      for (const holder of plan.release ?? []) {
        released.add(holder);
        if (holding.delete(holder)) events.push({ at, event: 'return', id: holder });
      }
      if (plan.hold !== true || released.has(id)) events.push({ at, event: 'return', id });
      else holding.add(id);
    } else {
      events.push(event);
    }
  }
}
