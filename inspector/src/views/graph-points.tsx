/** Every task as a point, by function, in the order of submission. */
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { STATES } from '../../../src/inspect/protocol/frames.js';
import { counts, known, moment, selectedTask, selectTask, shownAt } from '../app/state.js';
import { isDark } from '../app/theme.js';
import { usePaced } from '../app/use-paced.js';
import { type Surface, usePixels, useSurface } from '../app/use-canvas.js';
import { pixelOf } from '../draw/palette.js';
import { drawPoints } from '../draw/points.js';
import { stateAt } from '../model/counts.js';
import { count, many } from '../model/format.js';
import { BLOCK_HEAD, centreOf, layoutBlocks, placeAt, type TaskBlocks } from '../model/task-blocks.js';
import { StateMark } from './state-mark.js';

const PAUSE_MS = 400;
const only = signal<number | undefined>(undefined);
const hovered = signal<number | undefined>(undefined);

export function Points() {
  const place = useRef<HTMLDivElement>(null);
  const base = useRef<HTMLCanvasElement>(null);
  const over = useRef<HTMLCanvasElement>(null);
  const pixelsOf = usePixels();
  const surface = useSurface(place);
  const at = shownAt.value;
  const width = place.current?.clientWidth ?? 800;
  const room = Math.max(300, window.innerHeight - 330);
  const layout = usePaced(`${moment.value ?? 'live'} ${width}`, PAUSE_MS, () =>
    layoutBlocks(known().rows, at, width, room),
  );
  void [only.value, hovered.value, isDark.value, selectedTask.value];
  useEffect(() => {
    if (base.current === null || over.current === null || surface === undefined) return;
    draw(base.current, over.current, surface, layout, pixelsOf);
  });
  const under = (event: MouseEvent): number | undefined => {
    const box = place.current?.getBoundingClientRect();
    return placeAt(layout, event.clientX - (box?.left ?? 0), event.clientY - (box?.top ?? 0));
  };
  const choose = (event: MouseEvent): void => {
    const found = under(event);
    if (found !== undefined) selectTask(known().rows.task[found] ?? 0);
  };
  return (
    <section class="panel" aria-label="All tasks as points">
      <OnlyState />
      <div
        ref={place}
        class="points"
        style={{ height: `${Math.ceil(layout.height)}px` }}
        role="img"
        aria-label="One square per task, by function. To choose a task by keyboard, use the search or open a function."
        onPointerMove={(event) => (hovered.value = under(event))}
        onPointerLeave={() => (hovered.value = undefined)}
        onClick={choose}
      >
        <canvas ref={base} />
        <canvas ref={over} />
      </div>
      <p class="muted hint">
        <Hovered place={hovered.value} />
      </p>
    </section>
  );
}

function OnlyState() {
  const { total } = counts.value;
  return (
    <div class="row tools" role="group" aria-label="The state that stands out">
      {STATES.map((state, index) => (
        <button
          key={state}
          type="button"
          class="chip"
          aria-pressed={only.value === index}
          onClick={() => (only.value = only.value === index ? undefined : index)}
        >
          <StateMark state={state} /> {count(total[index] ?? 0)}
        </button>
      ))}
    </div>
  );
}

function Hovered({ place }: { readonly place: number | undefined }) {
  const { rows } = known();
  if (place === undefined)
    return (
      <>
        One square per task, in the order of submission. Point at one to see which it is; click to select it and to see
        what it needs.
      </>
    );
  const state = STATES[stateAt(rows, place, shownAt.value)];
  return (
    <>
      {known().functionName(rows.fn[place] ?? 0)} {known().idOf(rows.task[place] ?? 0)}, {state}, needs{' '}
      {many(rows.edgeCount[place] ?? 0, 'task')}
    </>
  );
}

function draw(
  base: HTMLCanvasElement,
  over: HTMLCanvasElement,
  surface: Surface,
  layout: TaskBlocks,
  pixelsOf: ReturnType<typeof usePixels>,
): void {
  const picture = pixelsOf(base, surface);
  if (picture === undefined) return;
  const ratio = surface.ratio;
  const { rows } = known();
  const ground = pixelOf(isDark.value ? 0x181e26 : 0xffffff);
  drawPoints({ ...surface, pixels: picture.pixels, rows, layout, ground, at: shownAt.value, only: only.value });
  picture.show();
  if (over.width !== surface.width || over.height !== surface.height)
    [over.width, over.height] = [surface.width, surface.height];
  const context = over.getContext('2d');
  if (context === null) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, surface.width, surface.height);
  const text = isDark.value ? '#e4e9f0' : '#18212d';
  context.font = '600 12px system-ui, sans-serif';
  context.fillStyle = text;
  context.textBaseline = 'middle';
  for (const { queue, fn, top, places } of layout.blocks) {
    context.fillText(
      `${known().functionName(fn)} on ${known().queueName(queue)}: ${many(places.length, 'task')}`,
      0,
      top - BLOCK_HEAD / 2,
    );
  }
  if (selectedTask.value !== undefined) drawLinks(context, layout, selectedTask.value, text);
}

/** A frame around the selected task, and lines to what it needs and to what needs it. */
function drawLinks(context: CanvasRenderingContext2D, layout: TaskBlocks, task: number, colour: string): void {
  const { rows } = known();
  const place = rows.placeOf(task);
  const middle = place === undefined ? undefined : centreOf(layout, place);
  if (place === undefined || middle === undefined) return;
  const first = rows.placesOf(task)[0] ?? place;
  const ends = rows.dependenciesOf(first).flatMap((other) => rows.placeOf(other) ?? []);
  for (let other = 0; other < rows.count; other += 1) {
    const from = rows.edgeStart[other] ?? 0;
    for (let edge = from; edge < from + (rows.edgeCount[other] ?? 0); edge += 1)
      if (rows.edges.values[edge] === task) ends.push(other);
  }
  context.strokeStyle = colour;
  context.lineWidth = 1;
  for (const end of ends) {
    const other = centreOf(layout, end);
    if (other === undefined) continue;
    context.beginPath();
    context.moveTo(middle.x, middle.y);
    context.lineTo(other.x, other.y);
    context.stroke();
  }
  context.lineWidth = 2;
  context.strokeRect(middle.x - layout.cell / 2 - 1, middle.y - layout.cell / 2 - 1, layout.cell + 1, layout.cell + 1);
}
