/** What the page draws and lays out, judged by its pixels and places. */
import { describe, expect, test } from 'vitest';
import { drawPoints } from '../../inspector/src/draw/points.js';
import { functionPixels, pixelOf, STATE_COLOURS } from '../../inspector/src/draw/palette.js';
import { drawTimeline, type TimelinePicture } from '../../inspector/src/draw/timeline.js';
import { layOutChart, type PlacedState } from '../../inspector/src/layout/layout.js';
import { layoutLanes, laneAt, neighbourInLane, rowAt } from '../../inspector/src/model/lanes.js';
import { Recording } from '../../inspector/src/model/recording.js';
import { readChart } from '../../inspector/src/model/statechart.js';
import { centreOf, layoutBlocks, placeAt } from '../../inspector/src/model/task-blocks.js';
import { gapsOf, TimeScale } from '../../inspector/src/model/time-scale.js';
import { queueMachine } from '../../machines/queue.js';
import { schedulerMachine } from '../../machines/scheduler.js';
import { taskMachine } from '../../machines/task.js';
import { STATES } from '../../src/inspect/protocol/frames.js';
import { framesOf, namesOf, stateOf, syntheticRun } from './synthetic-run.js';

const RUN = syntheticRun(400);
const END = RUN.endsAt;
const [GROUND, INK, SHADE] = [pixelOf(0xffffff), pixelOf(0x000000), pixelOf(0xdddddd)];

function recorded(at: number, run = RUN): Recording {
  const recording = new Recording();
  for (const message of namesOf(run)) recording.receive(message);
  for (const frame of framesOf(run, 0, at)) recording.receiveFrame(frame.buffer);
  return recording;
}

function pictureOf(recording: Recording, change: Partial<TimelinePicture> = {}): TimelinePicture {
  const [width, height] = [4000, 300];
  const layout = layoutLanes(recording.rows, END, height);
  const laneTops: number[] = [];
  for (const { queue, top } of layout.groups) laneTops[queue] = top;
  return {
    pixels: new Uint32Array(width * height),
    width,
    height,
    rows: recording.rows,
    scale: new TimeScale(END),
    axisFrom: 0,
    axisPerPixel: END / width,
    laneTops,
    laneHeight: layout.laneHeight,
    colours: functionPixels(4),
    ground: GROUND,
    ink: INK,
    shade: SHADE,
    stops: [],
    at: END,
    isLit: undefined,
    ...change,
  };
}

/** The pixel in the middle of a row's bar, or behind its end. */
function pixelOfRow(
  picture: TimelinePicture,
  row: (typeof RUN.rows)[number],
  time = (row.start + row.end) / 2,
): number {
  const x = Math.min(picture.width - 1, Math.floor(picture.scale.toAxis(time) / picture.axisPerPixel));
  const y = (picture.laneTops[row.queue] ?? 0) + row.lane * picture.laneHeight + 2;
  return picture.pixels[y * picture.width + x] ?? 0;
}

describe('the timeline', () => {
  test('has each attempt that ran in its lane, in the colour of its function', () => {
    const picture = pictureOf(recorded(END));
    drawTimeline(picture);
    const ran = RUN.rows.filter((row) => row.start > 0 && row.outcome === 'done' && row.partials.length === 0);
    expect(ran.length).toBeGreaterThan(300);
    for (const row of ran) expect(pixelOfRow(picture, row)).toBe(functionPixels(4)[row.fn]);
  });

  test('stripes what failed, and draws nothing later than the moment', () => {
    const recording = recorded(END);
    const failed = RUN.rows.find((row) => row.isFollowed && row.end - row.start > 60);
    const picture = pictureOf(recording);
    drawTimeline(picture);
    const y = (picture.laneTops[failed?.queue ?? 0] ?? 0) + 2;
    const from = Math.ceil((failed?.start ?? 0) / picture.axisPerPixel);
    const colours = new Set(picture.pixels.subarray(y * picture.width + from, y * picture.width + from + 8));
    expect(colours.size).toBeGreaterThan(1);
    const early = pictureOf(recording, { at: 1 });
    drawTimeline(early);
    expect(early.pixels.every((pixel) => pixel === GROUND)).toBe(true);
  });

  test('dims what a filter leaves out', () => {
    const recording = recorded(END);
    const lit = new Uint8Array(recording.rows.count);
    const picture = pictureOf(recording, { isLit: lit });
    const row = RUN.rows.find((one) => one.fn === 1 && one.outcome === 'done');
    if (row === undefined) throw new Error('expected an inversion');
    drawTimeline(picture);
    expect(pixelOfRow(picture, row)).not.toBe(functionPixels(4)[1]);
    lit[row.place] = 1;
    drawTimeline(picture);
    expect(pixelOfRow(picture, row)).toBe(functionPixels(4)[1]);
  });

  test('finds the row under a point, and its neighbours in the lane', () => {
    const { rows } = recorded(END);
    const layout = layoutLanes(rows, END, 300);
    for (const row of RUN.rows.filter(({ start }) => start > 0)) {
      const top = layout.groups.find(({ queue }) => queue === row.queue)?.top ?? 0;
      expect(laneAt(layout, top + (row.lane + 0.5) * layout.laneHeight)).toEqual({ queue: row.queue, lane: row.lane });
      const spot = { queue: row.queue, lane: row.lane, time: (row.start + row.end) / 2, slack: 0 };
      expect(rowAt(rows, spot, END)).toBe(row.place);
      const next = neighbourInLane(rows, row.place, 1);
      if (next !== undefined) expect(neighbourInLane(rows, next, -1)).toBe(row.place);
    }
  });
});

