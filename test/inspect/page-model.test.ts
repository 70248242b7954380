/** What the page derives from frames, against the run that they tell of. */
import { describe, expect, test } from 'vitest';
import { countsAt, exactFrom, listOf } from '../../inspector/src/model/counts.js';
import { parseMessage, Recording } from '../../inspector/src/model/recording.js';
import { encodeFrame, STATES } from '../../src/inspect/protocol/frames.js';
import { totalsOf } from './synthetic-messages.js';
import { countsOf, framesOf, namesOf, type SyntheticRun, syntheticRun } from './synthetic-run.js';

const RUN = syntheticRun(600);

/** The recording of a page that is told of the run in steps. */
function played(run: SyntheticRun, until: number, steps: number): Recording {
  const recording = new Recording();
  for (const message of namesOf(run)) recording.receive(message);
  for (let step = 0; step < steps; step += 1) {
    const [from, at] = [step, step + 1].map((index) => Math.round((until * index) / steps));
    for (const frame of framesOf(run, from ?? 0, at ?? 0)) recording.receiveFrame(frame.buffer);
    recording.receive(totalsOf(run, at ?? 0));
  }
  return recording;
}

const MOMENTS = Array.from({ length: 40 }, (_, index) => 1 + Math.round((RUN.endsAt * index) / 39));

describe('the counts of a moment', () => {
  test.each([1, 7, 50])('are those of the run at any moment, told in %i steps', (steps) => {
    const recording = played(RUN, RUN.endsAt, steps);
    for (const at of MOMENTS) expect(countsAt(recording, at).total).toEqual(listOf(countsOf(RUN.rows, at)));
    expect(exactFrom(recording)).toBe(0);
  });

  test('the present is what the inspector says, by function and queue', () => {
    const at = Math.round(RUN.endsAt / 2);
    const recording = played(RUN, at, 5);
    for (const { fn, counts } of countsAt(recording, null).groups) {
      expect(counts).toEqual(
        listOf(
          countsOf(
            RUN.rows.filter((row) => row.fn === fn),
            at,
          ),
        ),
      );
    }
  });

  test('a task that was tried again counts once', () => {
    const recording = played(RUN, RUN.endsAt, 20);
    const { total } = countsAt(recording, RUN.endsAt);
    expect(RUN.rows.length).toBeGreaterThan(RUN.tasks);
    expect(total.reduce((sum, value) => sum + value)).toBe(RUN.tasks);
  });

  test('rows that made room stay in the counts of the moments after their end', () => {
    const recording = played(RUN, RUN.endsAt, 10);
    const first = RUN.rows.find((row) => row.fn === 2 && row.outcome === 'done');
    const place = first?.place ?? 0;
    const at = RUN.endsAt + 5;
    const columns = { place: [place], task: [RUN.tasks + 1], submitted: [at], queue: [1], fn: [2], edges: [0] };
    recording.receiveFrame(encodeFrame('added', at, 1, columns).buffer);
    expect(recording.rows.placeOf(first?.task ?? 0)).toBeUndefined();
    expect(recording.rows.placeOf(RUN.tasks + 1)).toBe(place);
    expect(exactFrom(recording)).toBe(first?.end);
    const late = Math.max(...MOMENTS.filter((moment) => moment < at));
    expect(countsAt(recording, late).total).toEqual(listOf(countsOf(RUN.rows, late)));
  });
});

test('rows keep their dependencies, their attempts and their place', () => {
  const recording = played(RUN, RUN.endsAt, 30);
  const retried = RUN.rows.find((row) => row.isFollowed);
  const product = RUN.rows.find((row) => row.fn === 2 && row.dependencies.length === 2);
  expect(recording.rows.placesOf(retried?.task ?? 0)).toHaveLength(2);
  expect(recording.rows.dependenciesOf(product?.place ?? 0)).toEqual(product?.dependencies);
});

describe('rows', () => {
  const added = (place: number[], task: number[], submitted: number[]): ArrayBuffer => {
    const zeros = place.map(() => 0);
    const columns = { place, task, submitted, queue: zeros, fn: zeros, edges: zeros };
    return encodeFrame('added', 1, place.length, columns).buffer;
  };

  test('told twice have not made room for others', () => {
    const recording = new Recording();
    for (let time = 0; time < 2; time += 1) recording.receiveFrame(added([0, 1], [1, 2], [5, 6]));
    expect(recording.rows.replaced).toBe(0);
    expect(recording.rows.placeOf(2)).toBe(1);
    recording.receiveFrame(added([1], [3], [7]));
    expect(recording.rows.replaced).toBe(1);
    expect(recording.rows.placeOf(2)).toBeUndefined();
  });

  test('of a task are ordered by the times of its attempts, whichever is told first', () => {
    const recording = new Recording();
    const { rows } = recording;
    recording.receiveFrame(added([0, 1], [1, 1], [9, 4]));
    expect(rows.placesOf(1)).toEqual([1, 0]);
    expect(rows.placeOf(1)).toBe(0);
    expect([...rows.superseded.subarray(0, 2)]).toEqual([0, 1]);
  });

  test('that are gone take the ids of their tasks with them', () => {
    const recording = new Recording();
    for (let task = 1; task <= 10; task += 1) {
      recording.receive({ type: 'ids', ids: [[task, `task ${task}`]] });
      recording.receiveFrame(added([0], [task], [task]));
    }
    expect(recording.idOf(10)).toBe('task 10');
    expect(recording.ids.size).toBeLessThan(4);
  });
});

test('a frame or a message of another kind is refused', () => {
  const recording = new Recording();
  expect(recording.receiveFrame(new ArrayBuffer(40))).toBe(false);
  expect(parseMessage('{"type":"shutdown"}')).toBeUndefined();
  expect(parseMessage('[]')).toBeUndefined();
  expect(STATES).toHaveLength(7);
});
