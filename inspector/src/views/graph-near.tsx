/** The tasks around one: what it depends on, what depends on it, the way of demand, and the longest way that is left. */
import { signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { STATES } from '../../../src/inspect/protocol/frames.js';
import { askNear } from '../app/connection.js';
import { known, link, selectedTask, selectTask, shownAt } from '../app/state.js';
import { useGraphLayout } from '../layout/client.js';
import { stateAt } from '../model/counts.js';
import { many } from '../model/format.js';
import type { Vicinity } from '../model/recording.js';
import { ArrowTip } from './arrow-tip.js';
import { curveThrough } from './chart-picture.js';
import { StateMark } from './state-mark.js';
import { TaskLink } from './task-link.js';

const [WIDTH, HEIGHT] = [150, 50];
const MOST_TASKS = 200;
/** A way of more tasks is cut in words. */
const LONGEST_WAY = 12;
const depth = signal(2);

export function Near({ task }: { readonly task: number }) {
  const [near, setNear] = useState<Vicinity>();
  const wanted = depth.value;
  const isConnected = link.value === 'open';
  useEffect(() => {
    let isAwaited = true;
    if (isConnected) {
      void askNear(task, wanted, MOST_TASKS).then((answer) => {
        if (isAwaited) setNear(answer);
      });
    }
    return () => {
      isAwaited = false;
    };
  }, [task, wanted, isConnected]);
  return (
    <section class="panel" aria-label="Around the task">
      <div class="row tools">
        <label>
          Steps{' '}
          <select value={wanted} onChange={({ currentTarget }) => (depth.value = Number(currentTarget.value))}>
            {[1, 2, 3, 4, 6].map((steps) => (
              <option key={steps} value={steps}>
                {steps}
              </option>
            ))}
          </select>
        </label>
        <span class="key-demand">way of demand: who wants it</span>
        <span class="key-critical">longest way that is left</span>
        {near !== undefined && near.leftOut > 0 ? (
          <span class="muted">{many(near.leftOut, 'task')} more within these steps are not drawn</span>
        ) : null}
      </div>
      {near === undefined ? null : <Way words="Wanted by the final result, step by step" tasks={near.demand} />}
      {near === undefined ? null : <Way words="Longest way that is left" tasks={near.critical} />}
      {near === undefined ? <p class="muted">Asking…</p> : <Picture near={near} />}
    </section>
  );
}

const pairs = (way: readonly number[]): Set<string> =>
  new Set(way.slice(1).flatMap((task, index) => [`${way[index]} ${task}`, `${task} ${way[index]}`]));

const isOn = (set: ReadonlySet<string>, [from, to]: readonly [number, number]): boolean => set.has(`${from} ${to}`);

/** The tasks of a way in words, also those that the picture has no room for. */
function Way({ words, tasks }: { readonly words: string; readonly tasks: readonly number[] }) {
  if (tasks.length < 2) return null;
  const shown = tasks.slice(0, LONGEST_WAY);
  return (
    <p class="way">
      <span class="muted">{words}:</span>
      {shown.map((task) => (
        <TaskLink key={task} task={task} />
      ))}
      {tasks.length > shown.length ? (
        <span class="muted">and {many(tasks.length - shown.length, 'task')} more</span>
      ) : null}
    </p>
  );
}

function Picture({ near }: { readonly near: Vicinity }) {
  const key = [near.task, ...near.tasks.map(({ task }) => task), ...near.edges.map((edge) => edge.join('>'))].join(' ');
  const made = useGraphLayout(
    {
      direction: 'LR',
      apart: { nodes: 8, ranks: 70 },
      nodes: near.tasks.map(({ task }) => ({ id: String(task), width: WIDTH, height: HEIGHT })),
      edges: near.edges.map(([from, to]) => ({ from: String(from), to: String(to), width: 0, height: 0 })),
    },
    key,
  );
  const place = useRef<HTMLDivElement>(null);
  const middle = made?.key === key ? made.placed.nodes[String(near.task)] : undefined;
  useEffect(() => {
    const element = place.current;
    if (element === null || middle === undefined) return;
    element.scrollTo(middle.x - (element.clientWidth - WIDTH) / 2, middle.y - (element.clientHeight - HEIGHT) / 2);
  }, [middle]);
  if (made?.key !== key) return <p class="muted">Laying out…</p>;
  const { placed } = made;
  const [demand, critical] = [pairs(near.demand), pairs(near.critical)];
  return (
    <div ref={place} class="scrolls near" tabIndex={0} role="region" aria-label="Tasks around the selected one">
      <div class="canvas-graph" style={{ width: `${placed.width}px`, height: `${placed.height}px` }}>
        <svg width={placed.width} height={placed.height} aria-hidden="true">
          <ArrowTip id="near-tip" />
          {near.edges.map((edge, index) => (
            <path
              key={edge.join(' ')}
              class={`arrow${isOn(critical, edge) ? ' critical' : ''}${isOn(demand, edge) ? ' demand' : ''}`}
              d={curveThrough(placed.edges[index]?.points ?? [])}
              marker-end="url(#near-tip)"
            />
          ))}
        </svg>
        {near.tasks.map((neighbour) => (
          <Node key={neighbour.task} neighbour={neighbour} at={placed.nodes[String(neighbour.task)]} />
        ))}
      </div>
    </div>
  );
}

function Node({
  neighbour,
  at,
}: {
  readonly neighbour: Vicinity['tasks'][number];
  readonly at: { x: number; y: number } | undefined;
}) {
  const { rows } = known();
  const place = rows.placeOf(neighbour.task);
  const state = place === undefined ? neighbour.state : STATES[stateAt(rows, place, shownAt.value)];
  return (
    <button
      type="button"
      class="node"
      aria-current={selectedTask.value === neighbour.task}
      style={{ left: `${at?.x ?? 0}px`, top: `${at?.y ?? 0}px`, width: `${WIDTH}px`, height: `${HEIGHT}px` }}
      onClick={() => selectTask(neighbour.task)}
    >
      <b>
        {known().functionName(neighbour.fn)} {neighbour.id}
      </b>
      {state === undefined ? <span class="muted">not yet submitted</span> : <StateMark state={state} />}
    </button>
  );
}