describe('the axis', () => {
  test('leaves out the time in which nothing ran, and finds each time again', () => {
    const { rows } = recorded(END);
    const gaps = gapsOf(rows, END);
    const [from, until] = RUN.stopped;
    const gap = gaps.find((one) => one.from >= from && one.until <= until + END / 4096);
    expect(gap).toBeDefined();
    const scale = new TimeScale(END, gaps);
    expect(scale.length).toBeLessThan(END - ((gap?.until ?? 0) - (gap?.from ?? 0)) * 0.9);
    for (let time = 1; time < END; time += 7) expect(scale.toTime(scale.toAxis(time))).toBeCloseTo(time, 3);
  });
});

describe('the points', () => {
  test('are one square per task, in the colour and the shape of its state', () => {
    const run = syntheticRun(2000, 3);
    // While an acquisition has delivered and goes on.
    const at = (run.rows.findLast((row) => row.fn === 0)?.partials[1] ?? 0) + 1;
    const { rows } = recorded(run.endsAt, run);
    const [width, height] = [960, 600];
    const layout = layoutBlocks(rows, at, width, height);
    expect(layout.cell).toBeGreaterThan(8);
    const pixels = new Uint32Array(width * height);
    drawPoints({ pixels, width, height, rows, layout, ratio: 1, ground: GROUND, at, only: undefined });
    const shapes = new Map<string, Set<string>>();
    let squares = 0;
    for (const row of run.rows) {
      const [centre, state] = [centreOf(layout, row.place), stateOf(row, at)];
      expect(centre === undefined).toBe(state === undefined);
      if (centre === undefined || state === undefined) continue;
      squares += 1;
      expect(placeAt(layout, centre.x, centre.y)).toBe(row.place);
      const [left, top] = [Math.round(centre.x - layout.cell / 2), Math.round(centre.y - layout.cell / 2)];
      const side = layout.cell - 2;
      const square = Array.from(
        { length: side * side },
        (_, i) => pixels[(top + Math.floor(i / side)) * width + left + (i % side)],
      );
      expect(square).toContain(pixelOf(STATE_COLOURS[state]));
      shapes.set(
        state,
        (shapes.get(state) ?? new Set()).add(square.map((pixel) => (pixel === GROUND ? '.' : '#')).join('')),
      );
    }
    expect(squares).toBe(run.tasks);
    // One shape for a state, and no two states with the same.
    for (const found of shapes.values()) expect(found.size).toBe(1);
    expect(new Set([...shapes.values()].flatMap((found) => [...found])).size).toBe(shapes.size);
    expect(new Set(shapes.keys())).toEqual(new Set(STATES));
  });
});

describe('a chart', () => {
  const leaves = (placed: PlacedState): PlacedState[] =>
    placed.children.length === 0 ? [placed] : placed.children.flatMap(leaves);
  const overlap = (a: PlacedState, b: PlacedState): boolean =>
    a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

  test.each([
    ['task', taskMachine, STATES],
    ['queue', queueMachine, ['open', 'full', 'closed', 'shut', 'flowing', 'paused', 'idle', 'working', 'saturated']],
    ['scheduler', schedulerMachine, ['stopped', 'idle', 'stalled', 'busy', 'draining', 'closing', 'closed']],
  ] as const)(
    'of the %s is read alike from definition and configuration, and has every state in a place of its own',
    (_, machine, names) => {
      const chart = readChart(JSON.parse(JSON.stringify(machine.config)));
      const defined = readChart(JSON.parse(JSON.stringify(machine.definition)));
      if (chart === undefined || defined === undefined) throw new Error('expected a chart');
      const pathsOf = ({ transitions }: typeof chart): string[] =>
        transitions.map(({ from, event, to }) => `${from} ${event} ${to}`).sort();
      expect(new Set(pathsOf(defined))).toEqual(new Set(pathsOf(chart)));
      const placed = layOutChart(chart);
      expect(leaves(placed).map(({ state }) => state.name)).toEqual(expect.arrayContaining([...names]));
      const check = (parent: PlacedState): void => {
        for (const [index, child] of parent.children.entries()) {
          expect(child.x + child.width).toBeLessThanOrEqual(parent.width + 1);
          expect(child.y + child.height).toBeLessThanOrEqual(parent.height + 1);
          for (const other of parent.children.slice(index + 1)) expect(overlap(child, other)).toBe(false);
          check(child);
        }
        for (const arrow of parent.arrows) expect(arrow.points.length).toBeGreaterThan(1);
      };
      check(placed);
    },
  );

  test('that is none is not drawn', () => {
    for (const value of [undefined, null, 'x', {}, { states: {} }]) expect(readChart(value)).toBeUndefined();
  });
});
