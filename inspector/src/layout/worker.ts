/** The worker that makes layouts, one after another. */
import type { LayoutAnswer, LayoutRequest } from './client.js';
import { layOutChart, layOutGraph } from './layout.js';

addEventListener('message', ({ data }: MessageEvent<LayoutRequest>) => {
  const answer: LayoutAnswer =
    data.kind === 'chart'
      ? { number: data.number, kind: 'chart', placed: layOutChart(data.chart) }
      : { number: data.number, kind: 'graph', placed: layOutGraph(data.graph) };
  postMessage(answer);
});
