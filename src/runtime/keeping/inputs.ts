/** The inputs of a task: the fingerprints of the results that it depends on. By them a task is told that only its upstream has changed. */
import { elementAt } from '../../core/element-at.js';
import { WHOLE } from '../../core/order/graph-node.js';
import { outcomeAt } from '../tasks/outcome-at.js';
import type { TaskRecord } from '../tasks/task-record.js';
import type { Ingredients } from './recipes.js';

/** In the order of the dependencies; undefined where a result has no fingerprint. @internal */
export type Inputs = readonly (string | undefined)[];

/** Undefined unless every result is there. @internal */
export function inputsOf(
  { nodes, indices }: Pick<Ingredients, 'nodes' | 'indices'>,
  fingerprintOf: (record: TaskRecord, index: number) => string | undefined,
): Inputs | undefined {
  const inputs: (string | undefined)[] = [];
  for (let position = 0; position < nodes.length; position += 1) {
    const node = elementAt(nodes, position);
    const index = indices?.[position] ?? WHOLE;
    if (outcomeAt(node, index)?.status !== 'done') return undefined;
    inputs.push(fingerprintOf(node, index));
  }
  return inputs;
}

/** Whether each has a fingerprint, and the same. @internal */
export function areEqual(inputs: Inputs | undefined, kept: Inputs): boolean {
  if (inputs?.length !== kept.length) return false;
  return inputs.every((input, position) => input !== undefined && input === kept[position]);
}
