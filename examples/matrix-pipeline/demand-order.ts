/** The pipeline as one writes it with pullgraph: everything is submitted at once, and handles say what needs what. */
import { Scheduler } from 'pullgraph';
import type { Inspector } from 'pullgraph/inspect';
import { openInspector } from './inspector.js';
import type { Instrument } from './instrument.js';
import * as numeric from './numeric.js';
import { followTasks, openQueues, type Run } from './pipeline.js';
import type { Settings } from './settings.js';
import { openTracing } from './tracing.js';

/** Runs the whole job in demand order: the newest product first, and for it only what it needs. */
export async function runInDemandOrder(
  instrument: Instrument,
  settings: Settings,
): Promise<Run & { readonly inspector: Inspector | undefined }> {
  await using scheduler = new Scheduler();
  const inspector = settings.inspect ? await openInspector(scheduler) : undefined;
  const { acquire, compute } = await openQueues(scheduler, settings);
  const tracing = settings.otlp === undefined ? undefined : openTracing(scheduler, settings.otlp);
  const arrivals = followTasks(scheduler, 'demand order', settings);

  const channels = Array.from({ length: settings.matrices }, (_, channel) => channel);
  const submit = () => {
    const matrices = channels.map((i) => acquire.submit({ id: `matrix-${i}` }, instrument.acquire, i));
    const inverses = matrices.map((matrix, i) => compute.submit({ id: `inverse-${i}` }, numeric.invert, matrix));
    return inverses.flatMap((inverse, i) =>
      matrices.map((matrix, j) => compute.submit({ id: `product-${i}-${j}` }, numeric.deviation, inverse, matrix)),
    );
  };
  const products = tracing === undefined ? submit() : tracing.run(submit);

  const deviations = await Promise.all(products.map((product) => product.result()));
  await tracing?.end();
  return { deviations, ...arrivals(), inspector };
}
