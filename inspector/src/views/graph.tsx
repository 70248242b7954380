/** The graph: by function and queue first, the tasks around one, or every task as a point. */
import { known, selectedTask } from '../app/state.js';
import { EmptyPage } from './empty-page.js';
import { Groups } from './graph-groups.js';
import { Near } from './graph-near.js';
import { Points } from './graph-points.js';
import { GRAPH_KINDS, graphKind } from './graph-state.js';

export function Graph() {
  if (known().rows.count === 0) return <EmptyPage />;
  return (
    <div class="stack">
      <h1 class="hidden">Graph</h1>
      <div class="row" role="group" aria-label="What the graph shows">
        {GRAPH_KINDS.map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={graphKind.value === name}
            onClick={() => (graphKind.value = name)}
          >
            {name === 'functions' ? 'Functions' : name === 'all tasks' ? 'All tasks' : 'Around a task'}
          </button>
        ))}
        {graphKind.value === 'around a task' && selectedTask.value === undefined ? (
          <span class="muted">Search for a task, or choose one on any view.</span>
        ) : null}
      </div>
      {graphKind.value === 'functions' ? <Groups /> : null}
      {graphKind.value === 'around a task' && selectedTask.value !== undefined ? (
        <Near task={selectedTask.value} />
      ) : null}
      {graphKind.value === 'all tasks' ? <Points /> : null}
    </div>
  );
}
