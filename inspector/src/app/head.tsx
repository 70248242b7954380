/** The head of the page: the views, the search, the state of the scheduler and its controls. */
import { Search } from '../views/search.js';
import { command } from './connection.js';
import { confirmThen } from './confirm.js';
import { canControl, link, moment, known, selected, shownAt, VIEWS, view } from './state.js';
import { THEMES, theme } from './theme.js';

const TITLES = {
  overview: 'Overview',
  timeline: 'Timeline',
  graph: 'Graph',
  statechart: 'Statechart',
  events: 'Events',
};

export function Head() {
  return (
    <header>
      <div class="brand">
        <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
          <path d="M7 16h8M15 16l8-8M15 16l8 8" stroke="currentColor" stroke-width="2.6" fill="none" />
          <circle cx="7" cy="16" r="4" fill="currentColor" />
          <circle cx="24" cy="7.5" r="4" fill="currentColor" />
          <circle cx="24" cy="24.5" r="4" fill="currentColor" />
        </svg>
        pullgraph
      </div>
      <nav aria-label="Views">
        {VIEWS.map((name) => (
          <button
            key={name}
            type="button"
            class="tab"
            aria-current={view.value === name ? 'page' : undefined}
            onClick={() => (view.value = name)}
          >
            {TITLES[name]}
          </button>
        ))}
      </nav>
      <Search />
      <SchedulerState />
      <label class="theme">
        <span class="hidden">Colours</span>
        <select
          value={theme.value}
          onChange={({ currentTarget }) =>
            (theme.value = THEMES.find((name) => name === currentTarget.value) ?? 'auto')
          }
        >
          {THEMES.map((name) => (
            <option key={name} value={name}>
              {name === 'auto' ? 'as the system' : name}
            </option>
          ))}
        </select>
      </label>
    </header>
  );
}

/** The scheduler's state as a word; the first part of its name decides the shape beside it. */
function SchedulerState() {
  const state = moment.value === null ? known().totals?.scheduler : known().schedulerStateAt(shownAt.value);
  if (state === undefined || link.value === 'locked') return <div class="scheduler" />;
  const isStopped = state.startsWith('stopped');
  const word = isStopped ? 'Start' : 'Stop';
  const text = isStopped ? 'Tasks will start again.' : 'Nothing new starts; what runs goes on and delivers.';
  return (
    <div class="scheduler">
      <button type="button" class="badge" onClick={() => (selected.value = { kind: 'scheduler' })}>
        <svg viewBox="0 0 12 12" width="11" height="11" aria-hidden="true">
          <path
            d={isStopped ? 'M2 2h8v8h-8z' : state.startsWith('closed') ? 'M1 5h10v2h-10z' : 'M2.5 1.2L10.8 6L2.5 10.8Z'}
            fill="currentColor"
          />
        </svg>
        <span class="hidden">Scheduler: </span>
        <span data-scheduler>{state.replace('running.', '')}</span>
      </button>
      {canControl.value && /^(stopped|running|busy|idle|stalled)/.test(state) ? (
        <button
          type="button"
          class="small"
          onClick={() =>
            confirmThen(`${word} the scheduler?`, text, word, () => command({ name: isStopped ? 'start' : 'stop' }))
          }
        >
          {word}
        </button>
      ) : null}
    </div>
  );
}
