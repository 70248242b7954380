/** A task by its id, which selects it. */
import { known, selectedTask, selectTask } from '../app/state.js';

export function TaskLink({ task }: { readonly task: number }) {
  return (
    <button type="button" class="link" aria-current={selectedTask.value === task} onClick={() => selectTask(task)}>
      {known().idOf(task)}
    </button>
  );
}
