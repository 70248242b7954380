/** What is written over the pixels of the timeline: the axis, names of queues, labels of bars, what is selected. */
import type { Surface } from '../app/use-canvas.js';
import { clock, duration } from '../model/format.js';
import { type LaneLayout, NAME_HEIGHT } from '../model/lanes.js';
import type { Recording } from '../model/recording.js';
import type { TimeScale } from '../model/time-scale.js';
import type { Label } from '../draw/timeline.js';

/** CSS pixels. */
export const AXIS_HEIGHT = 24;
const TICK_DISTANCE = 110;
const STEPS = [1, 2, 5, 10];

export interface TextOver {
  readonly context: CanvasRenderingContext2D;
  readonly surface: Surface;
  readonly recording: Recording;
  readonly layout: LaneLayout;
  readonly scroll: number;
  readonly scale: TimeScale;
  readonly shown: { readonly from: number; readonly length: number };
  readonly labels: readonly Label[];
  readonly colours: {
    readonly text: string;
    readonly muted: string;
    readonly line: string;
    readonly accent: string;
    readonly panel: string;
  };
  readonly selected: number | undefined;
  readonly hovered: number | undefined;
  readonly range: { readonly from: number; readonly until: number } | null;
  readonly stops: readonly { readonly from: number; readonly until: number }[];
  readonly at: number;
  /** The luminance of each function's colour, from 0 to 1. */
  readonly isBright: (fn: number) => boolean;
}

export function drawText(over: TextOver): void {
  const { context, surface } = over;
  context.setTransform(surface.ratio, 0, 0, surface.ratio, 0, 0);
  context.clearRect(0, 0, surface.width, surface.height);
  context.textBaseline = 'middle';
  context.save();
  context.beginPath();
  context.rect(0, AXIS_HEIGHT, surface.width, surface.height);
  context.clip();
  drawNames(over);
  drawLabels(over);
  for (const place of [over.hovered, over.selected]) if (place !== undefined) outline(over, place);
  drawRange(over);
  context.restore();
  drawAxis(over);
}

const xOf = ({ scale, shown, surface }: TextOver, time: number): number =>
  ((scale.toAxis(time) - shown.from) / shown.length) * (surface.width / surface.ratio);

function drawAxis(over: TextOver): void {
  const { context, scale, shown, surface, colours } = over;
  const width = surface.width / surface.ratio;
  context.fillStyle = colours.panel;
  context.fillRect(0, 0, width, AXIS_HEIGHT);
  context.strokeStyle = colours.line;
  context.beginPath();
  context.moveTo(0, AXIS_HEIGHT - 0.5);
  context.lineTo(width, AXIS_HEIGHT - 0.5);
  context.font = '11px system-ui, sans-serif';
  context.fillStyle = colours.muted;
  const step = niceStep((shown.length / width) * TICK_DISTANCE);
  let freeFrom = 4;
  for (const { from, until } of segmentsOf(scale, shown)) {
    for (let tick = Math.ceil((from - 1) / step) * step; tick <= until - 1; tick += step) {
      const x = xOf(over, tick + 1);
      context.moveTo(x, AXIS_HEIGHT - 6);
      context.lineTo(x, AXIS_HEIGHT);
      const text = axisTime(tick, step);
      const wide = context.measureText(text).width;
      if (x - wide / 2 < freeFrom || x + wide / 2 > width - 4) continue;
      context.fillText(text, x - wide / 2, 10);
      freeFrom = x + wide / 2 + 12;
    }
  }
  context.stroke();
}

/** The spans of time that are shown, without those left out. */
function segmentsOf(scale: TimeScale, shown: TextOver['shown']): { from: number; until: number }[] {
  const last = scale.toTime(shown.from + shown.length);
  const segments: { from: number; until: number }[] = [];
  let from = scale.toTime(shown.from);
  for (const gap of scale.gaps) {
    if (gap.until <= from || gap.from >= last) continue;
    if (gap.from > from) segments.push({ from, until: gap.from });
    from = gap.until;
  }
  if (from < last) segments.push({ from, until: last });
  return segments;
}

