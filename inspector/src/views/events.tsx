/** The log of events, newest first, filtered before anything is cut. While it is scrolled down it stays as it is. */
import { computed, signal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { known, selected, selectedTask, selectTask, shownAt } from '../app/state.js';
import { EVENT_TYPES, type EventLog, eventLog, type EventType, type LoggedEvent } from '../model/event-log.js';
import { clock, count, duration, many } from '../model/format.js';
import { StateShape } from './state-mark.js';
import { VirtualList } from './virtual-list.js';
import type { State } from '../../../src/inspect/protocol/messages.js';

const type = signal<EventType | undefined>(undefined);
/** `q1` for queue 1, `f2` for function 2, `task` for the selected task. */
const actor = signal('');
const text = signal('');
const isAtTop = signal(true);

/** The log is made anew at most so often while events arrive. */
const LEAST_PAUSE_MS = 400;

const filter = computed(() => ({
  type: type.value,
  queue: actor.value.startsWith('q') ? Number(actor.value.slice(1)) : undefined,
  fn: actor.value.startsWith('f') ? Number(actor.value.slice(1)) : undefined,
  task: actor.value === 'task' ? selectedTask.value : undefined,
  text: text.value.trim(),
}));

interface Made {
  readonly log: EventLog;
  readonly filter: unknown;
  readonly at: number;
  readonly on: number;
}

export function Events() {
  const kept = useRef<Made>();
  const [at, wanted, on] = [shownAt.value, filter.value, performance.now()];
  const old = kept.current;
  const mayWait = old?.filter === wanted && at >= old.at && (!isAtTop.value || on - old.on < LEAST_PAUSE_MS);
  const made = old !== undefined && mayWait ? old : { log: eventLog(known(), at, wanted), filter: wanted, at, on };
  kept.current = made;
  const isBehind = !isAtTop.value && at > made.at;
  return (
    <section class="panel events" aria-labelledby="events-title">
      <h1 id="events-title" class="hidden">
        Events
      </h1>
      <Filters />
      <p class="muted" aria-live="off">
        <b data-events>{count(made.log.count)}</b> {made.log.count === 1 ? 'event' : 'events'}, newest first
        {made.log.leftOut > 0 ? `; ${count(made.log.leftOut)} more are too many to list: filter them` : ''}
        {isBehind ? '. The list stands still while you read; scroll to its top to follow.' : ''}
      </p>
      <VirtualList
        count={made.log.count}
        lineHeight={28}
        label="List of events"
        onTop={(top) => (isAtTop.value = top)}
        line={(index) => <Line event={made.log.at(index)} />}
      />
    </section>
  );
}

function Filters() {
  const task = selectedTask.value;
  return (
    <div class="row tools">
      <label>
        Type{' '}
        <select
          value={type.value ?? ''}
          onChange={({ currentTarget }) => (type.value = EVENT_TYPES.find((name) => name === currentTarget.value))}
        >
          <option value="">all</option>
          {EVENT_TYPES.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        Of{' '}
        <select value={actor.value} onChange={({ currentTarget }) => (actor.value = currentTarget.value)}>
          <option value="">everything</option>
          {task === undefined ? null : <option value="task">the selected task</option>}
          <optgroup label="Queues">
            {known().queues.map(({ index, name }) => (
              <option key={index} value={`q${index}`}>
                {name}
              </option>
            ))}
          </optgroup>
          <optgroup label="Functions">
            {known().functions.map(({ index, name }) => (
              <option key={index} value={`f${index}`}>
                {name}
              </option>
            ))}
          </optgroup>
        </select>
      </label>
      <label class="grow">
        Text{' '}
        <input
          type="text"
          value={text.value}
          placeholder="part of an id or a function"
          onInput={({ currentTarget }) => (text.value = currentTarget.value)}
        />
      </label>
    </div>
  );
}

const SHAPE: Readonly<Partial<Record<EventType, State>>> = {
  submitted: 'pending',
  ready: 'ready',
  started: 'running',
  'partial result': 'partial',
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
};

function Line({ event }: { readonly event: LoggedEvent }) {
  const shape = SHAPE[event.type];
  return (
    <>
      <span class="when">{clock(event.at)}</span>
      <span class="state what">
        {shape === undefined ? <span class="no-shape" /> : <StateShape state={shape} />}
        {event.type}
      </span>
      {event.type === 'scheduler' ? <SchedulerEvent event={event} /> : <TaskEvent event={event} />}
    </>
  );
}

function SchedulerEvent({ event }: { readonly event: LoggedEvent }) {
  return (
    <button type="button" class="link" onClick={() => (selected.value = { kind: 'scheduler' })}>
      {known().periods[event.place]?.state}
    </button>
  );
}

function TaskEvent({ event: { type: what, place, at } }: { readonly event: LoggedEvent }) {
  const { rows } = known();
  const task = rows.task[place] ?? 0;
  const attempt = rows.attempt[place] ?? 0;
  const start = rows.start[place] ?? 0;
  const isEnd = what === 'done' || what === 'failed' || what === 'cancelled' || what === 'attempt ended';
  return (
    <>
      <button type="button" class="link" aria-current={selectedTask.value === task} onClick={() => selectTask(task)}>
        {known().functionName(rows.fn[place] ?? 0)} {known().idOf(task)}
      </button>
      <span class="muted">
        {known().queueName(rows.queue[place] ?? 0)}
        {attempt > 1 ? ` · attempt ${attempt}` : ''}
        {isEnd && start > 0 ? ` · ran ${duration((at - start) / 10)}` : ''}
        {what === 'submitted' && (rows.edgeCount[place] ?? 0) > 0
          ? ` · needs ${many(rows.edgeCount[place] ?? 0, 'task')}`
          : ''}
      </span>
    </>
  );
}
