/**
 * The neighbourhood of a task: its ancestors and what depends on it, without others that share an ancestor; the path of the demand for it, and the longest path that is left.
 * Asking is O(recorded tasks and edges); nothing is kept for it.
 */
import type { InspectorMessage, Neighbour } from '../protocol/messages.js';
import type { Recording } from '../recorder/recording.js';
import { FIELD, HALF } from '../recorder/row-store.js';
import { placeOf } from '../recorder/task-index.js';
import { neighbourOf } from './neighbours.js';

type Vicinity = Omit<Extract<InspectorMessage, { type: 'vicinity' }>, 'type' | 'ask'>;

/** How far, and how many tasks at most. @internal */
export interface Reach {
  readonly depth: number;
  readonly limit: number;
}

/** The ancestors of the task and what depends on it, within `depth` edges, nearest first. @internal */
export function vicinityOf(recording: Recording, task: number, { depth, limit }: Reach): Vicinity {
  const graph = new DependentsIndex(recording);
  const near = new Set([task]);
  const beyond = new Set<number>();
  let below = [task];
  let above = [task];
  for (let level = 0; level < depth && below.length + above.length > 0; level += 1) {
    const step = (border: readonly number[], next: (of: number) => readonly number[]): number[] => {
      const reached: number[] = [];
      for (const other of border.flatMap(next)) {
        if (near.has(other)) continue;
        if (near.size >= limit) beyond.add(other);
        else {
          near.add(other);
          reached.push(other);
        }
      }
      return reached;
    };
    below = step(below, (of) => graph.dependenciesOf(of));
    above = step(above, (of) => graph.dependentsOf(of));
  }
  const tasks = [...near].flatMap((each) => neighbourOf(recording, each) ?? []);
  const known = new Set(tasks.map((each) => each.task));
  const edges = tasks.flatMap((each) =>
    graph
      .dependenciesOf(each.task)
      .filter((dependency) => known.has(dependency))
      .map((dependency) => [dependency, each.task] as const),
  );
  const { demand, critical } = pathsFrom(recording, graph, task);
  return { task, tasks, edges, demand, critical, leftOut: beyond.size };
}

/** The graph in both directions, for one question. */
class DependentsIndex {
  readonly #recording: Recording;
  readonly #dependents = new Map<number, number[]>();

  constructor(recording: Recording) {
    this.#recording = recording;
    const { rows, edges } = recording;
    for (let place = 0; place < rows.count; place += 1) {
      if (rows.half(place, HALF.edges) === 0) continue;
      const task = rows.get(place, FIELD.task);
      for (const dependency of edges.of(place)) {
        const known = this.#dependents.get(dependency);
        if (known === undefined) this.#dependents.set(dependency, [task]);
        else known.push(task);
      }
    }
  }

  dependentsOf(task: number): readonly number[] {
    return this.#dependents.get(task) ?? [];
  }

  dependenciesOf(task: number): readonly number[] {
    return [...this.#recording.dependenciesOf(task)];
  }
}

const isLeft = (neighbour: Neighbour | undefined): boolean =>
  neighbour !== undefined && !['done', 'failed', 'cancelled'].includes(neighbour.state);

/**
 * From the task up: along the unsettled tasks that wait for it, to the newest final result (the path of demand, from there to the task), and
 * along the longest way, by the mean time that each function takes (the critical path).
 */
function pathsFrom(
  recording: Recording,
  graph: DependentsIndex,
  task: number,
): { readonly demand: readonly number[]; readonly critical: readonly number[] } {
  if (!isLeft(neighbourOf(recording, task))) return { demand: [], critical: [] };
  const above = new Set([task]);
  // The set grows while it is walked. A dependent is newer than what it depends on, so the order below is one of the graph.
  for (const each of above) {
    for (const dependent of graph.dependentsOf(each))
      if (isLeft(neighbourOf(recording, dependent))) above.add(dependent);
  }
  const newestFirst = [...above].toSorted((a, b) => b - a);
  const longest = new Map<number, { readonly ms: number; readonly next: number | undefined }>();
  const newest = new Map<number, { readonly sink: number; readonly next: number | undefined }>();
  for (const each of newestFirst) {
    let ms = 0;
    let next: number | undefined;
    let sink = { sink: each, next: undefined as number | undefined };
    for (const dependent of graph.dependentsOf(each)) {
      const way = longest.get(dependent);
      const demanding = newest.get(dependent);
      if (way !== undefined && (next === undefined || way.ms > ms)) {
        ms = way.ms;
        next = dependent;
      }
      if (demanding !== undefined && (sink.next === undefined || demanding.sink > sink.sink)) {
        sink = { sink: demanding.sink, next: dependent };
      }
    }
    longest.set(each, { ms: ms + meanMs(recording, each), next });
    newest.set(each, sink);
  }
  return { demand: walk(newest, task).toReversed(), critical: walk(longest, task) };
}

function walk(steps: ReadonlyMap<number, { readonly next: number | undefined }>, from: number): number[] {
  const path: number[] = [];
  for (let at: number | undefined = from; at !== undefined; at = steps.get(at)?.next) path.push(at);
  return path;
}

/** The mean time of attempts of the task's function on its queue; 1 where there was none yet. */
function meanMs(recording: Recording, task: number): number {
  const place = placeOf(recording.index.get(task));
  if (place < 0) return 1;
  const { ran, ranTenths } = recording.useAt(place);
  return ran === 0 ? 1 : ranTenths / 10 / ran;
}
