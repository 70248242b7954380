/** The functions and queues as a graph, with counts by state; a group that is opened lists its tasks. */
import { signal } from '@preact/signals';
import { STATES } from '../../../src/inspect/protocol/frames.js';
import { counts, known, moment, selectedTask, selectTask, shownAt } from '../app/state.js';
import { usePaced } from '../app/use-paced.js';
import { useGraphLayout } from '../layout/client.js';
import { stateAt } from '../model/counts.js';
import { findTasks } from '../model/find.js';
import { count, many } from '../model/format.js';
import { type GroupGraph, groupGraph } from '../model/group-graph.js';
import { ArrowTip } from './arrow-tip.js';
import { curveThrough } from './chart-picture.js';
import { StateBar, StateMark, StateShape } from './state-mark.js';
import { VirtualList } from './virtual-list.js';

const [WIDTH, HEIGHT] = [214, 134];
const PAUSE_MS = 700;
const opened = signal<number | null>(null);
const onlyState = signal<number | undefined>(undefined);

export function Groups() {
  const at = shownAt.value;
  const graph = usePaced(`${moment.value ?? 'live'}`, PAUSE_MS, () => groupGraph(known(), at));
  const key = [...graph.groups.map((group) => group.key), ...graph.edges.map(({ from, to }) => `${from}>${to}`)].join(
    ' ',
  );
  const made = useGraphLayout(
    {
      direction: 'LR',
      apart: { nodes: 22, ranks: 34 },
      nodes: graph.groups.map((group) => ({ id: String(group.key), width: WIDTH, height: HEIGHT })),
      edges: graph.edges.map(({ from, to }) => ({ from: String(from), to: String(to), width: 60, height: 18 })),
    },
    key,
  );
  return (
    <>
      <section class="panel" aria-label="Functions and what they depend on">
        {made?.key === key ? <Picture graph={graph} placed={made.placed} /> : <p class="muted">Laying out…</p>}
        <p class="muted hint">
          An arrow leads from tasks to those that need them, with the number of dependencies. Open a function to list
          its tasks.
          {graph.lost > 0
            ? ` ${many(graph.lost, 'dependency', 'dependencies')} on tasks that have made room are not drawn.`
            : ''}
        </p>
      </section>
      {opened.value === null ? null : <OpenGroup group={opened.value} />}
    </>
  );
}

type Placed = NonNullable<ReturnType<typeof useGraphLayout>>['placed'];

function Picture({ graph, placed }: { readonly graph: GroupGraph; readonly placed: Placed }) {
  const most = Math.max(1, ...graph.edges.map((edge) => edge.count));
  return (
    <div class="scrolls" tabIndex={0} role="region" aria-label="Graph of functions">
      <div class="canvas-graph" style={{ width: `${placed.width}px`, height: `${placed.height}px` }}>
        <svg width={placed.width} height={placed.height} aria-hidden="true">
          <ArrowTip id="group-tip" />
          {graph.edges.map((edge, index) => {
            const { points, label } = placed.edges[index] ?? { points: [], label: { x: 0, y: 0 } };
            return (
              <g key={`${edge.from} ${edge.to}`} class="events-of">
                <path
                  class="arrow"
                  d={curveThrough(points)}
                  stroke-width={1 + 4 * (Math.log1p(edge.count) / Math.log1p(most))}
                  marker-end="url(#group-tip)"
                />
                <rect
                  x={label.x - 4 - count(edge.count).length * 3.4}
                  y={label.y - 9}
                  width={8 + count(edge.count).length * 6.8}
                  height={18}
                  rx={4}
                />
                <text x={label.x} y={label.y + 4}>
                  {count(edge.count)}
                </text>
              </g>
            );
          })}
        </svg>
        {graph.groups.map((group) => (
          <GroupCard key={group.key} group={group} at={placed.nodes[String(group.key)]} />
        ))}
      </div>
    </div>
  );
}

function GroupCard({
  group,
  at,
}: {
  readonly group: GroupGraph['groups'][number];
  readonly at: { x: number; y: number } | undefined;
}) {
  const own = counts.value.groups.find(({ queue, fn }) => queue === group.queue && fn === group.fn)?.counts ?? [];
  const isOpen = opened.value === group.key;
  return (
    <button
      type="button"
      class="node group"
      aria-expanded={isOpen}
      style={{ left: `${at?.x ?? 0}px`, top: `${at?.y ?? 0}px`, width: `${WIDTH}px`, height: `${HEIGHT}px` }}
      onClick={() => (opened.value = isOpen ? null : group.key)}
    >
      <b>{known().functionName(group.fn)}</b>
      <span class="muted">on {known().queueName(group.queue)}</span>
      <StateBar counts={own} />
      <span class="counts">
        {STATES.map((state, index) =>
          (own[index] ?? 0) === 0 ? null : (
            <span key={state} class="state">
              <StateShape state={state} />
              {state} {count(own[index] ?? 0)}
            </span>
          ),
        )}
      </span>
    </button>
  );
}

function OpenGroup({ group }: { readonly group: number }) {
  const [queue, fn] = [Math.floor(group / 65_536), group % 65_536];
  const at = shownAt.value;
  const state = onlyState.value;
  const found = usePaced(`${group} ${state ?? ''} ${moment.value ?? 'live'}`, PAUSE_MS, () =>
    findTasks(known(), '', { at, state, fn, queue, limit: Number.POSITIVE_INFINITY }),
  );
  return (
    <section class="panel" aria-labelledby="group-title">
      <div class="row">
        <h2 id="group-title">
          {known().functionName(fn)}{' '}
          <span class="muted">
            on {known().queueName(queue)}: {many(found.total, 'task')}, newest first
          </span>
        </h2>
        <span class="grow" />
        <label>
          State{' '}
          <select
            value={state ?? ''}
            onChange={({ currentTarget: { value } }) => (onlyState.value = value === '' ? undefined : Number(value))}
          >
            <option value="">any</option>
            {STATES.map((name, index) => (
              <option key={name} value={index}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <button type="button" class="small" onClick={() => (opened.value = null)}>
          Close
        </button>
      </div>
      <div class="short-list">
        <VirtualList
          count={found.tasks.length}
          lineHeight={28}
          label={`Tasks of ${known().functionName(fn)} on ${known().queueName(queue)}`}
          line={(index) => <TaskLine task={found.tasks[index] ?? 0} />}
        />
      </div>
    </section>
  );
}

function TaskLine({ task }: { readonly task: number }) {
  const { rows } = known();
  const state = STATES[stateAt(rows, rows.placeOf(task) ?? 0, shownAt.value)];
  return (
    <>
      <button type="button" class="link" aria-current={selectedTask.value === task} onClick={() => selectTask(task)}>
        {known().idOf(task)}
      </button>
      {state === undefined ? null : <StateMark state={state} />}
    </>
  );
}
