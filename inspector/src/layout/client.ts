/** Asks the worker for layouts. It is started with the first question. */
import { useEffect, useState } from 'preact/hooks';
import type { Chart } from '../model/statechart.js';
import type { GraphToLayOut, PlacedGraph, PlacedState } from './layout.js';

export type LayoutRequest =
  | { readonly kind: 'chart'; readonly number: number; readonly chart: Chart }
  | { readonly kind: 'graph'; readonly number: number; readonly graph: GraphToLayOut };

export type LayoutAnswer =
  | { readonly kind: 'chart'; readonly number: number; readonly placed: PlacedState }
  | { readonly kind: 'graph'; readonly number: number; readonly placed: PlacedGraph };

let worker: Worker | undefined;
let asked = 0;
const waiting = new Map<number, (answer: LayoutAnswer) => void>();

function ask(make: (number: number) => LayoutRequest, then: (answer: LayoutAnswer) => void): () => void {
  worker ??= start();
  asked += 1;
  const number = asked;
  waiting.set(number, then);
  worker.postMessage(make(number));
  return () => waiting.delete(number);
}

function start(): Worker {
  const made = new Worker(new URL('worker.ts', import.meta.url), { type: 'module' });
  made.addEventListener('message', ({ data }: MessageEvent<LayoutAnswer>) => {
    waiting.get(data.number)?.(data);
    waiting.delete(data.number);
  });
  return made;
}

/** The layout of a chart; undefined until it is there. */
export function useChartLayout(chart: Chart | undefined): PlacedState | undefined {
  const [placed, setPlaced] = useState<PlacedState>();
  useEffect(() => {
    if (chart === undefined) return undefined;
    return ask(
      (number) => ({ kind: 'chart', number, chart }),
      (answer) => setPlaced(answer.kind === 'chart' ? answer.placed : undefined),
    );
  }, [chart]);
  return placed;
}

/** The layout of a graph, made anew when `key` changes; the old one stays until the new one is there. */
export function useGraphLayout(
  graph: GraphToLayOut,
  key: string,
): { readonly key: string; readonly placed: PlacedGraph } | undefined {
  const [made, setMade] = useState<{ key: string; placed: PlacedGraph }>();
  useEffect(
    () =>
      ask(
        (number) => ({ kind: 'graph', number, graph }),
        (answer) => setMade(answer.kind === 'graph' ? { key, placed: answer.placed } : undefined),
      ),
    [key],
  );
  return made;
}
