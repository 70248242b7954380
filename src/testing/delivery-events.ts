/** What traces tell of the reports and questions of executors. */
import type { Delivery } from './simulated-executor.js';
import type { TraceEvent } from './trace.js';

/** Without faults: a report is what follows from it, but for a task whose function returns a handle. @internal */
export function briefEvent({ at, attempt: { id, attempt }, partial }: Delivery, isFollower: boolean): TraceEvent {
  if (partial !== undefined) return { at, event: 'partial', id: `${id}#${partial}` };
  return isFollower ? { at, event: 'again', id, attempt, to: 'pending' } : { at, event: 'done', id };
}

/** @internal */
export function fullEvent({ at, attempt: { id, attempt }, partial, what }: Delivery): TraceEvent {
  if (what === 'partial') return { at, event: 'report', id: `${id}#${partial}`, attempt };
  if (what === 'ask' || what === 'begin') return { at, event: what, id, attempt };
  return { at, event: 'end', id, attempt, as: what };
}
