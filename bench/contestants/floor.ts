/**
 * The floor: a hand-written loop for exactly this work, over plain arrays in the same demand order (newest sink first, depth
 * first). It has no actors, handles, states, failures, resources, or tasks added later. A scheduler's cost above the floor
 * pays for those.
 *
 * Without added tasks the order never changes: settled tasks drop out and the rest keep their relative order, so one walk at
 * the start ranks everything.
 */
import type { Contestant, Task } from './contestant.js';

/** @internal */
export const floor: Contestant = {
  name: 'floor',
  submit({ graph, concurrency, task }) {
    const tasks: Task[] = [];
    const dependencies: (readonly number[])[] = [];
    for (const [index, needed] of graph.dependencies.entries()) {
      tasks.push(task(index));
      dependencies.push(needed);
    }
    return () => runInDemandOrder(tasks, dependencies, concurrency);
  },
};

function runInDemandOrder(
  tasks: readonly Task[],
  dependencies: readonly (readonly number[])[],
  concurrency: number,
): Promise<void> {
  const count = tasks.length;
  const order = demandOrder(dependencies);
  const rankOf = new Uint32Array(count);
  for (let rank = 0; rank < count; rank += 1) rankOf[order[rank] ?? 0] = rank;

  const missing = new Uint32Array(count);
  const dependents = new Array<number[] | undefined>(count).fill(undefined);
  for (let index = 0; index < count; index += 1) {
    const needed = dependencies[index] ?? [];
    missing[index] = needed.length;
    for (const dependency of needed) (dependents[dependency] ??= []).push(index);
  }

  const values: number[] = new Array<number>(count).fill(0);
  // Ranks that became ready behind the cursor. The cursor itself finds those ahead of it.
  const overtaken = new RankHeap();
  let cursor = 0;
  let settled = 0;

  const next = (): number | undefined => {
    const rank = overtaken.pop();
    if (rank !== undefined) return order[rank];
    while (cursor < count) {
      const index = order[cursor] ?? 0;
      cursor += 1;
      if (missing[index] === 0) return index;
    }
    return undefined;
  };

  const settle = (index: number, value: number): void => {
    values[index] = value;
    settled += 1;
    for (const dependent of dependents[index] ?? []) {
      const left = (missing[dependent] ?? 0) - 1;
      missing[dependent] = left;
      const rank = rankOf[dependent] ?? 0;
      if (left === 0 && rank < cursor) overtaken.push(rank);
    }
  };

  const start = (index: number): Promise<number> => {
    const task = tasks[index];
    if (task === undefined) throw new Error(`no task ${index}`);
    const needed = dependencies[index] ?? [];
    if (needed.length === 0) return task();
    return task(...needed.map((dependency) => values[dependency] ?? 0));
  };

  return new Promise((resolve, reject) => {
    const fill = (): void => {
      while (idle.length > 0) {
        const index = next();
        if (index === undefined) break;
        const slot = idle.pop();
        if (slot === undefined) break;
        slot.index = index;
        start(index).then(slot.done, reject);
      }
      if (settled === count) resolve();
    };
    const idle = Array.from({ length: concurrency }, () => {
      const slot: Slot = {
        index: 0,
        done: (value) => {
          settle(slot.index, value);
          idle.push(slot);
          fill();
        },
      };
      return slot;
    });
    fill();
  });
}

interface Slot {
  index: number;
  readonly done: (value: number) => void;
}

/** The post-order of a depth-first walk of the dependencies, from the newest task to the oldest. */
function demandOrder(dependencies: readonly (readonly number[])[]): Uint32Array {
  const count = dependencies.length;
  const order = new Uint32Array(count);
  const visited = new Uint8Array(count);
  const path: number[] = [];
  const nextEdge: number[] = [];
  let rank = 0;
  for (let root = count - 1; root >= 0; root -= 1) {
    if (visited[root] === 1) continue;
    visited[root] = 1;
    path.push(root);
    nextEdge.push(0);
    while (path.length > 0) {
      const top = path.length - 1;
      const index = path[top] ?? 0;
      const edge = nextEdge[top] ?? 0;
      const dependency = dependencies[index]?.[edge];
      if (dependency === undefined) {
        path.pop();
        nextEdge.pop();
        order[rank] = index;
        rank += 1;
      } else {
        nextEdge[top] = edge + 1;
        if (visited[dependency] === 0) {
          visited[dependency] = 1;
          path.push(dependency);
          nextEdge.push(0);
        }
      }
    }
  }
  return order;
}

/** A binary heap of ranks, smallest first. */
class RankHeap {
  readonly #ranks: number[] = [];

  push(rank: number): void {
    const ranks = this.#ranks;
    let place = ranks.length;
    ranks.push(rank);
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = ranks[above] ?? 0;
      if (other <= rank) break;
      ranks[place] = other;
      place = above;
    }
    ranks[place] = rank;
  }

  pop(): number | undefined {
    const ranks = this.#ranks;
    const smallest = ranks[0];
    const last = ranks.pop();
    if (last === undefined || ranks.length === 0) return smallest;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= ranks.length) break;
      if (below + 1 < ranks.length && (ranks[below + 1] ?? 0) < (ranks[below] ?? 0)) below += 1;
      const other = ranks[below] ?? 0;
      if (last <= other) break;
      ranks[place] = other;
      place = below;
    }
    ranks[place] = last;
    return smallest;
  }
}
