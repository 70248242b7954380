/**
 * The bounds of the compiler. The table of a chart outside of them would do something else than the chart, so the chart is
 * refused.
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate';

/**
 * Looks through every state of the chart.
 *
 * @throws Error naming the chart and the feature: an action or guard without a name or with parameters, history, a delayed
 * transition, or an invocation.
 */
export function checkIsSupported(machine: AnyStateMachine): void {
  const refuse = (feature: string): never => {
    throw new Error(`statechart ${machine.id} cannot be compiled: it has ${feature}`);
  };
  for (const [name, guard] of Object.entries(machine.implementations.guards)) {
    if (isComposite(guard) && !(guard.guards ?? []).every((part) => typeof part === 'string')) {
      refuse(`guard ${name}, whose parts have no names`);
    }
  }
  const checkGuard = (guard: unknown): void => {
    if (guard === undefined || typeof guard === 'string') return;
    refuse(typeof guard === 'function' ? 'a guard without a name' : 'a guard with parameters');
  };
  const checkActions = (actions: readonly unknown[]): void => {
    for (const action of actions)
      if (typeof action !== 'string') refuse('an action without a name, or with parameters');
  };
  const pending: AnyStateNode[] = [machine.root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node.type === 'history') refuse(`history in ${node.id}`);
    if (node.after.length > 0) refuse(`a delayed transition in ${node.id}`);
    if (node.invoke.length > 0) refuse(`an invocation in ${node.id}`);
    checkActions(node.entry);
    checkActions(node.exit);
    for (const transition of [...node.transitions.values()].flat().concat(node.always ?? [])) {
      checkGuard(transition.guard);
      checkActions(transition.actions);
    }
    pending.push(...Object.values(node.states));
  }
}

/** Built by XState's `and`, `or`, `not` or `stateIn`: a function with a `check` of its own. */
export function isComposite(guard: unknown): guard is { readonly guards?: readonly unknown[] } {
  return typeof guard === 'function' && 'check' in guard;
}
