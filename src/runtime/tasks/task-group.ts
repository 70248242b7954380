/** A group of tasks of type `R`, as its tasks tell it of themselves. */
import type { Outcome } from '../../core/outcome.js';

/** @internal */
export interface TaskGroup<R> {
  settled(record: R, outcome: Outcome): void;
  attemptBegan(): void;
  attemptEnded(): void;
}
