/**
 * A job as one trace: two series are loaded, one of them at the second attempt, and summarised in a worker thread, whose functions find the
 * context of their attempt. Spans and metrics go by OTLP to the collector that OTEL_EXPORTER_OTLP_ENDPOINT names; without one, to a small
 * receiver within this program, which prints them.
 */
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { Scheduler } from 'pullgraph';
import { threads } from 'pullgraph/executors';
import { instrument } from 'pullgraph/opentelemetry';
import { readSeries } from '../data/vega-series.js';
import { summarise } from './analysis.js';
import { startReceiver } from './receiver.js';
import { treeOf } from './tree.js';

const isCollected = process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] !== undefined;
const receiver = isCollected ? undefined : await startReceiver();
const at = (path: string) => (receiver === undefined ? {} : { url: `${receiver.url}${path}` });

// What a program does at its start; @opentelemetry/sdk-node does the same in one call.
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const spans = new BasicTracerProvider({
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter(at('/v1/traces')))],
});
const metrics = new MeterProvider({
  readers: [new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter(at('/v1/metrics')) })],
});

const scheduler = new Scheduler();
const tracer = spans.getTracer('example');
const instrumented = instrument(scheduler, { tracer, meter: metrics.getMeter('example') });
const disk = scheduler.queue('disk', { concurrency: 1, retry: { attempts: 3, backoffMs: 10 } });
const compute = scheduler.queue('compute', {
  executor: threads(new URL('./analysis.ts', import.meta.url), { size: 1 }),
});

let reads = 0;
function load(series: string): Float64Array {
  reads += 1;
  if (reads === 1) throw new Error('the disk is busy');
  return readSeries('seattle-weather.csv', series).values;
}
function compare(warmest: { readonly mean: number }, coldest: { readonly mean: number }): number {
  return warmest.mean - coldest.mean;
}

const job = tracer.startSpan('report');
const difference = context.with(trace.setSpan(context.active(), job), () => {
  const [highest, lowest] = ['temp_max', 'temp_min'].map((series) =>
    compute.submit(summarise, disk.submit({ id: series }, load, series)),
  );
  if (highest === undefined || lowest === undefined) throw new Error('two series were submitted');
  return disk.submit(compare, highest, lowest);
});
scheduler.start();
console.log(`mean difference of a day: ${(await difference.result()).toFixed(1)} °C`);
await scheduler.close();
job.end();
await Promise.all([spans.shutdown(), metrics.shutdown()]);

if (receiver !== undefined) {
  console.log(treeOf(receiver.spans()).join('\n'));
  const traces = new Set(receiver.spans().map(({ traceId }) => traceId));
  console.log(`traces: ${traces.size}, requests with metrics: ${receiver.bodies('/v1/metrics').length}`);
  await receiver.close();
}
console.log(`errors of the instrument: ${instrumented.errors}`);
