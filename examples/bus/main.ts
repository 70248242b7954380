/**
 * A bus with two schedulers and a producer. The producer requests the warmest day of many periods of weather; one scheduler
 * disconnects midway, and its jobs go to the other. In production each of them would be a program on its own computer:
 * pullgraph bus, pullgraph schedule and pullgraph produce.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Scheduler } from 'pullgraph';
import { type Bus, connectProducer, connectScheduler, startBus } from 'pullgraph/bus';
import { readSeries } from '../data/vega-series.js';

const DAYS_PER_JOB = 50;

const bus = await startBus({ port: 0 });
console.log(`the bus listens on ${bus.url}`);

const first = startWorker(bus, 'first');
const second = startWorker(bus, 'second');

await Promise.all([first.ready(), second.ready()]);

const producer = connectProducer({ url: bus.url });
const weather = [...readSeries('seattle-weather.csv', 'temp_max').values];
const pieces = Array.from({ length: Math.ceil(weather.length / DAYS_PER_JOB) }, (_, n) =>
  weather.slice(n * DAYS_PER_JOB, (n + 1) * DAYS_PER_JOB),
);
let requeued = 0;
let finals = 0;
const jobs = pieces.map((piece) =>
  producer.request({ task: 'warmest', args: [piece] }, ({ event }) => {
    if (event === 'requeued') requeued += 1;
    if (event === 'done') {
      finals += 1;
      // As a computer does that loses its power: nothing is said, nothing is handed back.
      if (finals === 3) first.vanish();
    }
  }),
);

const results = await Promise.all(jobs.map((job) => job.result()));
console.log(`results: ${results.length} of ${pieces.length}, each told once: ${finals === pieces.length}`);
console.log(`begun again elsewhere: ${requeued > 0 ? 'some' : 'none'}`);
console.log(`warmest day: ${Math.max(...results.map(Number))} °C`);

producer.close();
await second.drain();
await first.scheduler.close();
await bus.close();
console.log('closed');

/** A scheduler with four slots, connected to the bus, that runs the only task. */
function startWorker({ url }: Bus, name: string) {
  const scheduler = new Scheduler();
  scheduler.start();
  const client = connectScheduler({ url, scheduler, slots: 4, queue: name, tasks: { warmest } });
  return {
    scheduler,
    ready: () => client.ready(),
    vanish: () => client.close(),
    async drain() {
      await client.drain();
      await scheduler.close();
    },
  };
}

async function warmest(celsius: readonly number[]): Promise<number> {
  await sleep(5);
  return Math.max(...celsius);
}
