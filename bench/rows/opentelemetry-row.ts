/**
 * The cost of `instrument()`: the CPU time of a scheduler whose spans are made by the SDK and exported nowhere, whose metrics the SDK keeps,
 * or both, over that of one without.
 */
import type { Meter, Tracer } from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { AlwaysOffSampler, BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { Scheduler } from 'pullgraph';
import { instrument } from 'pullgraph/opentelemetry';
import { interleave } from '../measure.js';
import { ratioTable } from '../report.js';
import { cpuPerTask } from './cpu-per-task.js';
import { effortOf, type Row } from '../row.js';
import { smallOf } from './graph-row.js';
import { shapeOf } from './shapes.js';

const BUDGET_MS = 12_000;
/** The SDK takes many times as long for a span as the scheduler for a task. */
const MOST_TASKS = 20_000;

type Instruments = { readonly tracer?: Tracer; readonly meter?: Meter };

/** @internal */
export const opentelemetryRow: Row = {
  name: 'opentelemetry',
  async measure(run) {
    const shape = shapeOf('layered');
    const graph = shape.build(Math.min(MOST_TASKS, shape.sizes[run.scale]));
    const small = smallOf(shape, run);
    run.progress(`opentelemetry: ${graph.dependencies.length} tasks`);
    const tracer = new BasicTracerProvider().getTracer('bench');
    const meter = new MeterProvider().getMeter('bench');
    const unsampled = new BasicTracerProvider({ sampler: new AlwaysOffSampler() }).getTracer('bench');
    const kinds: Readonly<Record<string, Instruments | undefined>> = {
      'spans and metrics': { tracer, meter },
      spans: { tracer },
      'spans, none sampled': { tracer: unsampled },
      metrics: { meter },
      without: undefined,
    };
    const trials = Object.entries(kinds).map(([name, instruments]) => ({
      name,
      small: { tasks: small.dependencies.length, run: () => cpuPerTask(instrumented(instruments), small) },
      operation: () => cpuPerTask(instrumented(instruments), graph),
    }));
    const samples = await interleave(trials, effortOf(run, BUDGET_MS));
    const title = `OpenTelemetry: layered graph of ${graph.dependencies.length.toLocaleString('en')} tasks`;
    return { tables: [ratioTable(title, 'µs of CPU per task', samples, 'spans and metrics')], figures: [] };
  },
};

function instrumented(instruments: Instruments | undefined): Scheduler {
  const scheduler = new Scheduler();
  if (instruments !== undefined) instrument(scheduler, instruments);
  return scheduler;
}
