/**
 * A statechart as the page draws it, read from a machine's JSON definition (or its configuration: both are understood). What cannot be
 * read is left out.
 */

export interface ChartState {
  /** The names of the states above it and its own, joined by dots; empty for the machine itself. */
  readonly path: string;
  readonly name: string;
  readonly kind: 'atomic' | 'compound' | 'parallel' | 'final';
  readonly description: string;
  readonly isInitial: boolean;
  readonly children: readonly ChartState[];
}

export interface ChartTransition {
  readonly from: string;
  /** Equal to `from` for one that stays. */
  readonly to: string;
  readonly event: string;
  readonly guard: string;
  readonly description: string;
}

export interface Chart {
  readonly root: ChartState;
  readonly transitions: readonly ChartTransition[];
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Reads a definition; undefined when it has no states. */
export function readChart(definition: unknown): Chart | undefined {
  const machine = fieldsOf(definition);
  if (Object.keys(fieldsOf(machine['states'])).length === 0) return undefined;
  const transitions: ChartTransition[] = [];
  const root = readState(machine, '', textOf(machine['id']), true, { id: textOf(machine['id']), transitions });
  return { root, transitions };
}

interface Reading {
  readonly id: string;
  readonly transitions: ChartTransition[];
}

function readState(fields: Fields, path: string, name: string, isInitial: boolean, reading: Reading): ChartState {
  const initial = initialOf(fields['initial']);
  const children = Object.entries(fieldsOf(fields['states'])).map(([key, state]) =>
    readState(fieldsOf(state), path === '' ? key : `${path}.${key}`, key, key === initial, reading),
  );
  for (const [event, listed] of Object.entries(fieldsOf(fields['on']))) {
    for (const one of Array.isArray(listed) ? listed : [listed]) readTransition(one, path, event, reading);
  }
  const type = textOf(fields['type']);
  const kind = type === 'final' || type === 'parallel' ? type : children.length > 0 ? 'compound' : 'atomic';
  return { path, name, kind, description: textOf(fields['description']), isInitial, children };
}

/** `running`, or in a definition `{ target: ['#scheduler.running.busy'] }`. */
function initialOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const target = fieldsOf(value)['target'];
  const first: unknown = Array.isArray(target) ? target[0] : target;
  return textOf(first).split('.').at(-1) ?? '';
}

function readTransition(value: unknown, from: string, event: string, { id, transitions }: Reading): void {
  const fields = typeof value === 'string' ? { target: value } : fieldsOf(value);
  const given: unknown = fields['target'];
  const targets: readonly unknown[] = given === undefined ? [from] : Array.isArray(given) ? given : [given];
  const guard = guardOf(fields['guard']);
  const description = textOf(fields['description']);
  for (const target of targets) {
    const to = target === from ? from : resolve(textOf(target), from, id);
    transitions.push({ from, to, event, guard, description });
  }
}

function guardOf(value: unknown): string {
  return typeof value === 'string' ? value : textOf(fieldsOf(value)['type']);
}

/** The path that a target means: `#machine.a.b` from the top, `.b` below the state itself, `b` beside it. */
function resolve(target: string, from: string, id: string): string {
  if (target.startsWith('#')) return target.slice(1 + id.length + 1);
  if (target.startsWith('.')) return from === '' ? target.slice(1) : from + target;
  const above = from.split('.').slice(0, -1).join('.');
  return above === '' ? target : `${above}.${target}`;
}

/** The paths that are active when these are: they and all above them. */
export function withAncestors(active: readonly string[]): Set<string> {
  const all = new Set<string>();
  for (const path of active) {
    const names = path.split('.');
    for (let length = 1; length <= names.length; length += 1) all.add(names.slice(0, length).join('.'));
  }
  return all;
}

/** An arrow between two states with one parent, for all the transitions that lead this way between them or what is in them. */
export interface ChartArrow {
  readonly from: string;
  readonly to: string;
  readonly events: readonly string[];
}

/** The arrows among the children of a state. Transitions into a state above or below are not drawn. */
export function arrowsWithin(chart: Chart, parent: ChartState): ChartArrow[] {
  const arrows = new Map<string, { from: string; to: string; events: string[] }>();
  const childOf = (path: string): string | undefined =>
    parent.children.find((child) => path === child.path || path.startsWith(`${child.path}.`))?.path;
  for (const { from, to, event } of chart.transitions) {
    const [source, target] = [childOf(from), childOf(to)];
    if (source === undefined || target === undefined || source === target) continue;
    const key = `${source} ${target}`;
    const arrow = arrows.get(key);
    if (arrow === undefined) arrows.set(key, { from: source, to: target, events: [event] });
    else if (!arrow.events.includes(event)) arrow.events.push(event);
  }
  return [...arrows.values()];
}
