/** Finds tasks by their ids or functions among all rows; newest first, and how many there are in all. */
import { stateAt } from './counts.js';
import type { Recording } from './recording.js';

export interface Found {
  /** Task numbers, newest first. */
  readonly tasks: readonly number[];
  readonly total: number;
}

/** @param state A number of STATES that the task was in at `at`; undefined for any. */
export function findTasks(
  recording: Recording,
  text: string,
  options: {
    readonly at: number;
    readonly state: number | undefined;
    readonly fn?: number;
    readonly queue?: number;
    readonly limit: number;
  },
): Found {
  const { rows } = recording;
  const wanted = text.trim().toLowerCase();
  const isNamed = recording.functions.map((fn) => fn?.name.toLowerCase().includes(wanted));
  const exact: number[] = [];
  const tasks: number[] = [];
  for (let place = 0; place < rows.count; place += 1) {
    if (options.fn !== undefined && rows.fn[place] !== options.fn) continue;
    if (options.queue !== undefined && rows.queue[place] !== options.queue) continue;
    const state = stateAt(rows, place, options.at);
    // A row that is not there at that time, or that was followed by another of the same task.
    if (state > 6 || (options.state !== undefined && state !== options.state)) continue;
    const task = rows.task[place] ?? 0;
    const id = recording.idOf(task).toLowerCase();
    if (id === wanted) exact.push(task);
    else if (wanted === '' || isNamed[rows.fn[place] ?? 0] === true || id.includes(wanted)) tasks.push(task);
  }
  tasks.sort((a, b) => b - a);
  return { tasks: [...exact, ...tasks.slice(0, options.limit)], total: exact.length + tasks.length };
}
