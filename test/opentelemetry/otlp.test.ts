/** The official exporters post what a scheduler does to a receiver, which checks it against the protocol. */
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import * as v from 'valibot';
import { expect, it } from 'vitest';
import { startReceiver } from '../../examples/opentelemetry/receiver.js';
import { Scheduler } from '../../src/index.js';
import { instrument } from '../../src/opentelemetry/index.js';
import { metrics, traces } from './otlp-schema.js';

it('spans and metrics of a run arrive by OTLP, as the protocol has them', async () => {
  const receiver = await startReceiver();
  const spans = new BasicTracerProvider({
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${receiver.url}/v1/traces` }))],
  });
  const meters = new MeterProvider({
    readers: [
      new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter({ url: `${receiver.url}/v1/metrics` }) }),
    ],
  });
  const scheduler = new Scheduler();
  instrument(scheduler, { tracer: spans.getTracer('test'), meter: meters.getMeter('test') });
  const queue = scheduler.queue('compute', { concurrency: 2, resources: { memory: 1.5 } });
  const failed = queue.submit(function fail(): never {
    throw new RangeError('out of reach');
  });
  const sum = queue.submit(
    (a: number) => a,
    queue.submit({ resources: { memory: 0.5 } }, () => 1),
  );
  scheduler.start();
  await Promise.all([failed.settled(), sum.result()]);
  await meters.forceFlush();
  await scheduler.close();
  await Promise.all([spans.shutdown(), meters.shutdown()]);
  await receiver.close();

  for (const body of receiver.bodies('/v1/traces')) v.assert(traces, body);
  const ended = receiver.spans();
  expect(ended.map(({ name }) => name).sort()).toEqual([
    'attempt (anonymous)',
    'attempt (anonymous)',
    'attempt fail',
    'task (anonymous)',
    'task (anonymous)',
    'task fail',
  ]);
  const linked = ended.flatMap(({ links = [] }) => links);
  expect(linked.map(({ spanId }) => ended.find((span) => span.spanId === spanId)?.name)).toEqual(['task (anonymous)']);

  const bodies = receiver.bodies('/v1/metrics');
  expect(bodies.length).toBeGreaterThan(1);
  const names = new Set<string>();
  for (const body of bodies) {
    v.assert(metrics, body);
    for (const { scopeMetrics } of body.resourceMetrics) {
      for (const metric of scopeMetrics.flatMap((scope) => scope.metrics)) names.add(metric.name);
    }
  }
  expect(names).toContain('pullgraph.task.settled');
  expect(names).toContain('pullgraph.queue.resource.usage');
});
