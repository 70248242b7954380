/**
 * Draws a task graph as a Mermaid flowchart.
 *
 * Invariants: what a user named stands in quotes, with everything escaped that Mermaid or a page could take for something else; the
 * diagram is no larger than Mermaid draws, and says what is not in it.
 */
import { SchedulerError, shown } from '../../core/failures.js';
import { checkOptionNames } from '../../core/option-names.js';

/**
 * A task of a graph. The rows of a recording are such tasks.
 *
 * @public
 */
export interface GraphTask {
  readonly id: string;
  readonly queue: string;
  /** What the function is called. */
  readonly name?: string | undefined;
  /** The ids of the tasks whose results it needs. */
  readonly needs?: readonly string[] | undefined;
}

/**
 * The options of `mermaidOf`.
 *
 * @public
 */
export interface GraphOptions {
  /** A box for each function of each queue, with the number of its tasks, or a box for each task. Default: `function`. */
  readonly by?: 'function' | 'task';
  /** How many boxes are drawn at the most: an integer from 1 to 300. Default: 100. */
  readonly maxNodes?: number;
}

const NAMES = { by: true, maxNodes: true } satisfies Record<keyof GraphOptions, true>;

const MOST_NODES = 300;

/** Mermaid draws no more, unless it is configured to. */
const MOST_EDGES = 480;

const MOST_LABEL = 60;

interface Box {
  readonly queue: string;
  readonly label: string;
  tasks: number;
  /** Undefined for a box beyond the bound. */
  readonly place: number | undefined;
}

/**
 * The Mermaid text (`flowchart`) of a graph of tasks, with a frame for each queue. A dependency on several results is drawn once. An arrow
 * between functions has the number of dependencies that it stands for. Boxes beyond `maxNodes`, arrows beyond 480 and dependencies on tasks
 * that are not given are left out, and counted by a last box. O(tasks + dependencies).
 *
 * @throws SchedulerError `InvalidOption`.
 * @public
 */
export function mermaidOf(tasks: Iterable<GraphTask>, options: GraphOptions = {}): string {
  checkOptionNames('mermaidOf', options, NAMES);
  const { by = 'function', maxNodes = 100 } = options;
  if (by !== 'function' && by !== 'task') {
    throw new SchedulerError('InvalidOption', `by must be function or task, got ${shown(by)}`);
  }
  if (!(Number.isSafeInteger(maxNodes) && maxNodes >= 1 && maxNodes <= MOST_NODES)) {
    throw new SchedulerError('InvalidOption', `maxNodes must be an integer from 1 to 300, got ${shown(maxNodes)}`);
  }
  const boxes = new Map<string, Box>();
  const boxOf = new Map<string, Box>();
  const needs = new Map<string, Set<string>>();
  for (const { id, queue, name, needs: needed = [] } of tasks) {
    const known = needs.get(id);
    // A task has as many rows as attempts.
    for (const other of needed) known?.add(other);
    if (known !== undefined) continue;
    needs.set(id, new Set(needed));
    const label = by === 'task' ? id : (name ?? 'tasks');
    const key = JSON.stringify([queue, label]);
    const box = boxes.get(key) ?? { queue, label, tasks: 0, place: boxes.size < maxNodes ? boxes.size : undefined };
    box.tasks += 1;
    boxes.set(key, box);
    boxOf.set(id, box);
  }
  return textOf([...boxes.values()], arrowsBetween(needs, boxOf), by);
}

interface Arrows {
  /** By `from to`, how many dependencies. */
  readonly drawn: ReadonlyMap<string, number>;
  readonly leftOut: number;
}

function arrowsBetween(needs: ReadonlyMap<string, ReadonlySet<string>>, boxOf: ReadonlyMap<string, Box>): Arrows {
  const drawn = new Map<string, number>();
  let leftOut = 0;
  for (const [id, needed] of needs) {
    const to = boxOf.get(id)?.place;
    for (const other of needed) {
      const from = boxOf.get(other)?.place;
      const key = `n${from} n${to}`;
      if (from === undefined || to === undefined || (drawn.size === MOST_EDGES && !drawn.has(key))) leftOut += 1;
      else drawn.set(key, (drawn.get(key) ?? 0) + 1);
    }
  }
  return { drawn, leftOut };
}

function textOf(boxes: readonly Box[], arrows: Arrows, by: 'function' | 'task'): string {
  const lines = ['flowchart LR'];
  const drawn = boxes.filter(({ place }) => place !== undefined);
  for (const [at, queue] of [...new Set(drawn.map((box) => box.queue))].entries()) {
    lines.push(`  subgraph q${at} ["${escaped(queue)}"]`);
    for (const { place, label, tasks } of drawn.filter((box) => box.queue === queue)) {
      lines.push(`    n${place}["${escaped(label)}${by === 'function' && tasks > 1 ? ` × ${tasks}` : ''}"]`);
    }
    lines.push('  end');
  }
  for (const [key, count] of arrows.drawn) {
    const [from, to] = key.split(' ');
    lines.push(`  ${from} -->${count > 1 ? `|${count}|` : ''} ${to}`);
  }
  const missing = boxes.filter(({ place }) => place === undefined).reduce((sum, { tasks }) => sum + tasks, 0);
  if (missing + arrows.leftOut > 0) {
    lines.push(`  leftOut["left out: ${missing} tasks, ${arrows.leftOut} dependencies"]`);
  }
  return `${lines.join('\n')}\n`;
}

/** As Mermaid writes characters in a text between quotes. Longer texts are cut. */
function escaped(text: string): string {
  const kept = text.length > MOST_LABEL ? `${text.slice(0, MOST_LABEL)}…` : text;
  return kept.replaceAll(/[^\p{L}\p{N} _.,:()/…-]/gu, (character) => `#${character.codePointAt(0)};`);
}
