/** What is selected, beside the views: its state and times, why it is not running, what it depends on, what can be done to it. */
import type { Neighbour, Watched } from '../../../src/inspect/protocol/messages.js';
import { STATES } from '../../../src/inspect/protocol/frames.js';
import { command } from '../app/connection.js';
import { confirmThen } from '../app/confirm.js';
import { canControl, moment, known, selected, selectTask, shownAt, type View, view } from '../app/state.js';
import { stateAt } from '../model/counts.js';
import { clock, count, duration, many, sentence } from '../model/format.js';
import { FAILED, type Rows } from '../model/rows.js';
import { StateMark } from './state-mark.js';
import { graphKind } from './graph-state.js';
import { reveal } from './timeline-state.js';

export function Selection() {
  const actor = selected.value;
  if (actor === null) return null;
  return (
    <aside class="panel side" aria-label="Selected">
      <div class="row">
        <h2 class="grow">{titleOf(actor)}</h2>
        <button type="button" class="small" onClick={() => (selected.value = null)}>
          Close
        </button>
      </div>
      {actor.kind === 'task' ? <TaskFacts task={actor.task} /> : null}
      <Why />
      {actor.kind === 'task' ? <Links /> : null}
      <div class="row">
        {actor.kind === 'task' ? <Go to="timeline" task={actor.task} word="Timeline" /> : null}
        {actor.kind === 'task' ? <Go to="graph" task={actor.task} word="Graph" /> : null}
        <Go to="statechart" word="Statechart" />
      </div>
      {actor.kind === 'task' ? <TaskControls task={actor.task} /> : null}
    </aside>
  );
}

export function titleOf(actor: Watched): string {
  if (actor.kind === 'scheduler') return 'Scheduler';
  if (actor.kind === 'queue') return `Queue ${known().queueName(actor.queue)}`;
  const place = known().rows.placeOf(actor.task);
  const name = place === undefined ? 'Task' : known().functionName(known().rows.fn[place] ?? 0);
  return `${name} ${known().idOf(actor.task)}`;
}

/** The newest details, if they are of what is selected. */
export function detailsOfSelected() {
  const [actor, details] = [selected.value, known().details];
  if (actor === null || details === undefined) return undefined;
  return JSON.stringify(details.actor) === JSON.stringify(actor) ? details : undefined;
}

export function Why() {
  const details = detailsOfSelected();
  if (details === undefined || details.why === '') return null;
  return (
    <p class="why">
      {moment.value === null ? null : <span class="muted">At present: </span>}
      {sentence(details.why)}
    </p>
  );
}

export function TaskFacts({ task }: { readonly task: number }) {
  const { rows } = known();
  const at = shownAt.value;
  const places = rows.placesOf(task).filter((place) => (rows.submitted[place] ?? 0) <= at);
  const last = places.at(-1);
  if (last === undefined) {
    return (
      <p class="muted">
        {rows.placeOf(task) === undefined
          ? 'Its row has made room for newer ones.'
          : 'Not submitted yet at this moment.'}
      </p>
    );
  }
  const state = STATES[stateAt(rows, last, at)];
  return (
    <>
      <dl class="facts">
        <dt>State</dt>
        <dd data-selected-state>{state === undefined ? 'between attempts' : <StateMark state={state} />}</dd>
        <dt>Queue</dt>
        <dd>
          <button
            type="button"
            class="link"
            onClick={() => (selected.value = { kind: 'queue', queue: rows.queue[last] ?? 0 })}
          >
            {known().queueName(rows.queue[last] ?? 0)}
          </button>
        </dd>
        <dt>Submitted</dt>
        <dd>{clock(rows.submitted[places[0] ?? last] ?? 0)}</dd>
      </dl>
      {places.map((place, index) => (
        <Attempt key={place} rows={rows} place={place} at={at} number={index + 1} of={places.length} />
      ))}
    </>
  );
}

function Attempt(props: {
  readonly rows: Rows;
  readonly place: number;
  readonly at: number;
  readonly number: number;
  readonly of: number;
}) {
  const { rows, place, at, number, of } = props;
  const [ready, start, end, freed] = [rows.ready, rows.start, rows.end, rows.freed].map((column) => {
    const time = column[place] ?? 0;
    return time > at ? 0 : time;
  });
  if (!ready && !start && !end) return null;
  return (
    <dl class="facts">
      {of > 1 ? (
        <>
          <dt class="attempt">Attempt {number}</dt>
          <dd />
        </>
      ) : null}
      {ready ? <Fact word="Ready" time={ready} /> : null}
      {start ? (
        <Fact word="Started" time={start} more={ready ? `after ${duration((start - ready) / 10)}` : ''} />
      ) : null}
      {end ? <Fact word="Ended" time={end} more={start ? `ran ${duration((end - start) / 10)}` : 'never ran'} /> : null}
      {freed ? (
        <Fact word="Slot returned" time={freed} more={end ? `held ${duration((freed - end) / 10)}` : ''} />
      ) : null}
    </dl>
  );
}

