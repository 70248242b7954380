/**
 * The pipeline as one writes it with promises and p-limit: a limit for the instrument and one for the processors, each
 * served in the order of submission. A call that is first in line waits in its slot for what it needs. The functions
 * run on the same queues as in demand order, handed over one by one, so that nothing but the order differs.
 */
import pLimit from 'p-limit';
import { Scheduler } from 'pullgraph';
import type { Instrument } from './instrument.js';
import * as numeric from './numeric.js';
import { followTasks, openQueues, type Run } from './pipeline.js';
import type { Settings } from './settings.js';

/** Runs the whole job in submission order. */
export async function runInSubmissionOrder(instrument: Instrument, settings: Settings): Promise<Run> {
  await using scheduler = new Scheduler();
  const { acquire, compute } = await openQueues(scheduler, settings);
  const arrivals = followTasks(scheduler, 'submission order', settings);
  const onInstrument = pLimit(1);
  const onProcessors = pLimit(settings.threads);

  const channels = Array.from({ length: settings.matrices }, (_, channel) => channel);
  const matrices = channels.map((i) =>
    onInstrument(() => acquire.submit({ id: `matrix-${i}` }, instrument.acquire, i).result()),
  );
  const inverses = matrices.map((matrix, i) =>
    onProcessors(async () => compute.submit({ id: `inverse-${i}` }, numeric.invert, await matrix).result()),
  );
  const products = inverses.flatMap((inverse, i) =>
    matrices.map((matrix, j) =>
      onProcessors(async () => {
        const inputs = await Promise.all([inverse, matrix]);
        return compute.submit({ id: `product-${i}-${j}` }, numeric.deviation, ...inputs).result();
      }),
    ),
  );

  const deviations = await Promise.all(products);
  return { deviations, ...arrivals() };
}
