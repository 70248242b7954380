/**
 * What a statechart must not use to be compiled. A chart outside of these bounds would give a table that does something
 * else than the chart, so it is refused at load.
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate';

/**
 * Looks through every state of the chart.
 *
 * @throws Error naming the chart and what it uses: an action or guard without a name or with parameters, a named guard
 * made of others, history, a delayed transition, or an invocation.
 * @internal
 */
export function checkBounds(machine: AnyStateMachine): void {
  const refuse = (what: string): never => {
    throw new Error(`statechart ${machine.id} cannot be compiled: it has ${what}`);
  };
  for (const [name, guard] of Object.entries(machine.implementations.guards)) {
    if (isComposite(guard)) refuse(`guard ${name}, which is made of others; name its parts instead`);
  }
  const checkGuard = (guard: unknown): void => {
    if (guard === undefined || typeof guard === 'string') return;
    if (isComposite(guard)) {
      for (const part of guard.guards ?? []) checkGuard(part);
      return;
    }
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
function isComposite(guard: unknown): guard is { readonly guards?: readonly unknown[] } {
  return typeof guard === 'function' && 'check' in guard;
}
