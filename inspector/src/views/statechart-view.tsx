/** The statechart of what is selected: where it is, how it came there, its messages, and what it knows. */
import { computed } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Watched } from '../../../src/inspect/protocol/messages.js';
import { known, moment, selected } from '../app/state.js';
import { useChartLayout } from '../layout/client.js';
import type { PlacedState } from '../layout/layout.js';
import { activeAt, type Taken, takenArrows } from '../model/active-states.js';
import { clock } from '../model/format.js';
import { type Chart, type ChartArrow, readChart, withAncestors } from '../model/statechart.js';
import { ChartPicture } from './chart-picture.js';
import { detailsOfSelected, Links, TaskControls, TaskFacts, titleOf, Why } from './selection.js';
import { Sequence } from './sequence.js';

/** The charts, read once: they do not change while a recording goes on. */
const hello = computed(() => known().hello);
const charts = computed(() => ({
  task: readChart(hello.value?.charts.task),
  queue: readChart(hello.value?.charts.queue),
  scheduler: readChart(hello.value?.charts.scheduler),
}));

export function StatechartView() {
  const actor = selected.value;
  useEffect(() => {
    selected.value ??= { kind: 'scheduler' };
  }, [actor]);
  if (actor === null) return null;
  return (
    <div class="statechart">
      <div class="stack">
        <Chooser actor={actor} />
        <Picture actor={actor} />
        <Messages actor={actor} />
      </div>
      <Facts actor={actor} />
    </div>
  );
}

function Chooser({ actor }: { readonly actor: Watched }) {
  return (
    <div class="row">
      <h1>{titleOf(actor)}</h1>
      <span class="grow" />
      <span class="muted">Show</span>
      <button
        type="button"
        aria-pressed={actor.kind === 'scheduler'}
        onClick={() => (selected.value = { kind: 'scheduler' })}
      >
        scheduler
      </button>
      {known().queues.map(({ index, name }) => (
        <button
          key={index}
          type="button"
          aria-pressed={actor.kind === 'queue' && actor.queue === index}
          onClick={() => (selected.value = { kind: 'queue', queue: index })}
        >
          {name}
        </button>
      ))}
      <span class="muted">or search for a task</span>
    </div>
  );
}

function Picture({ actor }: { readonly actor: Watched }) {
  const chart = charts.value[actor.kind];
  const placed = useChartLayout(chart);
  const { paths, isPartial } = activeAt(known(), actor, moment.value, detailsOfSelected());
  if (chart === undefined) return <p class="panel">The inspector has sent no chart of it.</p>;
  if (placed === undefined || (placed.state !== chart.root && placed.state.name !== chart.root.name))
    return <p class="panel muted">Laying out…</p>;
  return (
    <section class="panel" aria-label="Statechart">
      <ChartPicture
        placed={placed}
        active={withAncestors(paths)}
        taken={takenBy(chart, placed)}
        label={`Statechart of ${titleOf(actor)}`}
      />
      <p class="muted hint">
        With a tick: active{paths.length > 0 ? ` (${paths.join(', ')})` : ''}. With a dot: where it begins. Double
        border: final.
        {isPartial ? ' Of the past only these regions are known.' : ''}
      </p>
    </section>
  );
}

function takenBy(chart: Chart, placed: PlacedState): Map<string, Taken> {
  const at = moment.value ?? Number.POSITIVE_INFINITY;
  const messages = (detailsOfSelected()?.messages ?? []).filter((message) => message.at <= at);
  return takenArrows(chart, messages, allArrows(placed));
}

const allArrows = (placed: PlacedState): ChartArrow[] => [...placed.arrows, ...placed.children.flatMap(allArrows)];

function Messages({ actor }: { readonly actor: Watched }) {
  const details = detailsOfSelected();
  if (details === undefined) return null;
  const at = moment.value ?? Number.POSITIVE_INFINITY;
  return (
    <section class="panel" aria-labelledby="messages">
      <h2 id="messages">
        Messages <span class="muted">newest first, since it is watched</span>
      </h2>
      <Sequence
        messages={details.messages.filter((message) => message.at <= at)}
        leftOut={details.leftOut}
        label={`Messages of ${titleOf(actor)}`}
      />
    </section>
  );
}

function Facts({ actor }: { readonly actor: Watched }) {
  const details = detailsOfSelected();
  return (
    <aside class="panel side" aria-label="Facts">
      {actor.kind === 'task' ? <TaskFacts task={actor.task} /> : null}
      <Why />
      {actor.kind === 'task' ? <Links /> : null}
      {details === undefined ? null : (
        <div>
          <h3>
            Context {moment.value === null ? null : <span class="muted">at present, not at {clock(moment.value)}</span>}
          </h3>
          <pre tabIndex={0} aria-label="Context">
            {pretty(details.context)}
          </pre>
        </div>
      )}
      {actor.kind === 'task' ? <TaskControls task={actor.task} /> : null}
    </aside>
  );
}

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), undefined, 2);
  } catch {
    return json;
  }
}
