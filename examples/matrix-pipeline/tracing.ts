/** Sends the run as one trace to a collector: `npm start -- --otlp http://localhost:4318`. */
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Scheduler } from 'pullgraph';
import { instrument } from 'pullgraph/opentelemetry';

export interface Tracing {
  /** What is submitted within belongs to the trace. */
  run<T>(submit: () => T): T;
  /** Resolves when the collector has all spans. */
  end(): Promise<void>;
}

/** Room for every span of the full job, two for each of 10,200 tasks. */
const MOST_SPANS = 65_536;

/** Instruments the scheduler. `url` is that of the collector, without a path. */
export function openTracing(scheduler: Scheduler, url: string): Tracing {
  const exporter = new OTLPTraceExporter({ url: new URL('/v1/traces', url).href });
  const spans = new BasicTracerProvider({
    spanProcessors: [new BatchSpanProcessor(exporter, { maxQueueSize: MOST_SPANS })],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const tracer = spans.getTracer('matrix-pipeline');
  const job = tracer.startSpan('matrix pipeline');
  const instrumented = instrument(scheduler, { tracer });
  return {
    run: (submit) => context.with(trace.setSpan(ROOT_CONTEXT, job), submit),
    async end() {
      instrumented[Symbol.dispose]();
      job.end();
      await spans.shutdown();
    },
  };
}
