/** What is taken of a queue, as the model counts it, and what fits beside that. */
import type { ScenarioQueue, ScenarioTask } from './scenario-shape.js';

/** Slots, and amounts by the names of resources. @internal */
export interface Taken {
  taken: number;
  readonly amounts: Map<string, number>;
}

/** The same, to be changed apart from it. @internal */
export function copyOf({ taken, amounts }: Taken): Taken {
  return { taken, amounts: new Map(amounts) };
}

/** Takes a slot with the demand of the task, or gives it back. @internal */
export function occupy(room: Taken, { resources = {} }: ScenarioTask, change: 1 | -1): void {
  room.taken += change;
  for (const [name, amount] of Object.entries(resources))
    room.amounts.set(name, (room.amounts.get(name) ?? 0) + change * amount);
}

/** Whether a slot is left with the demand of the task. @internal */
export function fitsBeside(
  { taken, amounts }: Taken,
  { concurrency, resources: capacities = {} }: ScenarioQueue,
  { resources = {} }: ScenarioTask,
): boolean {
  if (taken >= concurrency) return false;
  return Object.entries(resources).every(([name, amount]) => {
    const capacity = capacities[name] ?? 0;
    return (amounts.get(name) ?? 0) + amount <= capacity + slack(capacity);
  });
}

/** Sums of amounts differ by their rounding. @internal */
export function slack(capacity: number): number {
  return Math.abs(capacity) * 1e-9;
}
