/** How a cell takes the step of a compiled table itself. */
import { elementAt } from '../../core/element-at.js';
import type { ChartCell } from './cells.js';
import type { Step } from './chart.js';
import { viewOf } from './chart-actor.js';

type Effects<TCell, TEvent> = Readonly<Record<string, (cell: TCell, event: TEvent) => void>>;

/** The cell goes to the step's state, its context changes, and the effects are carried out. @internal */
export function takeStep<TCell extends ChartCell, TEvent>(
  cell: TCell,
  { target, assigns, effects }: Step,
  event: TEvent,
  carryOut: Effects<TCell, TEvent>,
): void {
  cell.chartState = target;
  for (let index = 0; index < assigns.length; index += 1) {
    const { key, valueOf } = elementAt(assigns, index);
    (cell as Record<string, unknown>)[key] = valueOf({ context: cell, event });
  }
  // Only a view stands in front of a cell that takes its steps itself.
  if (cell.actor !== undefined) viewOf(cell).changed();
  for (let index = 0; index < effects.length; index += 1) carryOut[elementAt(effects, index)]?.(cell, event);
}
