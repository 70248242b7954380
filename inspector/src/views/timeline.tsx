/** What ran when: one lane per slot, a bar per attempt. Pan, zoom, hover, select; a range selected shows its totals. */
import { now, known, shownAt } from '../app/state.js';
import { cssColour, FUNCTION_COLOURS } from '../draw/palette.js';
import { clock, count, duration, many } from '../model/format.js';
import { totalsOfRange } from '../model/range-totals.js';
import { STATES } from '../../../src/inspect/protocol/frames.js';
import { EmptyPage } from './empty-page.js';
import { OnlyFailed } from './only-failed.js';
import { StateMark } from './state-mark.js';
import { TimelineCanvas } from './timeline-canvas.js';
import { collapsesGaps, onlyFailed, onlyFunction, panBy, range, scale, show, zoom, zoomBy } from './timeline-state.js';

export function Timeline() {
  if (known().rows.count === 0) return <EmptyPage />;
  return (
    <div class="stack">
      <h1 class="hidden">Timeline</h1>
      <section class="panel timeline" aria-label="Timeline">
        <Tools />
        <TimelineCanvas />
        <Legend />
      </section>
      <RangeTotals />
    </div>
  );
}

function Tools() {
  const gaps = scale.value.gaps.length;
  return (
    <div class="row tools">
      <button type="button" aria-label="Zoom in" title="Zoom in (+)" onClick={() => zoomBy(0.5)}>
        +
      </button>
      <button type="button" aria-label="Zoom out" title="Zoom out (−)" onClick={() => zoomBy(2)}>
        −
      </button>
      <button type="button" title="Left arrow" disabled={zoom.value === null} onClick={() => panBy(-0.5)}>
        Earlier
      </button>
      <button type="button" title="Right arrow" disabled={zoom.value === null} onClick={() => panBy(0.5)}>
        Later
      </button>
      <button type="button" disabled={zoom.value === null} onClick={() => (zoom.value = null)}>
        Show all
      </button>
      <button type="button" disabled={range.value === null} onClick={showRange}>
        Zoom to range
      </button>
      <label>
        <input
          type="checkbox"
          checked={collapsesGaps.value}
          onChange={({ currentTarget }) => {
            collapsesGaps.value = currentTarget.checked;
            zoom.value = null;
          }}
        />{' '}
        Collapse idle time{gaps > 0 ? ` (${gaps})` : ''}
      </label>
      <OnlyFailed chosen={onlyFailed} />
      <span class="grow" />
      <a class="button" href="trace.json" download="pullgraph-trace.json">
        Download trace
      </a>
    </div>
  );
}

function showRange(): void {
  if (range.value === null) return;
  const [from, until] = [scale.value.toAxis(range.value.from), scale.value.toAxis(range.value.until)];
  show(from, until - from);
}

function Legend() {
  return (
    <div class="key-line">
      <ul class="key">
        {known().functions.map(({ index, name }) => (
          <li key={index}>
            <button
              type="button"
              class="chip"
              aria-pressed={onlyFunction.value === index}
              onClick={() => (onlyFunction.value = onlyFunction.value === index ? null : index)}
            >
              <span
                class="swatch"
                style={{ background: cssColour(FUNCTION_COLOURS[index % FUNCTION_COLOURS.length] ?? 0) }}
              />
              {name}
            </button>
          </li>
        ))}
      </ul>
      <p class="muted hint">
        Striped: failed or cancelled. Thin line: slot held. Notches: partial results. Drag to pan, Ctrl + wheel to zoom,
        Shift + drag to select a range, click a bar to select its task.
      </p>
    </div>
  );
}

function RangeTotals() {
  const chosen = range.value;
  if (chosen === null) return null;
  const { rows } = known();
  const totals = totalsOfRange(rows, chosen.from, chosen.until, shownAt.value);
  return (
    <section class="panel" aria-labelledby="range">
      <h2 id="range">
        Selected: {clock(chosen.from)} to {clock(Math.min(chosen.until, now.value))}{' '}
        <span class="muted">{duration((chosen.until - chosen.from) / 10)}</span>
      </h2>
      <p>
        {many(totals.started, 'attempt')} started
        {totals.partials > 0 ? `, ${many(totals.partials, 'partial result')}` : ''}. Settled:{' '}
        {STATES.slice(4).map((state, index) => (
          <span key={state} class="settled">
            <StateMark state={state} /> <b>{count(totals.settled[index + 4] ?? 0)}</b>{' '}
          </span>
        ))}
      </p>
      <table class="narrow">
        <thead>
          <tr>
            <th scope="col">Function</th>
            <th scope="col" class="number">
              Attempts
            </th>
            <th scope="col" class="number">
              Time running
            </th>
            <th scope="col" class="number">
              Slots on average
            </th>
          </tr>
        </thead>
        <tbody>
          {totals.functions.map(({ fn, ran, busyMs }) => (
            <tr key={fn}>
              <th scope="row">{known().functionName(fn)}</th>
              <td class="number">{count(ran)}</td>
              <td class="number">{duration(busyMs)}</td>
              <td class="number">{(busyMs / Math.max(0.1, (chosen.until - chosen.from) / 10)).toFixed(2)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div class="row">
        <button type="button" onClick={() => (range.value = null)}>
          Clear the range
        </button>
      </div>
    </section>
  );
}
