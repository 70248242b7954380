/** The canvases of the timeline, and what the pointer and the keys do on them. */
import { useEffect, useRef } from 'preact/hooks';
import { known, selectedTask, selectTask, shownAt } from '../app/state.js';
import { isDark } from '../app/theme.js';
import { type Surface, usePixels, useSurface } from '../app/use-canvas.js';
import { functionPixels, isBright, pixelOf } from '../draw/palette.js';
import { drawTimeline } from '../draw/timeline.js';
import { clock, duration } from '../model/format.js';
import { laneAt, type LaneLayout, layoutLanes, neighbourInLane, rowAt } from '../model/lanes.js';
import { hovered, isLit, panBy, range, reveal, scale, show, shown, stops, zoom, zoomBy } from './timeline-state.js';
import { AXIS_HEIGHT, drawText } from './timeline-text.js';
import { signal } from '@preact/signals';

/** How far the lanes are scrolled, in CSS pixels. */
const scroll = signal(0);
const GRAB = 4;
/** The canvas is at least so high, and leaves so much of the window for the rest of the page. */
const [LEAST_HEIGHT, REST_HEIGHT] = [200, 290];

const COLOURS = {
  light: { text: '#18212d', muted: '#566273', line: '#dde2e9', accent: '#1c5cb8', panel: '#ffffff' },
  dark: { text: '#e4e9f0', muted: '#9fabba', line: '#2c3540', accent: '#83b4ff', panel: '#181e26' },
};
const PIXELS = {
  light: { ground: pixelOf(0xffffff), ink: pixelOf(0x18212d), shade: pixelOf(0xe3e7ed) },
  dark: { ground: pixelOf(0x181e26), ink: pixelOf(0x0a0d12), shade: pixelOf(0x2a323d) },
};

interface Drag {
  readonly x: number;
  readonly y: number;
  readonly from: number;
  readonly scroll: number;
  readonly isRange: boolean;
  hasMoved: boolean;
}

export function TimelineCanvas() {
  const place = useRef<HTMLDivElement>(null);
  const base = useRef<HTMLCanvasElement>(null);
  const over = useRef<HTMLCanvasElement>(null);
  const drag = useRef<Drag>();
  const pixelsOf = usePixels();
  const surface = useSurface(place);
  // What is drawn after the rendering, read here so that a change of it renders again.
  void [shown.value, range.value, isLit.value, stops.value, hovered.value, isDark.value];
  const { rows } = known();
  const room = Math.max(LEAST_HEIGHT, window.innerHeight - REST_HEIGHT) - AXIS_HEIGHT;
  const layout = layoutLanes(rows, shownAt.value, room);
  const scrolled = Math.min(scroll.value, Math.max(0, layout.height - room));
  const selectedPlace = selectedTask.value === undefined ? undefined : rows.placeOf(selectedTask.value);

  useEffect(() => {
    if (base.current === null || over.current === null || surface === undefined) return;
    draw(base.current, over.current, { surface, layout, scrolled, selectedPlace }, pixelsOf);
  });
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    // Listened to here because the page must not scroll or zoom meanwhile.
    const wheel = (event: WheelEvent): void => onWheel(event, element, layout.height - room);
    element.addEventListener('wheel', wheel, { passive: false });
    return () => element.removeEventListener('wheel', wheel);
  });

  const spotOf = (event: MouseEvent): { x: number; y: number; time: number; perPixel: number } => {
    const box = place.current?.getBoundingClientRect();
    const [x, y] = [event.clientX - (box?.left ?? 0), event.clientY - (box?.top ?? 0)];
    const perPixel = shown.value.length / Math.max(1, box?.width ?? 1);
    return { x, y, perPixel, time: scale.value.toTime(shown.value.from + x * perPixel) };
  };
  const rowUnder = (event: MouseEvent): number | undefined => {
    const { y, time, perPixel } = spotOf(event);
    const lane = laneAt(layout, y - AXIS_HEIGHT + scrolled);
    return lane === undefined ? undefined : rowAt(rows, { ...lane, time, slack: perPixel * GRAB }, shownAt.value);
  };
  const move = (event: PointerEvent): void => {
    const held = drag.current;
    if (held === undefined) {
      hovered.value = rowUnder(event);
      return;
    }
    const { x, y, perPixel, time } = spotOf(event);
    if (Math.abs(x - held.x) + Math.abs(y - held.y) > GRAB) held.hasMoved = true;
    if (!held.hasMoved) return;
    hovered.value = undefined;
    if (held.isRange) {
      const began = scale.value.toTime(held.from + held.x * perPixel);
      range.value = { from: Math.max(1, Math.min(began, time)), until: Math.max(began, time) };
    } else {
      show(held.from - (x - held.x) * perPixel, shown.value.length);
      scroll.value = Math.max(0, held.scroll - (y - held.y));
    }
  };
  const down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    place.current?.setPointerCapture(event.pointerId);
    const { x, y } = spotOf(event);
    drag.current = {
      x,
      y,
      from: shown.value.from,
      scroll: scrolled,
      isRange: event.shiftKey || y < AXIS_HEIGHT,
      hasMoved: false,
    };
  };
  const up = (event: PointerEvent): void => {
    const held = drag.current;
    drag.current = undefined;
    if (held === undefined || held.hasMoved) return;
    const found = rowUnder(event);
    if (found !== undefined) selectTask(rows.task[found] ?? 0);
  };

  return (
    <div
      ref={place}
      class="canvas-place"
      data-layout={layoutInPixels(layout, scrolled)}
      tabIndex={0}
      role="application"
      aria-label="Timeline of all slots. Arrow keys pan, plus and minus zoom, 0 shows all, N and P go to the next and previous task of the lane."
      style={{ height: `${AXIS_HEIGHT + Math.min(room, Math.max(layout.height, LEAST_HEIGHT - AXIS_HEIGHT)) + 2}px` }}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerLeave={() => (hovered.value = undefined)}
      onKeyDown={(event) => onKey(event, selectedPlace)}
    >
      <canvas ref={base} class="base" />
      <canvas ref={over} class="over" />
      <Hint place={hovered.value} />
    </div>
  );
}

