/** Finds a task by its id, among all that are there: a box with a list, as the ARIA pattern "combobox" has it. */
import { computed, signal } from '@preact/signals';
import { STATES } from '../../../src/inspect/protocol/frames.js';
import { known, selectTask, shownAt } from '../app/state.js';
import { stateAt } from '../model/counts.js';
import { findTasks } from '../model/find.js';
import { count, many } from '../model/format.js';
import { FAILED } from '../model/rows.js';
import { OnlyFailed } from './only-failed.js';
import { StateMark } from './state-mark.js';

const SHOWN = 12;
const text = signal('');
const onlyFailed = signal(false);
const isOpen = signal(false);
const active = signal(0);

const found = computed(() => {
  if (!isOpen.value) return { tasks: [], total: 0 };
  const state = onlyFailed.value ? FAILED : undefined;
  return findTasks(known(), text.value, { at: shownAt.value, state, limit: SHOWN });
});

function choose(task: number | undefined): void {
  if (task === undefined) return;
  isOpen.value = false;
  selectTask(task);
}

function onKey(event: KeyboardEvent): void {
  const last = Math.max(0, found.value.tasks.length - 1);
  if (event.key === 'ArrowDown') active.value = isOpen.value ? Math.min(last, active.value + 1) : 0;
  else if (event.key === 'ArrowUp') active.value = Math.max(0, active.value - 1);
  else if (event.key === 'Enter') choose(found.value.tasks[active.value]);
  else if (event.key === 'Escape') isOpen.value = false;
  else return;
  if (event.key === 'ArrowDown') isOpen.value = true;
  event.preventDefault();
}

export function Search() {
  return (
    <search
      class="search"
      onFocusOut={({ currentTarget, relatedTarget }) => {
        if (!(relatedTarget instanceof Node) || !currentTarget.contains(relatedTarget)) isOpen.value = false;
      }}
    >
      <input
        type="search"
        role="combobox"
        aria-label="Find a task by its id"
        aria-expanded={isOpen.value}
        aria-controls="found"
        aria-autocomplete="list"
        aria-activedescendant={isOpen.value && found.value.tasks.length > 0 ? `found-${active.value}` : undefined}
        placeholder="Find a task by its id or function"
        value={text.value}
        onFocus={() => (isOpen.value = true)}
        onClick={() => (isOpen.value = true)}
        onKeyDown={onKey}
        onInput={({ currentTarget }) => {
          text.value = currentTarget.value;
          active.value = 0;
          isOpen.value = true;
        }}
      />
      {isOpen.value ? <List /> : null}
    </search>
  );
}

function List() {
  const { tasks, total } = found.value;
  return (
    <div class="found">
      <div class="row">
        <OnlyFailed chosen={onlyFailed} />
        <span class="grow" />
        <span class="muted" data-total={total}>
          {many(total, 'task')}
          {total > tasks.length ? `, the newest ${count(tasks.length)}` : ''}
        </span>
      </div>
      <ul id="found" role="listbox" aria-label="Tasks found">
        {tasks.map((task, index) => (
          <Option key={task} task={task} index={index} />
        ))}
      </ul>
    </div>
  );
}

function Option({ task, index }: { readonly task: number; readonly index: number }) {
  const { rows } = known();
  const place = rows.placeOf(task) ?? 0;
  const state = STATES[stateAt(rows, place, shownAt.value)];
  return (
    <li
      id={`found-${index}`}
      role="option"
      aria-selected={index === active.value}
      // Before the box loses the focus, which closes the list.
      onMouseDown={(event) => {
        event.preventDefault();
        choose(task);
      }}
    >
      <b>{known().idOf(task)}</b>
      <span class="grow muted">{known().functionName(rows.fn[place] ?? 0)}</span>
      {state === undefined ? null : <StateMark state={state} />}
    </li>
  );
}
