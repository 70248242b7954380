/**
 * Draws statecharts as Mermaid diagrams, from what XState has made of them: nothing is known here of any one chart. A
 * chart of regions gives one diagram for each, because a reader looks at them one at a time.
 *
 * Invariant: what cannot be drawn is refused; nothing is left out of a diagram without a word.
 */
import type { AnyStateMachine } from 'xstate';
import { SchedulerError } from '../../core/failures.js';

/** What is read of a state node. XState's own type says `any` for most of it. */
interface ChartNode {
  readonly key: string;
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  readonly parent: ChartNode | undefined;
  readonly states: Readonly<Record<string, ChartNode>>;
  readonly initial: { readonly target: readonly ChartNode[] } | undefined;
  readonly entry: readonly unknown[];
  readonly exit: readonly unknown[];
  readonly always: readonly unknown[] | undefined;
  readonly transitions: ReadonlyMap<string, readonly ChartTransition[]>;
}

interface ChartTransition {
  readonly eventType: string;
  readonly target: readonly ChartNode[] | undefined;
  readonly guard: unknown;
  readonly actions: readonly unknown[];
}

/**
 * The Mermaid diagrams (`stateDiagram-v2`) of a machine of XState 5, such as those of `pullgraph/machines`, by name: one named after the
 * machine, or `machine.region` for each of its regions. Its guards and actions must have names.
 *
 * @throws SchedulerError `InvalidArgument` for what has no drawing: history states, parallel states within others, `always`, exit
 * actions, guards and actions without a name.
 * @public
 */
export function statechartMermaid(machine: AnyStateMachine): ReadonlyMap<string, string> {
  const root = machine.root as unknown as ChartNode;
  if (root.type !== 'parallel') return new Map([[machine.id, diagramOf(root)]]);
  refuseWhatIsNotDrawn(root);
  return new Map(Object.values(root.states).map((region) => [`${machine.id}.${region.key}`, diagramOf(region)]));
}

function diagramOf(root: ChartNode): string {
  refuseWhatIsNotDrawn(root);
  return `stateDiagram-v2\n${insideOf(root)
    .map((line) => `  ${line}\n`)
    .join('')}`;
}

/** A chart, or a region of one, is drawn as the states in it. */
function refuseWhatIsNotDrawn({ key, transitions, entry, exit, always }: ChartNode): void {
  if (transitions.size > 0 || entry.length > 0 || exit.length > 0 || always !== undefined) {
    throw notDrawn(`statechart ${key}: no drawing of what happens outside of its states`);
  }
}

/** The states within a node, then what leads from each of them. */
function insideOf(node: ChartNode): string[] {
  const children = Object.values(node.states);
  const [first] = node.initial?.target ?? [];
  return [
    ...(first === undefined ? [] : [`[*] --> ${within(node, first).key}`]),
    ...children.flatMap((child) => stateLines(child)),
    ...children.flatMap((child) => arrows(child)),
  ];
}

function stateLines(node: ChartNode): string[] {
  if (node.exit.length > 0 || node.always !== undefined) {
    throw notDrawn(`state ${node.key}: no drawing of what is done on exit or at once`);
  }
  const entry = node.entry.length === 0 ? [] : [`${node.key}: on entry ${node.entry.map(nameOf).join(', ')}`];
  switch (node.type) {
    case 'compound':
      return [`state ${node.key} {`, ...insideOf(node).map((line) => `  ${line}`), '}'];
    case 'final':
    case 'atomic':
      return [`state "${node.key}" as ${node.key}`, ...entry];
    case 'parallel':
    case 'history':
      throw notDrawn(`state ${node.key}: no drawing of ${node.type} states`);
  }
}

/** What leads from a node to others; events that do the same stand on one arrow. */
function arrows(node: ChartNode): string[] {
  const events = new Map<string, { readonly arrow: string; readonly types: string[]; readonly rest: string }>();
  for (const alternatives of node.transitions.values()) {
    for (const [index, { eventType, target, guard, actions }] of alternatives.entries()) {
      const arrow = `${node.key} --> ${target?.[0]?.key ?? node.key}`;
      const condition = guard === undefined && index > 0 ? 'else' : guardName(guard);
      const rest = [
        condition === undefined ? '' : `<br/>[${condition}]`,
        actions.length === 0 ? '' : `<br/>/ ${actions.map(nameOf).join(', ')}`,
      ].join('');
      const alike = events.get(arrow + rest);
      if (alike === undefined) events.set(arrow + rest, { arrow, types: [eventType], rest });
      else alike.types.push(eventType);
    }
  }
  const end = node.type === 'final' ? [`${node.key} --> [*]`] : [];
  return [...[...events.values()].map(({ arrow, types, rest }) => `${arrow}: ${types.join(', ')}${rest}`), ...end];
}

/** The child of `node` in which `target` lies. */
function within(node: ChartNode, target: ChartNode): ChartNode {
  let child = target;
  while (child.parent !== undefined && child.parent !== node) child = child.parent;
  return child;
}

function guardName(guard: unknown): string | undefined {
  if (guard === undefined) return undefined;
  if (typeof guard === 'function') {
    if ('stateValue' in guard) return `in ${stateName(guard.stateValue)}`;
    if (guard.name === 'and' && 'guards' in guard) return (guard.guards as unknown[]).map(guardName).join(' and ');
  }
  return nameOf(guard);
}

function stateName(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[region, state] = []] = Object.entries(value ?? {});
  return `${region} ${stateName(state)}`;
}

/** The name of an action or a guard. */
function nameOf(named: unknown): string {
  if (typeof named === 'string') return named;
  if (typeof named === 'object' && named !== null && 'type' in named && typeof named.type === 'string')
    return named.type;
  throw notDrawn('expected actions and guards of a statechart to be named');
}

function notDrawn(message: string): SchedulerError {
  return new SchedulerError('InvalidArgument', message);
}
