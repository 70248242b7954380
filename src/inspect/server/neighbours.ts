/** Tasks as they are told beside another one. */
import { STATES } from '../protocol/frames.js';
import type { Neighbour } from '../protocol/messages.js';
import type { Recording } from '../recorder/recording.js';
import { BYTE, FIELD } from '../recorder/row-store.js';
import { placeOf } from '../recorder/task-index.js';

/** The task by its number; undefined for one that is not known (any more). @internal */
export function neighbourOf(recording: Recording, task: number): Neighbour | undefined {
  const place = placeOf(recording.index.get(task));
  return place < 0 ? undefined : neighbourAt(recording, place);
}

/** The task of a row, in the state of its latest row. @internal */
export function neighbourAt(recording: Recording, place: number): Neighbour {
  const task = recording.rows.get(place, FIELD.task);
  const latest = placeOf(recording.index.get(task));
  const { fn, book } = recording.useAt(place);
  return {
    task,
    id: recording.idOf(task),
    fn,
    queue: book.index,
    state: stateAt(recording, latest < 0 ? place : latest),
  };
}

function stateAt({ rows }: Recording, place: number): Neighbour['state'] {
  return STATES[rows.byte(place, BYTE.state)] ?? 'pending';
}
