/** What the timeline shows: the part of the axis, filters, the range selected. Kept while other views are looked at. */
import { computed, signal } from '@preact/signals';
import { known, shownAt } from '../app/state.js';
import { FAILED } from '../model/rows.js';
import { gapsOf, TimeScale } from '../model/time-scale.js';

/** In units of the axis; null shows everything and follows what is added. */
export const zoom = signal<{ readonly from: number; readonly length: number } | null>(null);
export const collapsesGaps = signal(true);
export const onlyFunction = signal<number | null>(null);
export const onlyFailed = signal(false);
/** Times. */
export const range = signal<{ readonly from: number; readonly until: number } | null>(null);
export const hovered = signal<number | undefined>(undefined);

export const scale = computed(() => {
  const until = Math.max(100, shownAt.value);
  return new TimeScale(until, collapsesGaps.value ? gapsOf(known().rows, until) : []);
});

/** The part of the axis that is shown. */
export const shown = computed(() => zoom.value ?? { from: 0, length: scale.value.length * 1.01 });

/** The shortest part: a tenth of a millisecond in about 30 pixels. */
const LEAST_LENGTH = 40;

/** Shows a part of the axis, within what there is. */
export function show(from: number, length: number): void {
  const whole = scale.value.length * 1.01;
  const wanted = Math.max(LEAST_LENGTH, length);
  zoom.value = wanted >= whole ? null : { from: Math.min(Math.max(0, from), whole - wanted), length: wanted };
}

/** Zooms by a factor; the position at `share` of the width stays where it is. */
export function zoomBy(factor: number, share = 0.5): void {
  const { from, length } = shown.value;
  const wanted = Math.max(LEAST_LENGTH, length * factor);
  show(from + (length - wanted) * share, wanted);
}

export function panBy(share: number): void {
  const { from, length } = shown.value;
  show(from + length * share, length);
}

/** A bar that is brought into view takes at least this share of the width. */
const LEAST_SHARE = 0.02;

/** Brings an attempt into view, near enough to be seen. */
export function reveal(start: number, end: number): void {
  const [from, until] = [scale.value.toAxis(start), scale.value.toAxis(Math.max(start, end))];
  const length = Math.min(shown.value.length, Math.max(LEAST_LENGTH, (until - from) / LEAST_SHARE));
  const isSeen = from >= shown.value.from && until <= shown.value.from + shown.value.length;
  if (!isSeen || length < shown.value.length) show((from + until - length) / 2, length);
}

/** 1 for the places that the filters let through; undefined when nothing is filtered. */
export const isLit = computed(() => {
  if (onlyFunction.value === null && !onlyFailed.value) return undefined;
  const { rows } = known();
  const lit = new Uint8Array(rows.count);
  for (let place = 0; place < rows.count; place += 1) {
    const isOfFunction = onlyFunction.value === null || rows.fn[place] === onlyFunction.value;
    const isFailed = rows.state[place] === FAILED && (rows.end[place] ?? 0) <= shownAt.value;
    if (isOfFunction && (!onlyFailed.value || isFailed)) lit[place] = 1;
  }
  return lit;
});

/** The spans in which the scheduler was stopped. */
export const stops = computed(() => {
  const { periods } = known();
  return periods.flatMap(({ at, state }, index) =>
    state.startsWith('stopped') ? [{ from: at, until: periods[index + 1]?.at ?? Number.MAX_SAFE_INTEGER }] : [],
  );
});
