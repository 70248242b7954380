/** Who has the slots and resources of a queue, in words: for the answers of `why()` and for stalls. */
import type { TaskAttempt } from '../tasks/attempt.js';
import type { NestedWaits } from '../tasks/nested-waits.js';
import type { TaskQueue, TaskRecord } from '../tasks/task-record.js';

/** How many ids a sentence names. */
const MAX_SPOKEN = 5;

/** A task that has a slot, and what it does with it. */
interface Holder {
  readonly id: string;
  readonly text: string;
}

/** The holders of slots at one moment. Asking is O(unsettled tasks) the first time. @internal */
export class Holders {
  readonly #unsettled: readonly TaskRecord[];
  readonly #ending: Iterable<TaskAttempt<TaskRecord>>;
  readonly #nested: NestedWaits;
  #running: Map<TaskQueue, Holder[]> | undefined = undefined;

  constructor(unsettled: readonly TaskRecord[], ending: Iterable<TaskAttempt<TaskRecord>>, nested: NestedWaits) {
    this.#unsettled = unsettled;
    this.#ending = ending;
    this.#nested = nested;
  }

  /** Ids of the tasks that have slots of the queue: settled ones that hold theirs first, then running ones, newest first. */
  idsOf(queue: TaskQueue): string[] {
    return this.#of(queue).map(({ id }) => id);
  }

  /** One line that names them and what they do; empty when there are none. */
  textOf(queue: TaskQueue): string {
    const holders = this.#of(queue);
    return holders.length === 0 ? '' : `; held by ${names(holders.map(({ text }) => text))}`;
  }

  /** Ids of the tasks that the running function of the task waits for. */
  awaitedBy({ run }: TaskRecord): string[] {
    return run === undefined ? [] : [...(this.#nested.awaitedBy(run) ?? [])].map(({ id }) => id);
  }

  #of(queue: TaskQueue): Holder[] {
    this.#running ??= this.#find();
    const settled = [...queue.holders].map(({ id }) => ({ id, text: id }));
    return [...settled, ...(this.#running.get(queue) ?? [])];
  }

  #find(): Map<TaskQueue, Holder[]> {
    const found = new Map<TaskQueue, Holder[]>();
    const add = ({ id, queue }: TaskRecord, what: string): void => {
      const known = found.get(queue) ?? [];
      known.push({ id, text: `${id} (${what})` });
      found.set(queue, known);
    };
    for (const record of this.#unsettled) {
      const { run } = record;
      if (run === undefined || run.isDropped) continue;
      const awaited = this.awaitedBy(record);
      add(record, awaited.length === 0 ? 'running' : `running, waits for ${names(awaited)}`);
    }
    for (const { record, hasEnded } of this.#ending) {
      if (!hasEnded) add(record, `${record.isSettled ? record.state : 'given up'}, its function has not ended yet`);
    }
    return found;
  }
}

/** The first few of the names, and how many more there are: for a sentence. @internal */
export function names(ids: readonly string[]): string {
  const more = ids.length > MAX_SPOKEN ? ` and ${ids.length - MAX_SPOKEN} more` : '';
  return ids.slice(0, MAX_SPOKEN).join(', ') + more;
}