function Fact({ word, time, more = '' }: { readonly word: string; readonly time: number; readonly more?: string }) {
  return (
    <>
      <dt>{word}</dt>
      <dd>
        {time === 1 ? 'before the recording' : clock(time)} <span class="muted">{more}</span>
      </dd>
    </>
  );
}

export function Links() {
  const details = detailsOfSelected();
  if (details === undefined) return null;
  return (
    <>
      <Neighbours word="Depends on" list={details.dependencies} total={details.dependencyCount} />
      <Neighbours word="Needed by" list={details.dependents} total={details.dependentCount} />
    </>
  );
}

function Neighbours({
  word,
  list,
  total,
}: {
  readonly word: string;
  readonly list: readonly Neighbour[];
  readonly total: number;
}) {
  if (total === 0) return null;
  return (
    <div>
      <h3>
        {word} <span class="muted">{many(total, 'task')}</span>
      </h3>
      <ul class="neighbours" tabIndex={0} aria-label={word}>
        {list.map((neighbour) => (
          <li key={`${neighbour.task}/${neighbour.index ?? ''}`}>
            <button type="button" class="link" onClick={() => selectTask(neighbour.task)}>
              {known().functionName(neighbour.fn)} {neighbour.id}
            </button>
            {neighbour.index === undefined ? null : <span class="muted">result {neighbour.index}</span>}
            <StateMark state={neighbour.state} />
          </li>
        ))}
      </ul>
      {total > list.length ? <p class="muted">and {count(total - list.length)} more</p> : null}
    </div>
  );
}

function Go({ to, word, task }: { readonly to: View; readonly word: string; readonly task?: number }) {
  if (view.value === to && (to === 'statechart' || (to === 'graph' && graphKind.value === 'around a task')))
    return null;
  const go = (): void => {
    const place = task === undefined ? undefined : known().rows.placeOf(task);
    const start = place === undefined ? 0 : (known().rows.start[place] ?? 0);
    if (to === 'timeline' && place !== undefined && start > 0) reveal(start, known().rows.end[place] ?? 0);
    if (to === 'graph') graphKind.value = 'around a task';
    view.value = to;
  };
  return (
    <button type="button" class="small" onClick={go}>
      {view.value !== to ? word : to === 'graph' ? 'Show what is around it' : 'Bring into view'}
    </button>
  );
}

/** Cancels or retries a task; only where the inspector takes commands. */
export function TaskControls({ task }: { readonly task: number }) {
  if (!canControl.value) return null;
  const { rows } = known();
  const place = rows.placeOf(task);
  const state = place === undefined ? undefined : STATES[stateAt(rows, place, rows.now)];
  const id = known().idOf(task);
  const cancel = (): void =>
    confirmThen(`Cancel ${id}?`, 'What depends on it fails.', 'Cancel the task', () =>
      command({ name: 'cancel', task }),
    );
  const retry = (): void =>
    confirmThen(`Retry ${id}?`, 'Its function and arguments are submitted anew, as a new task.', 'Retry', () =>
      command({ name: 'retry', task }),
    );
  // Between two attempts: the row of the next one waits, the one before has failed.
  const before = rows.placesOf(task).at(-2);
  const isPausing = state === 'pending' && before !== undefined && rows.state[before] === FAILED;
  const tryAgain = (): void =>
    confirmThen(`Try ${id} again now?`, 'Its pause before the next attempt ends.', 'Try again', () =>
      command({ name: 'retry', task }),
    );
  const isOver = state === undefined || state === 'done' || state === 'failed' || state === 'cancelled';
  return (
    <div class="row">
      {isOver ? null : (
        <button type="button" class="small" onClick={cancel}>
          Cancel the task…
        </button>
      )}
      {isPausing ? (
        <button type="button" class="small" onClick={tryAgain}>
          Try again now…
        </button>
      ) : null}
      {state === 'failed' ? (
        <button type="button" class="small" onClick={retry}>
          Retry…
        </button>
      ) : null}
    </div>
  );
}
