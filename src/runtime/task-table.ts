/** The task's statechart, compiled. */
import { copyOfTaskContext, TASK_EFFECTS, taskMachine } from '../../machines/task.js';
import { SchedulerError } from '../core/failures.js';
import type { TaskState } from '../core/outcome.js';
import { compile, type TableState } from './transition-table.js';

/** Made once, at load. @internal */
export const taskTable = compile(taskMachine, TASK_EFFECTS, copyOfTaskContext);

/** The table's state of that name. @internal */
export function restStateOf(state: TaskState): TableState {
  const found = states.get(state);
  if (found === undefined)
    throw new SchedulerError('InvariantBroken', `expected a state ${state} in the task's statechart`);
  return found;
}

const states = new Map(taskTable.states.map((state) => [state.value, state]));
