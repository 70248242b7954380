/**
 * Plays a scenario by the rule of test/vectors/README.md, to compare the real scheduler with: the kit's model and its order of starts, and
 * nothing of the product.
 */
import { isHopeless, Model, type ModelTask } from '../../src/testing/model.js';
import type { Scenario, ScenarioTask, Simulation, TraceEvent } from '../../src/testing/scenario.js';

/** What a running task will do, and when: its partial results in order, then its end. */
interface Running {
  readonly task: ModelTask;
  readonly startedAt: number;
}

/** The tasks must be listed in submission order. */
export function referenceSchedule(scenario: Scenario): Simulation {
  const model = new Model(scenario.order);
  for (const queue of scenario.queues) model.addQueue(queue);
  model.isRunning = true;
  const trace: TraceEvent[] = [];
  // A set keeps the order in which the tasks started.
  const running = new Set<Running>();
  const toSubmit = [...scenario.tasks];
  const toControl = (scenario.control ?? []).toSorted((a, b) => a.at - b.at);

  for (;;) {
    const outsideAt = Math.min(toControl[0]?.at ?? Infinity, ...toSubmit.map(submitTime));
    const insideAt = Math.min(...[...running].map(dueAt));
    const now = Math.min(outsideAt, insideAt);
    if (now === Infinity) break;
    if (outsideAt === now) {
      control(now);
      submit(now);
    } else {
      deliver(now);
    }
    if (model.isRunning) cycle(now);
  }
  return { trace, stalled: [...model.live].map(({ plan }) => plan.id) };

  function control(now: number): void {
    while (toControl[0]?.at === now) {
      const action = toControl[0].do;
      toControl.shift();
      model.isRunning = action === 'resume';
      trace.push({ at: now, event: action });
    }
  }

  function submit(now: number): void {
    while (toSubmit[0] !== undefined && submitTime(toSubmit[0]) === now) {
      const task = model.submit(toSubmit[0]);
      if (task?.needs.some(isHopeless) === true) throw new Error('expected no task of a scenario to fail');
      toSubmit.shift();
    }
  }

  /** The next delivery of the task that started first among those that have one due. */
  function deliver(now: number): void {
    const next = [...running].find((each) => dueAt(each) === now);
    if (next === undefined) return;
    const { task } = next;
    const { id, partialAt = [] } = task.plan;
    if (task.delivered < partialAt.length) {
      trace.push({ at: now, event: 'partial', id: `${id}#${task.delivered}` });
      model.deliver(task);
      return;
    }
    running.delete(next);
    trace.push({ at: now, event: 'done', id });
    model.settle(task, 'done');
    for (const occupant of model.occupants) {
      const isRunning = [...running].some((each) => each.task === occupant);
      if (!isRunning && !model.isHolding(occupant)) model.returnSlot(occupant);
    }
  }

  /** Asks anew after each start: in an order that goes by the work left, a start may change who is next. */
  function cycle(now: number): void {
    for (let task = firstThatFits(); task !== undefined; task = firstThatFits()) {
      model.start(task);
      running.add({ task, startedAt: now });
      trace.push({ at: now, event: 'start', id: task.plan.id });
    }
  }

  function firstThatFits(): ModelTask | undefined {
    for (const task of model.startable()) if (model.fits(task)) return task;
    return undefined;
  }
}

function dueAt({ task: { plan, delivered }, startedAt }: Running): number {
  return startedAt + (plan.partialAt?.[delivered] ?? plan.duration);
}

function submitTime({ submitAt = 0 }: ScenarioTask): number {
  return submitAt;
}
