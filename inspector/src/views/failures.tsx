/** Failures grouped by cause, the first one first: an early cause explains later ones. */
import { counts, known, moment } from '../app/state.js';
import { clock, count, many } from '../model/format.js';
import { FAILED } from '../model/rows.js';
import { TaskLink } from './task-link.js';

export function Failures() {
  const at = moment.value ?? Number.POSITIVE_INFINITY;
  const groups = known().failures.filter((group) => group.firstAt <= at);
  const failed = counts.value.total[FAILED] ?? 0;
  if (failed === 0 && groups.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="failures">
      <h2 id="failures">
        Failures <span class="muted">{many(failed, 'task')}, by cause, the earliest first</span>
      </h2>
      {moment.value === null ? null : <p class="muted">The numbers in each cause are those of the present.</p>}
      <ul class="failures">
        {groups.map((group) => (
          <li key={group.cause}>
            <div class="cause">{group.example}</div>
            <div class="muted">
              {many(group.count, 'task')} failed
              {group.dependents > 0 ? `, and ${count(group.dependents)} more that depend on them` : ''} · first at{' '}
              {clock(group.firstAt)}
              {group.lastAt > group.firstAt ? `, last at ${clock(group.lastAt)}` : ''}
            </div>
            <details>
              <summary>Tasks and stack</summary>
              <p class="tasks">
                {group.tasks.map((task) => (
                  <TaskLink key={task} task={task} />
                ))}
                {group.count + group.dependents > group.tasks.length ? (
                  <span class="muted">
                    and {count(group.count + group.dependents - group.tasks.length)} more: search for failed tasks
                  </span>
                ) : null}
              </p>
              {group.stack === undefined ? null : (
                <pre tabIndex={0} aria-label="Stack">
                  {group.stack}
                </pre>
              )}
            </details>
          </li>
        ))}
      </ul>
      {known().otherCauses > 0 ? <p class="lacks">{many(known().otherCauses, 'further cause')} not listed.</p> : null}
    </section>
  );
}
