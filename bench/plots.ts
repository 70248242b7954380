/**
 * The plots of the benchmark. Each plot's data lie beside it as JSON, so that it can be redrawn without measuring; the same
 * JSON always gives the same SVG.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

/**
 * The time per task of one contestant at one size of one graph.
 *
 * @internal
 */
export interface CurvePoint {
  readonly shape: string;
  readonly contestant: string;
  readonly tasks: number;
  readonly microseconds: number;
}

/**
 * The number of final results after some simulated seconds.
 *
 * @internal
 */
export interface ArrivalPoint {
  readonly order: string;
  readonly results: number;
  readonly seconds: number;
}

/** @internal */
export type Plot =
  | { readonly name: 'time-per-task'; readonly points: readonly CurvePoint[] }
  | { readonly name: 'final-results'; readonly points: readonly ArrivalPoint[] };

/** @internal */
export const PLOT_NAMES = ['time-per-task', 'final-results'] as const;

const FOLDER = new URL('../docs/plots/', import.meta.url);

// Every colour stands out from both white and black, because the page sets the background.
const INK = '#7a828c';
const FAINT = '#7a828c55';
const OURS = '#2f81f7';
const PEERS = ['#d9681d', '#2a9d5c', '#b557c9', '#c8930a', '#d6455d'];
const FLOOR = INK;

/** Writes the data of the plot, and draws it. @internal */
export async function keepPlot(plot: Plot): Promise<void> {
  writeFileSync(new URL(`${plot.name}.json`, FOLDER), `${JSON.stringify(plot, undefined, 2)}\n`);
  await redraw(plot.name);
}

/** Draws a plot from its stored data. @internal */
export async function redraw(name: Plot['name']): Promise<void> {
  const plot = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as Plot;
  writeFileSync(new URL(`${name}.svg`, FOLDER), `${await svgOf(plot)}\n`);
}

/** The plot as an SVG document with a transparent background. @internal */
export async function svgOf(plot: Plot): Promise<string> {
  const spec = plot.name === 'time-per-task' ? timePerTask(plot.points) : finalResults(plot.points);
  return new View(parse(compile(spec).spec), { renderer: 'none' }).toSVG();
}

/** One panel for each graph, both axes logarithmic. */
function timePerTask(points: readonly CurvePoint[]): TopLevelSpec {
  const contestants = [...new Set(points.map(({ contestant }) => contestant))];
  const peers = contestants.filter((name) => name !== 'pullgraph' && name !== 'floor');
  const colourOf = (name: string): string => {
    if (name === 'pullgraph') return OURS;
    return name === 'floor' ? FLOOR : (PEERS[peers.indexOf(name) % PEERS.length] ?? INK);
  };
  const titles: Readonly<Record<string, string>> = {
    layered: 'layers, 3 dependencies each',
    wide: 'independent tasks',
  };
  return {
    ...LOOK,
    data: { values: points.map((point) => ({ ...point, panel: titles[point.shape] ?? point.shape })) },
    facet: {
      column: {
        field: 'panel',
        title: null,
        sort: Object.values(titles),
        header: { labelColor: INK, labelFontSize: 13 },
      },
    },
    spec: {
      width: 310,
      height: 260,
      mark: { type: 'line', point: { size: 36, filled: true } },
      encoding: {
        x: {
          field: 'tasks',
          type: 'quantitative',
          scale: { type: 'log', nice: false },
          title: 'number of tasks',
          axis: { values: decades(points.map(({ tasks }) => tasks)), format: '~s' },
        },
        y: {
          field: 'microseconds',
          type: 'quantitative',
          scale: { type: 'log', nice: false },
          title: 'µs per task',
          axis: { values: [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1_000], format: '~r' },
        },
        color: {
          field: 'contestant',
          type: 'nominal',
          title: null,
          scale: { domain: contestants, range: contestants.map(colourOf) },
        },
        strokeWidth: { condition: { test: "datum.contestant === 'pullgraph'", value: 3.5 }, value: 1.5 },
        strokeDash: { condition: { test: "datum.contestant === 'floor'", value: [5, 4] }, value: [1, 0] },
      },
    },
  };
}

function finalResults(points: readonly ArrivalPoint[]): TopLevelSpec {
  const total = Math.max(...points.map(({ results }) => results));
  return {
    ...LOOK,
    width: 640,
    height: 280,
    data: { values: [...points] },
    mark: { type: 'line', strokeWidth: 2.5 },
    encoding: {
      x: { field: 'seconds', type: 'quantitative', title: 'simulated time, s' },
      y: { field: 'results', type: 'quantitative', title: `final results, of ${total.toLocaleString('en')}` },
      color: {
        field: 'order',
        type: 'nominal',
        title: null,
        scale: { domain: ['demand order', 'submission order'], range: [OURS, PEERS[0] ?? INK] },
      },
    },
  };
}

/** The powers of ten from 1 up to the largest figure. */
function decades(figures: readonly number[]): number[] {
  const last = Math.ceil(Math.log10(Math.max(...figures)));
  return Array.from({ length: last + 1 }, (_, power) => 10 ** power);
}

const LOOK = {
  $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
  background: 'transparent',
  config: {
    font: 'system-ui, sans-serif',
    view: { stroke: null },
    axis: {
      labelColor: INK,
      titleColor: INK,
      domainColor: INK,
      tickColor: INK,
      gridColor: FAINT,
      labelFontSize: 12,
      labelFlush: false,
      titleFontSize: 12,
      titleFontWeight: 'normal',
    },
    legend: { labelColor: INK, labelFontSize: 12, symbolStrokeWidth: 3, orient: 'bottom' },
  },
} as const;