/** Where the lanes of each queue and the ends of the axis are, for whoever reads the page by program. */
function layoutInPixels({ groups, laneHeight }: LaneLayout, scrolled: number): string {
  const tops: Record<number, number> = {};
  for (const { queue, top } of groups) tops[queue] = AXIS_HEIGHT + top - scrolled;
  const { from, length } = shown.value;
  const [first, last] = [scale.value.toTime(from), scale.value.toTime(from + length)];
  return JSON.stringify({ tops, laneHeight, first, last });
}

interface Shown {
  readonly surface: Surface;
  readonly layout: LaneLayout;
  readonly scrolled: number;
  readonly selectedPlace: number | undefined;
}

function draw(
  base: HTMLCanvasElement,
  over: HTMLCanvasElement,
  of: Shown,
  pixelsOf: ReturnType<typeof usePixels>,
): void {
  const { surface, layout, scrolled, selectedPlace } = of;
  const { width, ratio } = surface;
  const top = Math.round(AXIS_HEIGHT * ratio);
  const picture = pixelsOf(base, { ...surface, height: surface.height - top });
  if (picture === undefined) return;
  const began = performance.now();
  const theme = isDark.value ? 'dark' : 'light';
  const laneTops: number[] = [];
  for (const { queue, top: laneTop } of layout.groups) laneTops[queue] = Math.round((laneTop - scrolled) * ratio);
  const labels = drawTimeline({
    ...PIXELS[theme],
    pixels: picture.pixels,
    width,
    height: surface.height - top,
    rows: known().rows,
    scale: scale.value,
    axisFrom: shown.value.from,
    axisPerPixel: shown.value.length / width,
    laneTops,
    laneHeight: Math.round(layout.laneHeight * ratio),
    colours: functionPixels(known().functions.length),
    stops: stops.value,
    at: shownAt.value,
    isLit: isLit.value,
  });
  picture.show();
  base.dataset['drawMs'] = (performance.now() - began).toFixed(2);
  if (over.width !== width || over.height !== surface.height) [over.width, over.height] = [width, surface.height];
  const context = over.getContext('2d');
  if (context === null) return;
  drawText({
    context,
    surface,
    recording: known(),
    layout,
    scroll: scrolled,
    scale: scale.value,
    shown: shown.value,
    labels,
    colours: COLOURS[theme],
    selected: selectedPlace,
    hovered: hovered.value,
    range: range.value,
    stops: stops.value,
    at: shownAt.value,
    isBright,
  });
}

function onWheel(event: WheelEvent, element: HTMLElement, mostScroll: number): void {
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    const box = element.getBoundingClientRect();
    zoomBy(2 ** (event.deltaY / 200), (event.clientX - box.left) / box.width);
  } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
    event.preventDefault();
    panBy((event.deltaX === 0 ? event.deltaY : event.deltaX) / 600);
  } else if (mostScroll > 0) {
    const wanted = Math.min(mostScroll, Math.max(0, scroll.value + event.deltaY));
    if (wanted !== scroll.value) event.preventDefault();
    scroll.value = wanted;
  }
}

function onKey(event: KeyboardEvent, selectedPlace: number | undefined): void {
  const acts: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => panBy(-0.15),
    ArrowRight: () => panBy(0.15),
    ArrowUp: () => (scroll.value = Math.max(0, scroll.value - 40)),
    ArrowDown: () => (scroll.value += 40),
    '+': () => zoomBy(0.6),
    '=': () => zoomBy(0.6),
    '-': () => zoomBy(1 / 0.6),
    '0': () => (zoom.value = null),
    n: () => step(selectedPlace, 1),
    p: () => step(selectedPlace, -1),
  };
  const act = acts[event.key];
  if (act === undefined || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  act();
}

/** Selects the next task of the lane; the first of all when none is selected. */
function step(selectedPlace: number | undefined, direction: 1 | -1): void {
  const { rows } = known();
  const next = selectedPlace === undefined ? 0 : neighbourInLane(rows, selectedPlace, direction);
  if (next === undefined || next >= rows.count) return;
  selectTask(rows.task[next] ?? 0);
  reveal(rows.start[next] ?? 0, rows.end[next] ?? 0);
}

/** What is under the pointer, in words. */
function Hint({ place }: { readonly place: number | undefined }) {
  if (place === undefined) return null;
  const { rows } = known();
  const [start, end] = [rows.start[place] ?? 0, rows.end[place] ?? 0];
  const isOver = end !== 0 && end <= shownAt.value;
  const attempt = rows.attempt[place] ?? 0;
  return (
    <div class="hint-box">
      <b>
        {known().functionName(rows.fn[place] ?? 0)} {known().idOf(rows.task[place] ?? 0)}
      </b>
      {attempt > 1 ? ` · attempt ${attempt}` : ''} · {clock(start)} ·{' '}
      {duration(((isOver ? end : shownAt.value) - start) / 10)}
      {isOver ? '' : ' so far'}
    </div>
  );
}
