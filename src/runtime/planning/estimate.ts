/**
 * How much work is left and how long it will take, from what is known of durations: bounds that hold for any order, not a plan.
 *
 * No order takes less than the longest way, or than the work of a queue shared evenly by its slots. Starting whatever is ready takes no more
 * than both together: T ≤ Σ work / slots + (1 − 1 / slots) · longest way (Graham 1969; for several queues Jaffe 1980). What keeps slots empty
 * besides is not counted: resources, rates, pauses, held slots.
 */
import { spreadMs } from '../../core/durations.js';
import { elementAt, valueAt } from '../../core/element-at.js';
import type { Engine } from '../engine.js';
import type { TaskRecord } from '../tasks/task-record.js';

/** So many ids of the critical path are given. */
const MOST_NAMES = 20;
/** So many standard deviations either way. */
const SPREADS = 2;

/**
 * What is left to do. Times are in milliseconds; those of kinds that have not been seen are the average of all. Running tasks count with what they
 * have not had yet.
 *
 * @public
 */
export interface Estimate {
  /** How many tasks have not settled and are needed. */
  readonly tasks: number;
  /** How many of them are of a kind that no run has seen. */
  readonly unknown: number;
  /** The sum of the durations; undefined, like all times, as long as no task has ever been done. */
  readonly workMs: number | undefined;
  /** From now to the last end, if the scheduler runs. `likely` is what a good order takes; the range allows for any order and for the spread. */
  readonly leftMs: { readonly least: number; readonly likely: number; readonly most: number } | undefined;
  /** The longest way: the ids of its tasks, at most the first 20. */
  readonly criticalPath: { readonly ms: number | undefined; readonly tasks: readonly string[] };
}

/** A task, as bounds need it. @internal */
export interface EstimatedTask {
  readonly ms: number;
  readonly spreadMs: number;
  readonly queue: string;
}

/** @internal */
export interface Bounds {
  readonly workMs: number;
  readonly least: number;
  readonly likely: number;
  readonly most: number;
  /** The places of the tasks of the longest way. */
  readonly path: readonly number[];
  readonly pathMs: number;
}

/**
 * Bounds of the time that tasks take. `needs` are places of earlier tasks. O(tasks and edges).
 *
 * @internal
 */
export function boundsOf(
  tasks: readonly (EstimatedTask & { readonly needs: readonly number[] })[],
  slotsOf: (queue: string) => number,
): Bounds {
  const ways: { readonly ms: number; readonly from: number | undefined }[] = [];
  const queues = new Map<string, { ms: number; variance: number; count: number }>();
  let last: number | undefined;
  for (const [place, { ms, spreadMs: spread, queue, needs }] of tasks.entries()) {
    let from: number | undefined;
    for (const need of needs) if (from === undefined || wayTo(need) > wayTo(from)) from = need;
    ways.push({ ms: ms + (from === undefined ? 0 : wayTo(from)), from });
    if (last === undefined || wayTo(place) > wayTo(last)) last = place;
    const sum = queues.get(queue) ?? { ms: 0, variance: 0, count: 0 };
    queues.set(queue, { ms: sum.ms + ms, variance: sum.variance + spread ** 2, count: sum.count + 1 });
  }
  const path: number[] = [];
  for (let at = last; at !== undefined; at = elementAt(ways, at).from) path.push(at);
  path.reverse();
  const pathMs = last === undefined ? 0 : wayTo(last);
  let [workMs, shared, likely, mostSlots] = [0, 0, pathMs, 1];
  let deviation = Math.sqrt(path.reduce((sum, place) => sum + elementAt(tasks, place).spreadMs ** 2, 0));
  for (const [name, { ms, variance, count }] of queues) {
    const slots = Math.min(slotsOf(name), count);
    workMs += ms;
    shared += ms / slots;
    likely = Math.max(likely, ms / slots);
    mostSlots = Math.max(mostSlots, slots);
    deviation = Math.max(deviation, Math.sqrt(variance) / slots);
  }
  const least = Math.max(0, likely - SPREADS * deviation);
  const most = shared + (1 - 1 / mostSlots) * pathMs + SPREADS * deviation;
  return { workMs, least, likely, most, path, pathMs };

  function wayTo(place: number): number {
    return elementAt(ways, place).ms;
  }
}

/** O(unsettled tasks and their edges). @internal */
export function estimate({ unsettled, durations, queues }: Engine): Estimate {
  const records = unsettled.newestFirst().toReversed();
  const places = new Map<TaskRecord, number>();
  const tasks = records.map((record, place) => {
    places.set(record, place);
    const needs = (record.waiting === 0 ? [] : record.dependencies).flatMap((need) => places.get(need) ?? []);
    const { stats } = durations.kindOf(record);
    return { ms: durations.leftMs(record), spreadMs: spreadMs(stats), queue: record.queue.name, needs };
  });
  const slots = new Map(queues.map(({ name, concurrency }) => [name, concurrency]));
  const { workMs, least, likely, most, path, pathMs } = boundsOf(tasks, (queue) => valueAt(slots, queue));
  const isKnown = durations.isAnyKnown;
  return {
    tasks: records.length,
    unknown: records.filter((record) => !durations.isKnown(record)).length,
    workMs: isKnown ? workMs : undefined,
    leftMs: isKnown ? { least, likely, most } : undefined,
    criticalPath: {
      ms: isKnown ? pathMs : undefined,
      tasks: path.slice(0, MOST_NAMES).map((place) => elementAt(records, place).id),
    },
  };
}