/** A step of 1, 2 or 5 times a power of ten, in tenths of a millisecond. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return power * (STEPS.find((factor) => factor * power >= least) ?? 10);
}

function axisTime(time: number, step: number): string {
  if (time === 0) return '0';
  if (step < 10_000 && time < 600_000) return duration(time / 10).replace('.00', '');
  return clock(time + 1).replace(/\.000$/, '');
}

function drawNames(over: TextOver): void {
  const { context, recording, layout, scroll, surface, colours } = over;
  for (const { queue, top } of layout.groups) {
    const y = AXIS_HEIGHT + top - NAME_HEIGHT - scroll;
    context.fillStyle = colours.panel;
    context.fillRect(0, y, surface.width, NAME_HEIGHT);
    context.fillStyle = colours.text;
    context.font = '600 12px system-ui, sans-serif';
    context.fillText(recording.queueName(queue), 6, y + NAME_HEIGHT / 2 + 1);
  }
  context.font = '11px system-ui, sans-serif';
  context.fillStyle = colours.muted;
  for (const { from, until } of over.stops) {
    const [left, right] = [Math.max(0, xOf(over, from)), xOf(over, Math.min(until, over.at))];
    if (right - left > 50) context.fillText('stopped', left + 4, AXIS_HEIGHT + 9);
  }
}

function drawLabels({ context, recording, labels, layout, surface, isBright }: TextOver): void {
  if (layout.laneHeight < 12) return;
  context.font = '11px system-ui, sans-serif';
  for (const { place, x, y, width } of labels) {
    const [left, top, wide] = [x / surface.ratio, y / surface.ratio, width / surface.ratio];
    const from = Math.max(0, left) + 4;
    const room = Math.min(left + wide, surface.width / surface.ratio) - from - 4;
    const { rows } = recording;
    const id = recording.idOf(rows.task[place] ?? 0);
    const name = recording.functionName(rows.fn[place] ?? 0);
    const text = [`${name} ${id}`, id].find((candidate) => context.measureText(candidate).width <= room);
    if (text === undefined) continue;
    context.fillStyle = isBright(rows.fn[place] ?? 0) ? '#000' : '#fff';
    context.fillText(text, from, top + AXIS_HEIGHT + layout.laneHeight / 2);
  }
}

function outline(over: TextOver, place: number): void {
  const { context, recording, layout, scroll, colours, at } = over;
  const { rows } = recording;
  const start = rows.start[place] ?? 0;
  const group = layout.groups.find(({ queue }) => queue === rows.queue[place]);
  if (start === 0 || start > at || group === undefined) return;
  const end = rows.end[place] ?? 0;
  const x = xOf(over, start);
  const width = Math.max(4, xOf(over, end === 0 || end > at ? at : end) - x);
  const y = AXIS_HEIGHT + group.top + (rows.lane[place] ?? 0) * layout.laneHeight - scroll;
  context.lineWidth = 2;
  context.strokeStyle = place === over.selected ? colours.text : colours.muted;
  context.strokeRect(x - 1.5, y - 1.5, width + 2, layout.laneHeight + 1);
  context.lineWidth = 1;
}

function drawRange(over: TextOver): void {
  const { context, range, surface, colours } = over;
  if (range === null) return;
  const [left, right] = [xOf(over, range.from), xOf(over, range.until)];
  context.globalAlpha = 0.16;
  context.fillStyle = colours.accent;
  context.fillRect(left, AXIS_HEIGHT, right - left, surface.height);
  context.globalAlpha = 1;
  context.strokeStyle = colours.accent;
  context.strokeRect(left + 0.5, AXIS_HEIGHT - 1, right - left, surface.height);
}
