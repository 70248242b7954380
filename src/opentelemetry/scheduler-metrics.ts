/** The metrics of one scheduler: told what happens, and read when metrics are collected. */
import type { Attributes } from '@opentelemetry/api';
import { outcomeKind, type OutcomeKind } from '../core/outcome.js';
import type { Engine } from '../runtime/engine.js';
import type { Guard } from './guard.js';
import type { MeterBook, MeterSource } from './meter-book.js';
import { ATTRIBUTE } from './names.js';
import type { Use, Uses } from './uses.js';

/** See above. @internal */
export class SchedulerMetrics implements MeterSource {
  readonly #engine: Engine;
  readonly #book: MeterBook;
  readonly #uses: Uses;
  readonly #guard: Guard;

  constructor(engine: Engine, book: MeterBook, uses: Uses, guard: Guard) {
    this.#engine = engine;
    this.#book = book;
    this.#uses = uses;
    this.#guard = guard;
    book.add(this);
  }

  leave(): void {
    this.#book.remove(this);
  }

  waited(use: Use, ms: number): void {
    this.#book.waited.record(ms / 1_000, use.attributes);
  }

  ran(use: Use, ms: number, outcome: string): void {
    this.#book.ran.record(ms / 1_000, use.with(ATTRIBUTE.attemptOutcome, outcome));
  }

  settled(use: Use, outcome: OutcomeKind): void {
    this.#book.settled.add(1, use.with(ATTRIBUTE.outcome, outcome));
  }

  current(tell: Parameters<MeterSource['current']>[0]): void {
    for (const { name, tally, readyCount, ledger, resourceNames } of this.#engine.queues) {
      const queue: Attributes = { [ATTRIBUTE.queue]: this.#uses.told(name) };
      const { slots, slotsTaken, capacity, taken } = ledger;
      const { unsettled, live } = tally;
      const states = { pending: Math.max(0, unsettled - live - readyCount), ready: readyCount, running: live };
      for (const [state, count] of Object.entries(states)) tell('tasks', count, { ...queue, [ATTRIBUTE.state]: state });
      tell('slots', slotsTaken, queue);
      if (Number.isFinite(slots)) tell('slotLimit', slots, queue);
      for (const [index, resource] of resourceNames.entries()) {
        const attributes = { ...queue, [ATTRIBUTE.resource]: this.#uses.told(resource) };
        tell('resource', taken[index] ?? 0, attributes);
        tell('resourceLimit', capacity[index] ?? 0, attributes);
      }
    }
  }

  totals(tell: Parameters<MeterSource['totals']>[0]): void {
    const { order, keeping, attempts, oddEvents, cell } = this.#engine;
    tell('visits', order.counts.visits, {});
    if (keeping !== undefined) tell('storeErrors', keeping.errors, {});
    const ignored = {
      'stale-report': attempts.staleReports,
      refused: oddEvents.refused + cell.refusedEvents,
      unexpected: oddEvents.unexpected,
    };
    for (const [kind, count] of Object.entries(ignored)) tell('ignored', count, { [ATTRIBUTE.event]: kind });
    tell('instrumentErrors', this.#guard.errors, {});
  }
}

/** The outcome of an attempt that failed with `error`. @internal */
export function faultKind(error: unknown): OutcomeKind {
  return outcomeKind({ status: 'failed', error });
}
