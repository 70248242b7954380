/** Use over time: slots by queue, resources, and how many tasks settle. */
import { known, shownAt } from '../app/state.js';
import { settledOverTime } from '../model/run-times.js';
import { Chart, type Series } from './chart.js';

const BINS = 120;

export function Charts() {
  const at = shownAt.value;
  const samples = known().samples.filter((sample) => sample.at <= at);
  const seconds = samples.map((sample) => (sample.at - 1) / 10_000);
  const slots = known().queues.map(
    (queue): Series => ({
      name: queue.name,
      values: samples.map((sample) => sample.slotsTaken[queue.index] ?? 0),
    }),
  );
  const resources = known().queues.flatMap((queue) =>
    queue.resources.map(
      (name, index): Series => ({
        name: `${name} of ${queue.name}`,
        values: samples.map((sample) => sample.taken[queue.index]?.[index] ?? 0),
      }),
    ),
  );
  const { done, failed } = settledOverTime(known().rows, at, BINS);
  const binSeconds = Math.max(1e-4, (at - 1) / 10_000) / BINS;
  const perSecond = (list: readonly number[]): number[] => list.map((value) => value / binSeconds);
  return (
    <div class="charts">
      <Chart title="Slots in use" unit="slots" seconds={seconds} series={slots} />
      {resources.length > 0 ? (
        <Chart title="Resources in use" unit="units" seconds={seconds} series={resources} />
      ) : null}
      <Chart
        title="Tasks settled a second"
        unit="a second"
        seconds={done.map((_, bin) => (bin + 0.5) * binSeconds)}
        series={[
          { name: 'done', values: perSecond(done) },
          { name: 'failed', values: perSecond(failed) },
        ]}
      />
    </div>
  );
}
