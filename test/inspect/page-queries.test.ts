/** What the page answers from its rows: the log, the search, speeds and the time left, ranges, groups, charts in the past. */
import { describe, expect, test } from 'vitest';
import { activeAt, takenArrows } from '../../inspector/src/model/active-states.js';
import { countsAt } from '../../inspector/src/model/counts.js';
import { EVENT_TYPES, eventLog } from '../../inspector/src/model/event-log.js';
import { findTasks } from '../../inspector/src/model/find.js';
import { clock, duration, percent, rate, sentence } from '../../inspector/src/model/format.js';
import { groupGraph } from '../../inspector/src/model/group-graph.js';
import { GrowingList } from '../../inspector/src/model/growing-list.js';
import { totalsOfRange } from '../../inspector/src/model/range-totals.js';
import { Recording } from '../../inspector/src/model/recording.js';
import { groupKey, runTimesAt, slotsTakenAt, timeLeft } from '../../inspector/src/model/run-times.js';
import { FAILED } from '../../inspector/src/model/rows.js';
import { arrowsWithin, readChart } from '../../inspector/src/model/statechart.js';
import { queueMachine } from '../../machines/queue.js';
import { taskMachine } from '../../machines/task.js';
import { periodsOf, totalsOf } from './synthetic-messages.js';
import { framesOf, namesOf, QUEUES, stateOf, syntheticRun } from './synthetic-run.js';

const RUN = syntheticRun(500, 7);
const AT = Math.round(RUN.endsAt * 0.7);

function recorded(at: number): Recording {
  const recording = new Recording();
  for (const message of namesOf(RUN)) recording.receive(message);
  for (const frame of framesOf(RUN, 0, at)) recording.receiveFrame(frame.buffer);
  recording.receive(totalsOf(RUN, at));
  recording.receive(periodsOf(RUN, 0, at));
  return recording;
}
const recording = recorded(AT);

describe('the log', () => {
  const all = eventLog(recording, AT, { text: '' });
  const listed = Array.from({ length: all.count }, (_, index) => all.at(index));

  test('has every event once, the newest first', () => {
    const times = RUN.rows.flatMap((row) => [row.submitted, row.ready, row.start, row.end, row.freed, ...row.partials]);
    const happened = times.filter((time) => time > 0 && time <= AT).length;
    expect(all.count).toBe(happened + recording.periods.length);
    expect(all.leftOut).toBe(0);
    expect(listed.map(({ at }) => at)).toEqual(listed.map(({ at }) => at).toSorted((a, b) => b - a));
  });

  test.each(EVENT_TYPES)('filtered for %s has all events of this type and no other', (type) => {
    const log = eventLog(recording, AT, { type, text: '' });
    expect(log.count).toBe(listed.filter((event) => event.type === type).length);
    expect(log.count).toBeGreaterThan(0);
    expect(log.at(log.count - 1).type).toBe(type);
  });

  test('can be narrowed to a queue, a function, a task, a text and an earlier moment', () => {
    const early = Math.round(AT / 2);
    expect(eventLog(recording, early, { text: '' }).count).toBe(listed.filter(({ at }) => at <= early).length);
    const ofPlaces = (is: (place: number) => boolean): number =>
      listed.filter((event) => event.type !== 'scheduler' && is(event.place)).length;
    expect(eventLog(recording, AT, { queue: 1, text: '' }).count).toBe(
      ofPlaces((place) => RUN.rows[place]?.queue === 1),
    );
    expect(eventLog(recording, AT, { fn: 3, text: '' }).count).toBe(ofPlaces((place) => RUN.rows[place]?.fn === 3));
    expect(eventLog(recording, AT, { text: 'SAVE' }).count).toBe(ofPlaces((place) => RUN.rows[place]?.fn === 3));
    expect(eventLog(recording, AT, { task: 9, text: '' }).count).toBe(ofPlaces((place) => RUN.rows[place]?.task === 9));
  });
});

