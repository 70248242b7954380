/** What tests of traces and metrics look at: spans that have ended, by name, and the metrics at the time. */
import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  type DataPoint,
  type ExponentialHistogram,
  type Histogram,
  MeterProvider,
  MetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';

export interface Traced {
  readonly tracer: ReturnType<BasicTracerProvider['getTracer']>;
  readonly exporter: InMemorySpanExporter;
  /** The spans that have ended with that name, in the order of their ends. */
  named(name: string): ReadableSpan[];
  /** The only one with that name. */
  only(name: string): ReadableSpan;
}

export function traced(): Traced {
  const exporter = new InMemorySpanExporter();
  const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).getTracer('test');
  const named = (name: string): ReadableSpan[] => exporter.getFinishedSpans().filter((span) => span.name === name);
  return {
    tracer,
    exporter,
    named,
    only(name) {
      const [span, ...others] = named(name);
      if (span === undefined || others.length > 0) {
        const names = exporter.getFinishedSpans().map((each) => each.name);
        throw new Error(`expected one span ${name}, got ${names.join(', ')}`);
      }
      return span;
    },
  };
}

/** Makes contexts active across promises until the returned function is called. */
export function withContexts(): () => void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  return () => context.disable();
}

/** The id of the parent of a span; undefined for a root. */
export const parentOf = (span: ReadableSpan): string | undefined => span.parentSpanContext?.spanId;

export const idOf = (span: Pick<ReadableSpan, 'spanContext'>): string => span.spanContext().spanId;

class OnDemand extends MetricReader {
  protected override onForceFlush = (): Promise<void> => Promise.resolve();
  protected override onShutdown = (): Promise<void> => Promise.resolve();
}

export type Point = DataPoint<number> | DataPoint<Histogram> | DataPoint<ExponentialHistogram>;

export interface Metered {
  readonly meter: ReturnType<MeterProvider['getMeter']>;
  /** The points of each metric now, by its name. */
  collect(): Promise<ReadonlyMap<string, readonly Point[]>>;
  /** The values of a metric now; of a histogram the counts. Those of zero are left out. */
  values(name: string): Promise<readonly (readonly [attributes: object, value: number])[]>;
}

export function metered(): Metered {
  const reader = new OnDemand();
  const meter = new MeterProvider({ readers: [reader] }).getMeter('test');
  const collect = async (): Promise<ReadonlyMap<string, readonly Point[]>> => {
    const { resourceMetrics, errors } = await reader.collect();
    if (errors.length > 0) throw new Error('collecting failed', { cause: errors[0] });
    const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    return new Map(metrics.map((metric) => [metric.descriptor.name, metric.dataPoints]));
  };
  return {
    meter,
    collect,
    async values(name) {
      const points = (await collect()).get(name) ?? [];
      const told = points.map(
        ({ attributes, value }) => [attributes, typeof value === 'number' ? value : value.count] as const,
      );
      return told.filter(([, value]) => value !== 0);
    },
  };
}
