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

test('a frame or a message of another kind is refused', () => {
  const recording = new Recording();
  expect(recording.receiveFrame(new ArrayBuffer(40))).toBe(false);
  expect(parseMessage('{"type":"shutdown"}')).toBeUndefined();
  expect(parseMessage('[]')).toBeUndefined();
  expect(STATES).toHaveLength(7);
});
