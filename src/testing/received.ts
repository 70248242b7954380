/** What tasks receive of each other: partial results as they arrive, and the arguments of an attempt. */
import type { CheckedRun } from './checked-run.js';
import { isSettled, type ModelTask } from './model.js';
import { splitReference } from './trace.js';

/** A partial result was delivered: it must be the next one of a task that runs. @internal */
export function arrived(run: CheckedRun, task: ModelTask, index: number): void {
  const { id, partials } = task.plan;
  const name = `${id}#${index}`;
  run.judge('settlement', !isSettled(task), () => `${name} is delivered after ${id} settled as ${task.state}`, [task]);
  run.judge(
    'partials',
    index === task.delivered,
    () => `${name} is delivered, though ${task.delivered} partial results were delivered before`,
    [task],
  );
  run.judge(
    'partials',
    ((task.state !== 'pending' && task.state !== 'ready') || run.options.hasStore === true) &&
      (partials === undefined || index < partials),
    () => `${name} is delivered, while ${id} is ${task.state} and announces ${partials ?? 'any number'}`,
    [task],
  );
  if (run.isFull) {
    const { reported } = run.track(task);
    run.judge('partials', index < reported, () => `${name} is delivered, though ${reported} were reported`, [task]);
  }
  if (index === task.delivered && !isSettled(task)) run.model.deliver(task);
}

/** The names of the results that the task must receive; undefined if they are not known. @internal */
export function expectedInputs(run: CheckedRun, task: ModelTask): readonly string[] | undefined {
  const inputs = [...new Set(task.plan.deps)];
  const names: string[] = [];
  for (const reference of task.plan.deps) {
    const { id, index } = splitReference(reference);
    const dependency = run.model.tasks.get(id);
    if (dependency === undefined) return undefined;
    if (index !== undefined) names.push(reference);
    else if (dependency.plan.partials === undefined) names.push(`${id}/${run.track(dependency).accepted}`);
    else for (let place = 0; place < dependency.delivered; place += 1) names.push(`${id}#${place}`);
  }
  return inputs.length === 0 ? [] : names;
}