describe('the search', () => {
  test('finds a task by its number before all that contain it, and a markup id as it is', () => {
    const found = findTasks(recording, '#12', { at: AT, state: undefined, limit: 3 });
    expect(found.tasks[0]).toBe(12);
    expect(found.tasks).toHaveLength(4);
    expect(found.total).toBeGreaterThan(4);
    expect(findTasks(recording, '<IMG', { at: AT, state: undefined, limit: 3 }).total).toBe(1);
  });

  test('counts all tasks in a state, however few are listed', () => {
    const failed = RUN.rows.filter((row) => stateOf(row, AT) === 'failed');
    const found = findTasks(recording, '', { at: AT, state: FAILED, limit: 2 });
    expect(found.total).toBe(failed.length);
    expect(found.tasks).toEqual(
      failed
        .map((row) => row.task)
        .toSorted((a, b) => b - a)
        .slice(0, 2),
    );
  });
});

describe('speeds', () => {
  test('are means over the attempts that ran, and slots count until they come back', () => {
    const saved = RUN.rows.filter((row) => row.fn === 3 && row.start > 0 && row.end <= AT);
    const times = runTimesAt(recording.rows, AT).get(groupKey(2, 3));
    expect(times?.ran).toBe(saved.length);
    expect(times?.ranMs).toBeCloseTo(saved.reduce((sum, row) => sum + (row.end - row.start) / 10, 0));
    for (const at of [AT, Math.round(AT / 3)]) {
      const taken = slotsTakenAt(recording.rows, at);
      for (const { index } of QUEUES) {
        const busy = RUN.rows.filter(
          (row) => row.queue === index && row.start > 0 && row.start <= at && Math.max(row.end, row.freed) > at,
        );
        expect(taken[index] ?? 0).toBe(busy.length);
      }
    }
  });

  test('give the time left as a range that holds what came', () => {
    // After the scheduler was stopped, which no estimate foresees.
    const at = Math.round(RUN.endsAt * 0.9);
    const late = recorded(at);
    const left = timeLeft(late, countsAt(late, null), runTimesAt(late.rows, at), at);
    if (left.kind !== 'range') throw new Error(`expected a range, got ${left.kind}`);
    const cameMs = (RUN.endsAt - at) / 10;
    expect(left.lowMs).toBeLessThanOrEqual(cameMs);
    expect(left.highMs).toBeGreaterThanOrEqual(cameMs / 2);
    const done = recorded(RUN.endsAt);
    expect(timeLeft(done, countsAt(done, null), runTimesAt(done.rows, RUN.endsAt), RUN.endsAt)).toEqual({
      kind: 'nothing',
    });
    const begun = recorded(1);
    expect(timeLeft(begun, countsAt(begun, null), new Map(), 1)).toEqual({ kind: 'unknown' });
  });
});

test('a range has what started, settled and ran within it', () => {
  const [from, until] = [Math.round(AT / 4), Math.round(AT / 2)];
  const totals = totalsOfRange(recording.rows, from, until, AT);
  expect(totals.started).toBe(RUN.rows.filter((row) => row.start >= from && row.start <= until).length);
  const isDone = (row: (typeof RUN.rows)[number]): boolean =>
    row.outcome === 'done' && row.end >= from && row.end <= until;
  expect(totals.settled[4]).toBe(RUN.rows.filter(isDone).length);
  expect(totals.partials).toBe(
    RUN.rows.flatMap((row) => row.partials).filter((at) => at >= from && at <= until).length,
  );
  const busyMs = RUN.rows
    .filter((row) => row.fn === 1 && row.start > 0)
    .reduce((sum, row) => sum + Math.max(0, Math.min(row.end, until) - Math.max(row.start, from)) / 10, 0);
  expect(totals.functions.find(({ fn }) => fn === 1)?.busyMs).toBeCloseTo(busyMs);
});

