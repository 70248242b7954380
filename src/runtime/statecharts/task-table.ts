/** The task's statechart, compiled. */
import { changedTaskContext, TASK_EFFECTS, taskMachine } from '../../../machines/task.js';
import { SchedulerError } from '../../core/failures.js';
import type { TaskState } from '../../core/outcome.js';
import { compile, type TableState } from './compile.js';

/** Made once, at load. @internal */
export const taskTable = compile(taskMachine, TASK_EFFECTS, changedTaskContext);

function stateNamed(name: TaskState): TableState {
  const found = taskTable.states.find(({ value }) => value === name);
  if (found === undefined)
    throw new SchedulerError('InvariantBroken', `expected a state ${name} in the task's statechart`);
  return found;
}

/** The final states. @internal */
export const FINAL_STATES = {
  done: stateNamed('done'),
  failed: stateNamed('failed'),
  cancelled: stateNamed('cancelled'),
} as const;
