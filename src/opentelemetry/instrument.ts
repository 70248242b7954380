/** The call that instruments a scheduler: checks what it is given, and joins spans and metrics to the runtime. */
import type { Meter, Tracer } from '@opentelemetry/api';
import { SchedulerError, shown } from '../core/failures.js';
import { requiredPackage } from '../core/needed-package.js';
import { checkOptionNames } from '../core/option-names.js';
import type { TraceHeaders } from '../core/trace-headers.js';
import { loadOpenTelemetryApi, type OpenTelemetryApi } from '../executors/remote/trace-scope.js';
import { Scheduler } from '../runtime/scheduler.js';
import { Guard } from './guard.js';
import { Instrumentation } from './instrumentation.js';
import { MeterBook } from './meter-book.js';
import { SchedulerMetrics } from './scheduler-metrics.js';
import { headersOf } from './spans.js';
import { Uses } from './uses.js';

/**
 * The options of `instrument`; `tracer` or `meter` or both.
 *
 * @public
 */
export interface InstrumentOptions {
  /** Makes the spans. Without it there are none. */
  readonly tracer?: Tracer;
  /** Makes the metrics. Without it there are none. Schedulers with the same meter are summed up. */
  readonly meter?: Meter;
  /**
   * What spans tell of an error: another error, a text, or undefined for its type only, `error.type`. Default: message and stack as they are.
   * Where it throws, only the type is told.
   */
  readonly redact?: (
    error: unknown,
    task: {
      readonly id: string;
      readonly queue: string;
      /** The name of the function, of a command its program. */
      readonly fn: string;
    },
  ) => unknown;
}

/**
 * An instrument at a scheduler, until it is disposed of or the scheduler is closed.
 *
 * @public
 */
export interface Instrument extends Disposable {
  /** How often tracer, meter, propagator, context manager or `redact` threw: none of that reaches a task. */
  readonly errors: number;
  /** What was thrown last. */
  readonly lastError: unknown;
  /** Ends it: nothing more is told, and open spans end. Calling it again does nothing. */
  [Symbol.dispose](): void;
}

const NAMES = { tracer: true, meter: true, redact: true } satisfies Record<keyof InstrumentOptions, true>;

/**
 * Tells OpenTelemetry of the tasks of a scheduler: a span for each task, with links to those of its dependencies and a child span for each
 * attempt, and metrics by queue and function; see docs/opentelemetry.md for their names. The context of an attempt is active in its function, on
 * this thread and in workers, and travels with a command as `TRACEPARENT`. Tasks that have settled before are not told of; those under way are, as
 * begun now.
 *
 * @throws SchedulerError `MissingPackage` without @opentelemetry/api; `InvalidArgument`; `InvalidOption`; `NotSupported` for a scheduler that is
 * instrumented already.
 * @public
 */
export function instrument(scheduler: Scheduler, options: InstrumentOptions): Instrument {
  if (!(scheduler instanceof Scheduler)) {
    throw new SchedulerError('InvalidArgument', `instrument takes a scheduler, got ${shown(scheduler)}`);
  }
  check(options);
  const { tracer, meter, redact } = options;
  const api = neededApi();
  const engine = scheduler._engine;
  if (engine.hub.tracing !== undefined) {
    throw new SchedulerError('NotSupported', 'the scheduler is instrumented already: dispose of that first');
  }
  const guard = new Guard();
  const uses = new Uses();
  const book = meter === undefined ? undefined : guard.try(() => MeterBook.of(meter));
  const instrumentation = new Instrumentation({
    engine,
    guard,
    uses,
    spans: tracer === undefined ? undefined : { api, tracer, redact, guard },
    metrics: book === undefined ? undefined : new SchedulerMetrics(engine, book, uses, guard),
  });
  instrumentation.attach();
  const end = (): void => {
    unlisten();
    instrumentation.detach();
  };
  const unlisten = scheduler.on('scheduler', ({ state }) => {
    if (state === 'closed') end();
  });
  if (scheduler.state === 'closed') end();
  return {
    get errors() {
      return guard.errors;
    },
    get lastError() {
      return guard.lastError;
    },
    [Symbol.dispose]: end,
  };
}

/**
 * The active trace context as headers, for a message that OpenTelemetry does not see: a job of the bus, a task that is submitted later.
 * Undefined where there is none.
 *
 * @throws SchedulerError `MissingPackage` without @opentelemetry/api.
 * @public
 */
export function activeTrace(): TraceHeaders | undefined {
  const api = neededApi();
  return headersOf({ api, guard: new Guard() }, api.context.active());
}

function neededApi(): OpenTelemetryApi {
  return requiredPackage('@opentelemetry/api', 'pullgraph/opentelemetry', loadOpenTelemetryApi);
}

function check(options: InstrumentOptions): void {
  checkOptionNames('instrument', options, NAMES);
  const { tracer, meter, redact } = options;
  if (tracer === undefined && meter === undefined) {
    throw new SchedulerError('InvalidOption', 'instrument takes a tracer, a meter or both, got neither');
  }
  if (tracer !== undefined && typeof tracer.startSpan !== 'function') {
    throw new SchedulerError('InvalidOption', `tracer must be a tracer of OpenTelemetry, got ${shown(tracer)}`);
  }
  if (meter !== undefined && typeof meter.createCounter !== 'function') {
    throw new SchedulerError('InvalidOption', `meter must be a meter of OpenTelemetry, got ${shown(meter)}`);
  }
  if (redact !== undefined && typeof redact !== 'function') {
    throw new SchedulerError('InvalidOption', `redact must be a function, got ${shown(redact)}`);
  }
}