test('the graph of functions has every dependency once', () => {
  const graph = groupGraph(recording, AT);
  const dependencies = RUN.rows.filter((row) => row.submitted <= AT).flatMap((row) => row.dependencies).length;
  expect(graph.edges.reduce((sum, edge) => sum + edge.count, 0)).toBe(dependencies);
  expect(new Set(graph.groups.map(({ fn }) => fn))).toEqual(new Set([0, 1, 2, 3]));
  expect(graph.lost).toBe(0);
});

describe('a chart in the past', () => {
  test('has the state that the task was in, and those regions of a queue that can be known', () => {
    for (const row of RUN.rows.filter(({ fn, isFollowed }) => fn === 2 && !isFollowed).slice(0, 40)) {
      const state = stateOf(row, AT / 2);
      const { paths } = activeAt(recording, { kind: 'task', task: row.task }, AT / 2, undefined);
      expect(paths).toEqual(state === undefined ? [] : [state]);
    }
    const whole = recorded(RUN.endsAt);
    const stopped = activeAt(whole, { kind: 'queue', queue: 1 }, RUN.stopped[0], undefined);
    expect(stopped).toEqual({ paths: ['gate.shut', 'activity.saturated'], isPartial: true });
    expect(activeAt(whole, { kind: 'scheduler' }, RUN.stopped[0], undefined).paths).toEqual(['stopped']);
  });

  test('counts the arrows that messages took, also in one region of several', () => {
    const message = (type: string, state: string, isTaken = true) => ({
      at: 5,
      from: undefined,
      to: 'x',
      type,
      state,
      isTaken,
    });
    const task = readChart(taskMachine.config);
    const queue = readChart(queueMachine.config);
    if (task === undefined || queue === undefined) throw new Error('expected charts');
    const messages = [
      message('dependencies.satisfied', 'ready'),
      message('start.granted', 'running'),
      message('attempt.failed', 'ready'),
      message('start.granted', 'running'),
      message('pause.ended', 'running', false),
    ];
    expect([...takenArrows(task, messages, arrowsWithin(task, task.root))]).toEqual([
      ['ready running', { times: 2, lastAt: 5 }],
      ['running ready', { times: 1, lastAt: 5 }],
    ]);
    const regions = queue.root.children.flatMap((region) => arrowsWithin(queue, region));
    const offers = [
      message('scheduler.started', 'open · open · flowing · idle'),
      message('task.offered', 'open · open · flowing · working'),
    ];
    expect([...takenArrows(queue, offers, regions).keys()]).toEqual(['activity.idle activity.working']);
  });
});

test('a bounded list lets the older half go, and counts it', () => {
  const list = new GrowingList(1000);
  for (let value = 0; value < 5000; value += 1) list.push(value);
  expect(list.count).toBeLessThanOrEqual(1000);
  expect(list.count + list.dropped).toBe(5000);
  expect(list.values[list.count - 1]).toBe(4999);
});

test('numbers and times are written for readers', () => {
  expect([0.04, 42, 999, 4200, 61_000, 3_600_000, 90_000_000].map(duration)).toEqual([
    '0.0 ms',
    '42 ms',
    '999 ms',
    '4.20 s',
    '1 min 1 s',
    '1 h',
    '25 h',
  ]);
  expect([clock(1), clock(42_171), clock(36_000_001)]).toEqual(['0:00.000', '0:04.217', '1:00:00.000']);
  expect([rate(0), rate(0.5), rate(2), rate(1234.4)]).toEqual([
    'none',
    '30.0 a minute',
    '2.0 a second',
    '1,234 a second',
  ]);
  expect([percent(0, 0), percent(1, 3), percent(3, 3)]).toEqual(['0 %', '33.3 %', '100 %']);
  expect([sentence('paused'), sentence('Is it?')]).toEqual(['Paused.', 'Is it?']);
});
