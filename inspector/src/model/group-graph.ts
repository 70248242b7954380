/** The graph by function and queue: how many dependencies lead from the tasks of one group to those of another. */
import type { Recording } from './recording.js';
import { groupKey } from './run-times.js';

export interface GroupEdge {
  /** Keys of groups (`groupKey`): the tasks of `to` depend on those of `from`. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

export interface GroupGraph {
  readonly groups: readonly { readonly key: number; readonly queue: number; readonly fn: number }[];
  readonly edges: readonly GroupEdge[];
  /** Dependencies on tasks whose rows have made room. */
  readonly lost: number;
}

/** The groups and edges among the tasks submitted until a time. */
export function groupGraph({ rows }: Recording, until: number): GroupGraph {
  const groups = new Map<number, { key: number; queue: number; fn: number }>();
  const edges = new Map<string, { from: number; to: number; count: number }>();
  let lost = 0;
  for (let place = 0; place < rows.count; place += 1) {
    if ((rows.submitted[place] ?? 0) > until) continue;
    const [queue, fn] = [rows.queue[place] ?? 0, rows.fn[place] ?? 0];
    const to = groupKey(queue, fn);
    if (!groups.has(to)) groups.set(to, { key: to, queue, fn });
    const first = rows.edgeStart[place] ?? 0;
    for (let edge = first; edge < first + (rows.edgeCount[place] ?? 0); edge += 1) {
      const source = rows.placeOf(rows.edges.values[edge] ?? 0);
      if (source === undefined) {
        lost += 1;
        continue;
      }
      const from = groupKey(rows.queue[source] ?? 0, rows.fn[source] ?? 0);
      const key = `${from} ${to}`;
      const known = edges.get(key);
      if (known === undefined) edges.set(key, { from, to, count: 1 });
      else known.count += 1;
    }
  }
  return { groups: [...groups.values()], edges: [...edges.values()], lost };
}
