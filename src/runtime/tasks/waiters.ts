/**
 * Callbacks for the end of a task and for its partial results. Each is called once and then
 * forgotten; the callback reads the record to see what happened.
 */
import { WHOLE } from '../../core/order/graph-node.js';
import type { SchedulerError } from '../../core/failures.js';
import type { TaskRecord } from './task-record.js';
import type { Watcher } from './task-side.js';

/** Callbacks for ends and partial results; each operation is O(1) but the calls it makes. @internal */
export class Waiters {
  /** `settled` is called when the task settles; at once when it has. */
  end(record: TaskRecord, settled: Watcher): void {
    if (record.isSettled) settled();
    else if (record.endWatchers === undefined) record.endWatchers = [settled];
    else record.endWatchers.push(settled);
  }

  /** `seen` is called when that result is delivered or will never be; at once when that is known. */
  partial(record: TaskRecord, index: number, seen: Watcher): void {
    const isBeyond = record.announced !== undefined && index >= record.announced;
    if (record.isSettled || isBeyond || index < record.delivered) {
      seen();
      return;
    }
    record.partialWatchers ??= new Map();
    const present = record.partialWatchers.get(index);
    if (present === undefined) record.partialWatchers.set(index, [seen]);
    else present.push(seen);
  }

  delivered(record: TaskRecord, index: number): void {
    const watchers = record.partialWatchers?.get(index);
    if (watchers === undefined) return;
    record.partialWatchers?.delete(index);
    record.flow?.take(index);
    for (const seen of watchers) seen();
  }

  /** The count has become known: results beyond it need not be waited for. */
  announced(record: TaskRecord, count: number): void {
    for (const [index, watchers] of record.partialWatchers ?? []) {
      if (index < count) continue;
      record.partialWatchers?.delete(index);
      for (const seen of watchers) seen();
    }
  }

  settled(record: TaskRecord): void {
    const { endWatchers, partialWatchers } = record;
    if (endWatchers === undefined && partialWatchers === undefined) return;
    record.endWatchers = undefined;
    record.partialWatchers = undefined;
    for (const settled of endWatchers ?? []) settled();
    for (const watchers of partialWatchers?.values() ?? []) for (const seen of watchers) seen();
  }

  /** Tells those who wait for the task of a stall, and forgets the ones that no longer wait. Returns how many those are. */
  stalled(record: TaskRecord, stall: SchedulerError): number {
    const { endWatchers, partialWatchers } = record;
    let given = 0;
    const isLeft = (watcher: Watcher): boolean => {
      if (watcher(stall) !== true) return true;
      given += 1;
      return false;
    };
    if (endWatchers !== undefined) {
      const left = endWatchers.filter(isLeft);
      record.endWatchers = left.length > 0 ? left : undefined;
    }
    for (const [index, watchers] of partialWatchers ?? []) {
      const left = watchers.filter(isLeft);
      if (left.length > 0) partialWatchers?.set(index, left);
      else partialWatchers?.delete(index);
    }
    return given;
  }

  /** The callback is not called any more. O(callbacks of that task). */
  forget(record: TaskRecord, index: number, watcher: Watcher): void {
    const others = (watchers: Watcher[] | undefined): Watcher[] | undefined => {
      const left = watchers?.filter((each) => each !== watcher);
      return left?.length === 0 ? undefined : left;
    };
    if (index === WHOLE) {
      record.endWatchers = others(record.endWatchers);
      return;
    }
    const left = others(record.partialWatchers?.get(index));
    if (left === undefined) record.partialWatchers?.delete(index);
    else record.partialWatchers?.set(index, left);
  }
}
