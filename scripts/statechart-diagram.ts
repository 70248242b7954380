/**
 * Draws statecharts as mermaid diagrams, from what XState has made of them: nothing is known here of any one chart. A
 * chart of regions gives one diagram for each, because a reader looks at them one at a time.
 */
import type { AnyStateMachine } from 'xstate';

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

/** The diagrams of a chart by name: that of the chart, or `chart.region` for each of its regions. */
export function diagramsOf(machine: AnyStateMachine): ReadonlyMap<string, string> {
  const root = machine.root as unknown as ChartNode;
  if (root.type !== 'parallel') return new Map([[machine.id, diagramOf(root)]]);
  refuseWhatIsNotDrawn(root);
  return new Map(Object.values(root.states).map((region) => [`${machine.id}.${region.key}`, diagramOf(region)]));
}

/**
 * The page with the diagram of each name between `<!-- statechart name -->` and `<!-- end of statechart -->`.
 *
 * @throws Error when a diagram has no place in the page, or a place no diagram.
 */
export function withDiagrams(page: string, diagrams: ReadonlyMap<string, string>): string {
  const placed = new Set<string>();
  const drawn = page.replaceAll(/(<!-- statechart (\S+) -->\n)[^]*?(<!-- end of statechart -->)/g, (...match) => {
    const [, begin, name, end] = match as string[];
    const diagram = diagrams.get(name ?? '');
    if (diagram === undefined)
      throw new Error(`there is no statechart ${name}, only ${[...diagrams.keys()].join(', ')}`);
    placed.add(name ?? '');
    return `${begin}\n\`\`\`mermaid\n${diagram}\`\`\`\n\n${end}`;
  });
  for (const name of diagrams.keys()) {
    if (!placed.has(name)) throw new Error(`the page has no place for statechart ${name}`);
  }
  return drawn;
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
    throw new Error(`statechart ${key}: no drawing of what happens outside of its states`);
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
    throw new Error(`state ${node.key}: no drawing of what is done on exit or at once`);
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
      throw new Error(`state ${node.key}: no drawing of ${node.type} states`);
    default:
      return node.type satisfies never;
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
  throw new Error('expected actions and guards of a statechart to be named');
}
