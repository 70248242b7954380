/**
 * Layouts by dagre. Runs in a worker (worker.ts), because 200 nodes take it a third of a second. Pure: sizes in, places out.
 *
 * Places are those of left upper corners; all lengths are CSS pixels.
 */
import { Graph, layout } from '@dagrejs/dagre';
import { arrowsWithin, type Chart, type ChartArrow, type ChartState } from '../model/statechart.js';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface GraphToLayOut {
  readonly nodes: readonly ({ readonly id: string } & Size)[];
  readonly edges: readonly ({ readonly from: string; readonly to: string } & Size)[];
  readonly direction: 'LR' | 'TB';
  /** The least distance between neighbours, and between ranks. */
  readonly apart?: { readonly nodes: number; readonly ranks: number };
}

export interface PlacedGraph extends Size {
  readonly nodes: Readonly<Record<string, Point>>;
  /** In the order of the edges given: the bends, and the middle of the label. */
  readonly edges: readonly { readonly points: readonly Point[]; readonly label: Point }[];
}

export function layOutGraph({ nodes, edges, direction, apart = { nodes: 26, ranks: 44 } }: GraphToLayOut): PlacedGraph {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({
    rankdir: direction,
    nodesep: apart.nodes,
    ranksep: apart.ranks,
    edgesep: 14,
    marginx: 6,
    marginy: 6,
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of nodes) graph.setNode(id, { width, height });
  for (const [index, { from, to, width, height }] of edges.entries()) {
    graph.setEdge(from, to, { width, height, labelpos: 'c' }, String(index));
  }
  layout(graph);
  const { width, height } = sizeOf(graph.graph());
  const placed = nodes.map(({ id, width: wide, height: high }): [string, Point] => {
    const { x, y } = pointOf(graph.node(id));
    return [id, { x: x - wide / 2, y: y - high / 2 }];
  });
  return {
    width,
    height,
    nodes: Object.fromEntries(placed),
    edges: edges.map(({ from, to }, index) => {
      const edge: unknown = graph.edge(from, to, String(index));
      return { points: pointsOf(edge), label: pointOf(edge) };
    }),
  };
}

const numberOf = (value: unknown, name: string): number => {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  return typeof found === 'number' && Number.isFinite(found) ? found : 0;
};
const pointOf = (value: unknown): Point => ({ x: numberOf(value, 'x'), y: numberOf(value, 'y') });
const sizeOf = (value: unknown): Size => ({ width: numberOf(value, 'width'), height: numberOf(value, 'height') });
const pointsOf = (value: unknown): Point[] => {
  const points: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'points') : undefined;
  return Array.isArray(points) ? points.map(pointOf) : [];
};

/** A state with its place in the one above it. */
export interface PlacedState extends Size, Point {
  readonly state: ChartState;
  readonly children: readonly PlacedState[];
  readonly arrows: readonly PlacedArrow[];
}

export interface PlacedArrow extends ChartArrow {
  readonly points: readonly Point[];
  readonly label: Point;
}

const LINE = 15;
const HEAD = 30;
const PADDING = 12;
/** How wide a text of so many characters is at most. */
const textWidth = (length: number): number => length * 6.6;

/** Lays out a chart from the innermost states to the outermost. */
export function layOutChart(chart: Chart): PlacedState {
  return place(chart, chart.root, { x: 0, y: 0 });
}

function place(chart: Chart, state: ChartState, at: Point): PlacedState {
  if (state.children.length === 0) {
    const width = Math.max(92, 56 + textWidth(state.name.length) * 1.15);
    return { state, ...at, width, height: 38, children: [], arrows: [] };
  }
  const inner = state.children.map((child) => place(chart, child, { x: 0, y: 0 }));
  return state.kind === 'parallel' ? sideBySide(state, inner, at) : within(chart, state, inner, at);
}

/** The regions of a parallel state, beside and below each other. */
function sideBySide(state: ChartState, inner: readonly PlacedState[], at: Point): PlacedState {
  const most = Math.max(780, ...inner.map(({ width }) => width));
  let [x, y, rowHeight, width] = [PADDING, HEAD, 0, 0];
  const children = inner.map((child) => {
    if (x > PADDING && x + child.width > most) [x, y, rowHeight] = [PADDING, y + rowHeight + PADDING, 0];
    const moved = { ...child, x, y };
    x += child.width + PADDING;
    rowHeight = Math.max(rowHeight, child.height);
    width = Math.max(width, x);
    return moved;
  });
  return { state, ...at, width, height: y + rowHeight + PADDING, children, arrows: [] };
}

function within(chart: Chart, state: ChartState, inner: readonly PlacedState[], at: Point): PlacedState {
  const arrows = arrowsWithin(chart, state);
  const graph = {
    nodes: inner.map((child) => ({ id: child.state.path, width: child.width, height: child.height })),
    edges: arrows.map(({ from, to, events }) => ({
      from,
      to,
      width: textWidth(Math.max(...events.map((event) => event.length))) + 8,
      height: events.length * LINE + 4,
    })),
  };
  const placed = layOutGraph({ ...graph, direction: 'TB' });
  const moved = ({ x, y }: Point): Point => ({ x: x + PADDING, y: y + HEAD });
  return {
    state,
    ...at,
    width: Math.max(placed.width + 2 * PADDING, 40 + textWidth(state.name.length)),
    height: placed.height + HEAD + PADDING,
    children: inner.map((child) => ({ ...child, ...moved(placed.nodes[child.state.path] ?? { x: 0, y: 0 }) })),
    arrows: arrows.map((arrow, index) => ({
      ...arrow,
      points: (placed.edges[index]?.points ?? []).map(moved),
      label: moved(placed.edges[index]?.label ?? { x: 0, y: 0 }),
    })),
  };
}
