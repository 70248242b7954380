/**
 * `pullgraph run --dry-run`: lets a module submit its tasks to a scheduler that never starts, and prints what that would do. A module that
 * waits for a result has submitted all that it can when nothing is left to do.
 */
import { deferred } from '../core/deferred.js';
import { mermaidOf } from '../inspect/export/task-graph-mermaid.js';
import type { Plan, PlannedTask } from '../runtime/planning/plan.js';
import { Scheduler } from '../runtime/scheduler.js';
import type { SchedulerOptions } from '../runtime/scheduler-options.js';
import { systemEnvironment } from '../system/environment.js';
import { printable } from './printable.js';

/** How `--graph` prints. @internal */
export type GraphFormat = 'mermaid' | 'dot' | 'json';

/** Mermaid draws no more boxes. */
const MOST_BOXES = 300;
const MS_PER_S = 1_000;

/** A scheduler that nothing starts. @internal */
export class DryScheduler extends Scheduler {
  constructor(options: SchedulerOptions = {}) {
    // Without the watch of the event loop, which would warn that it was never started.
    const { clock } = systemEnvironment;
    super({ ...options, _environment: { clock, random: () => 0 } });
  }

  override start(): void {}
}

/** What a scheduler would do once `main` has submitted its tasks. Rejects with what `main` throws. @internal */
export async function dryPlan(scheduler: DryScheduler, main: () => unknown): Promise<Plan> {
  const idle = deferred<void>();
  const loopEnds = (): void => idle.resolve();
  process.once('beforeExit', loopEnds);
  try {
    await Promise.race([main(), idle.promise]);
    return scheduler.plan();
  } finally {
    process.off('beforeExit', loopEnds);
    // What a result was awaited for must not reject now, so the scheduler itself is left as it is.
    scheduler._engine.keeping?.close();
  }
}

/** @internal */
export function planText(plan: Plan, graph: GraphFormat | undefined): string {
  switch (graph) {
    case undefined:
      return listOf(plan);
    case 'json':
      return `${JSON.stringify(plan, undefined, 2)}\n`;
    case 'dot':
      return dotOf(plan.tasks);
    case 'mermaid': {
      const tasks = plan.tasks.map((task) => ({ ...task, name: task.kind }));
      return mermaidOf(tasks, { by: tasks.length > MOST_BOXES ? 'function' : 'task', maxNodes: MOST_BOXES });
    }
  }
}

function listOf({ tasks, totalMs, restored, notNeeded, stuck }: Plan): string {
  const isTimed = tasks.some(({ isUnknown }) => !isUnknown);
  const header = [...(isTimed ? ['start', 'end'] : []), 'queue', 'task', 'function', 'why it is not restored'];
  const rows = tasks.map(({ id, queue, kind, startMs, endMs, notRestored = '' }) => [
    ...(isTimed ? [secondsOf(startMs), secondsOf(endMs)] : []),
    ...[queue, id, kind, notRestored].map(printable),
  ]);
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const lines = [header, ...rows].map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const unknown = tasks.filter(({ isUnknown }) => isUnknown).length;
  const total = isTimed ? ` in ${secondsOf(totalMs)}` : '';
  lines.push('', `${tasks.length} to run${total}, ${restored} restored, ${notNeeded.length} not needed`);
  if (unknown > 0) {
    const counted = isTimed ? 'it counts as the average of all others' : 'the list has their order and no times';
    lines.push(`${unknown} of a kind that no run has timed: ${counted}`);
  }
  if (stuck.length > 0) lines.push(`cannot start: ${stuck.map(printable).join(', ')}`);
  return `${lines.join('\n')}\n`;
}

function secondsOf(ms: number): string {
  return `${(ms / MS_PER_S).toFixed(ms < 10 * MS_PER_S ? 2 : 0)} s`;
}

/** As Graphviz reads it. */
function dotOf(tasks: readonly PlannedTask[]): string {
  const lines = ['digraph tasks {', '  rankdir=LR;'];
  const queues = new Set(tasks.map(({ queue }) => queue));
  for (const [at, queue] of [...queues].entries()) {
    lines.push(`  subgraph cluster_${at} {`, `    label=${quoted(queue)};`);
    for (const { id } of tasks.filter((task) => task.queue === queue)) lines.push(`    ${quoted(id)};`);
    lines.push('  }');
  }
  for (const { id, needs } of tasks) for (const need of needs) lines.push(`  ${quoted(need)} -> ${quoted(id)};`);
  return `${lines.join('\n')}\n}\n`;
}

function quoted(text: string): string {
  return `"${printable(text).replaceAll('\\', '\\\\').replaceAll('"', String.raw`\"`)}"`;
}
