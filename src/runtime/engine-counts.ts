/** Work that a scheduler has done, counted: for tests that bound it without a clock. */
import type { Engine } from './engine.js';

/** By name. @internal */
export function countsOf(engine: Engine): Readonly<Record<string, number>> {
  const { eventQueue, order, queues, attempts, cell, selection, oddEvents } = engine;
  return {
    messages: eventQueue.posted,
    refusedEvents: oddEvents.refused + cell.refusedEvents,
    staleReports: attempts.staleReports,
    unexpectedEvents: oddEvents.unexpected,
    preemptionLooks: queues.reduce((sum, { preemption }) => sum + (preemption?.looks ?? 0), 0),
    queueLooks: selection.counts.looks,
    ...order.counts,
  };
}
