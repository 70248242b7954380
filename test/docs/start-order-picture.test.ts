/** The picture of the two orders in docs/queues.md is a schedule, so it is held against the simulation of the same tasks. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { simulate } from '../../src/testing/index.js';

const picture = readFileSync('docs/pictures/start-order.svg', 'utf8');

test.each(['newest', 'fifo'] as const)('the picture of the order %s shows what the scheduler does', (order) => {
  const arrivals = [0, 1, 2, 3, 4, 5];
  const { trace } = simulate({
    queues: [{ name: 'api', concurrency: 1, order }],
    tasks: arrivals.map((at) => ({ id: `request${at}`, queue: 'api', deps: [], duration: 2, submitAt: at })),
  });
  const starts = trace.flatMap((event) => (event.event === 'start' ? [event] : []));
  const panel = new RegExp(`<g data-order="${order}">(.*?)</g>`, 's').exec(picture)?.[1] ?? '';
  const left = order === 'newest' ? 76 : 444;
  const bars = [
    ...panel.matchAll(/data-task="(\w+)" data-start="(\d+)" data-end="(\d+)" x="(\d+)" y="\d+" width="(\d+)"/g),
  ].map(([, id, ...numbers]) => ({ id, numbers: numbers.map(Number) }));
  expect(bars).toEqual(
    arrivals.map((arrival) => {
      const at = starts.find(({ id }) => id === `request${arrival}`)?.at ?? Number.NaN;
      return { id: `request${arrival}`, numbers: [at, at + 2, left + 24 * at, 46] };
    }),
  );
  const waits = starts.map(({ id, at }) => at - Number(id.replace('request', '')));
  expect(panel).toContain(`longest wait: ${Math.max(...waits)} s<`);
});
