/** Where each queue's lanes lie in the timeline: one lane per slot, queues one under the other, each below its name. */
import { NO_LANE } from '../../../src/inspect/protocol/frames.js';
import type { Rows } from './rows.js';

/** Lengths in CSS pixels. */
export const NAME_HEIGHT = 20;
const QUEUE_GAP = 6;
const MOST_LANE_HEIGHT = 30;
const LEAST_LANE_HEIGHT = 4;

export interface LaneGroup {
  readonly queue: number;
  /** Of the first lane, from the top of the first queue's name. */
  readonly top: number;
  readonly lanes: number;
}

export interface LaneLayout {
  readonly groups: readonly LaneGroup[];
  readonly laneHeight: number;
  readonly height: number;
}

/** The lanes that have been used until a time; as high as the room allows, and no lower than can be seen. */
export function layoutLanes(rows: Rows, until: number, room: number): LaneLayout {
  const lanes: number[] = [];
  for (let place = 0; place < rows.count; place += 1) {
    const start = rows.start[place] ?? 0;
    const lane = rows.lane[place] ?? NO_LANE;
    if (start === 0 || start > until || lane === NO_LANE) continue;
    const queue = rows.queue[place] ?? 0;
    if (lane >= (lanes[queue] ?? 0)) lanes[queue] = lane + 1;
  }
  const used = [...lanes.entries()].filter(([, number]) => (number ?? 0) > 0);
  const total = used.reduce((sum, [, number]) => sum + number, 0);
  const names = used.length * (NAME_HEIGHT + QUEUE_GAP);
  const laneHeight = Math.min(
    MOST_LANE_HEIGHT,
    Math.max(LEAST_LANE_HEIGHT, Math.floor((room - names) / Math.max(1, total))),
  );
  let top = 0;
  const groups = used.map(([queue, number]): LaneGroup => {
    const group = { queue, top: top + NAME_HEIGHT, lanes: number };
    top = group.top + number * laneHeight + QUEUE_GAP;
    return group;
  });
  return { groups, laneHeight, height: top };
}

/** The queue and lane at a height; undefined between the lanes. */
export function laneAt({ groups, laneHeight }: LaneLayout, y: number): { queue: number; lane: number } | undefined {
  for (const { queue, top, lanes } of groups) {
    const lane = Math.floor((y - top) / laneHeight);
    if (lane >= 0 && lane < lanes) return { queue, lane };
  }
  return undefined;
}

/** The place of the row in a lane at a time, or of one nearer than `slack`; undefined for none. */
export function rowAt(
  rows: Rows,
  spot: { queue: number; lane: number; time: number; slack: number },
  until: number,
): number | undefined {
  let best: number | undefined;
  let nearest = spot.slack;
  for (let place = 0; place < rows.count; place += 1) {
    const start = rows.start[place] ?? 0;
    if (start === 0 || start > until || rows.lane[place] !== spot.lane || rows.queue[place] !== spot.queue) continue;
    const end = rows.end[place] ?? 0;
    const last = end === 0 ? until : Math.max(end, rows.freed[place] ?? 0);
    const distance = Math.max(start - spot.time, spot.time - last, 0);
    if (distance <= nearest) [best, nearest] = [place, distance];
  }
  return best;
}

/** The row that started next in the same lane, or the one before. */
export function neighbourInLane(rows: Rows, place: number, direction: 1 | -1): number | undefined {
  const from = rows.start[place] ?? 0;
  let best: number | undefined;
  for (let other = 0; other < rows.count; other += 1) {
    if (rows.lane[other] !== rows.lane[place] || rows.queue[other] !== rows.queue[place]) continue;
    const start = rows.start[other] ?? 0;
    if (start === 0 || (start - from) * direction <= 0) continue;
    if (best === undefined || ((rows.start[best] ?? 0) - start) * direction > 0) best = other;
  }
  return best;
}
