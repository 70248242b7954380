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

/** The name of what a task that is done has returned, or those of its partial results. @internal */
export function resultNames(run: CheckedRun, task: ModelTask): readonly string[] {
  const { plan, followed, delivered } = task;
  if (followed?.index !== undefined) return [`${followed.task.plan.id}#${followed.index}`];
  if (followed !== undefined) return resultNames(run, followed.task);
  if ((plan.partials ?? 0) === 0) return [`${plan.id}/${run.track(task).accepted}`];
  return Array.from({ length: delivered }, (_, index) => `${plan.id}#${index}`);
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
    else names.push(...resultNames(run, dependency));
  }
  return inputs.length === 0 ? [] : names;
}
