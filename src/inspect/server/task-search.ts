/** Finds tasks by a part of their id and their state, newest first. */
import { STATE } from '../protocol/frames.js';
import type { State } from '../protocol/messages.js';
import type { Recording } from '../recorder/recording.js';
import { BYTE, FIELD } from '../recorder/row-store.js';
import { placeOf } from '../recorder/task-index.js';

/** What is looked for. @internal */
export interface Search {
  readonly text: string;
  readonly state?: State;
  readonly limit: number;
}

/** The newest tasks that match, and how many match in all. Filters come before the limit. O(rows). @internal */
export function findTasks(
  recording: Recording,
  { text, state, limit }: Search,
): { readonly tasks: readonly number[]; readonly total: number } {
  const { rows, index } = recording;
  const wanted = state === undefined ? undefined : STATE[state];
  const found: number[] = [];
  for (let place = 0; place < rows.count; place += 1) {
    const task = rows.get(place, FIELD.task);
    // A task's earlier attempts are not looked at.
    if (placeOf(index.get(task)) !== place) continue;
    if (wanted !== undefined && rows.byte(place, BYTE.state) !== wanted) continue;
    if (text === '' || recording.idOf(task).includes(text)) found.push(task);
  }
  found.sort((a, b) => b - a);
  return { tasks: found.slice(0, limit), total: found.length };
}
