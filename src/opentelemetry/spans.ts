/**
 * The spans of tasks and attempts. A task's span lasts from its submission until it settles, with links to those of its dependencies; each
 * attempt is a child of it, which ends when nothing of the attempt runs any more.
 *
 * Invariant: a span that was begun is ended once.
 */
import type { Attributes, Context, Link, Span, SpanContext, Tracer } from '@opentelemetry/api';
import type { OutcomeKind } from '../core/outcome.js';
import { isTraceHeaders, type TraceHeaders } from '../core/trace-headers.js';
import { messageOf, stackOf } from '../core/user-value.js';
import { contextOf, type OpenTelemetryApi, runIn } from '../executors/remote/trace-scope.js';
import type { TracedAttempt } from '../runtime/tasks/attempt.js';
import type { TaskRecord } from '../runtime/tasks/task-record.js';
import type { Guard } from './guard.js';
import { ATTRIBUTE } from './names.js';
import type { Use } from './uses.js';

/** The most links of a span that the SDK keeps by default. */
const MOST_LINKS = 128;

/** What is recorded in place of an error; see `InstrumentOptions`. @internal */
export type Redact = (
  error: unknown,
  task: { readonly id: string; readonly queue: string; readonly fn: string },
) => unknown;

/** An error on its way into a span. @internal */
export interface SpanError {
  readonly error: unknown;
  readonly type: string;
}

/** What the spans of one scheduler are made with. @internal */
export interface SpanTools {
  readonly api: OpenTelemetryApi;
  readonly tracer: Tracer;
  readonly redact: Redact | undefined;
  readonly guard: Guard;
}

/** The span of a task that has not settled. @internal */
export class TaskSpan {
  /** What links lead to; undefined where there is nothing to lead to. */
  readonly context: SpanContext | undefined;
  readonly #span: Span;
  /** The context with the span, from which those of the attempts are made. */
  readonly #within: Context;
  readonly #tools: SpanTools;
  readonly #task: TaskRecord;
  readonly #use: Use;

  /**
   * `startMs` is the time, since 1970, of a task that was there before.
   *
   * @throws what the tracer throws.
   */
  constructor(
    tools: SpanTools,
    task: TaskRecord,
    use: Use,
    parent: Context,
    links: Link[],
    startMs: number | undefined,
  ) {
    this.#tools = tools;
    this.#task = task;
    this.#use = use;
    const attributes: Attributes = { ...use.attributes, [ATTRIBUTE.task]: task.id };
    if (task.priority !== 0) attributes[ATTRIBUTE.priority] = task.priority;
    if (task.dependencies !== undefined) attributes[ATTRIBUTE.dependencies] = task.dependencies.length;
    if (startMs !== undefined) attributes[ATTRIBUTE.isAdopted] = true;
    const { api, tracer } = tools;
    const options = { attributes, links, ...(startMs === undefined ? {} : { startTime: startMs }) };
    this.#span = tracer.startSpan(use.taskSpan, options, parent);
    const context = this.#span.spanContext();
    this.context = api.isSpanContextValid(context) ? context : undefined;
    this.#within = api.trace.setSpan(parent, this.#span);
  }

  /** @throws what the tracer throws. */
  attempt(number: number, startMs: number | undefined): AttemptSpan {
    const { api, tracer } = this.#tools;
    const attributes: Attributes = {
      ...this.#use.attributes,
      [ATTRIBUTE.task]: this.#task.id,
      [ATTRIBUTE.executor]: this.#task.queue.executor.name,
      [ATTRIBUTE.attempt]: number,
    };
    const options = { attributes, ...(startMs === undefined ? {} : { startTime: startMs }) };
    const span = tracer.startSpan(this.#use.attemptSpan, options, this.#within);
    return new AttemptSpan(this.#tools, span, api.trace.setSpan(this.#within, span), this);
  }

  /** The task has settled. */
  end(outcome: OutcomeKind, failed: SpanError | undefined): void {
    const { delivered, attempt, isStream, kept } = this.#task;
    this.#span.setAttributes({
      [ATTRIBUTE.outcome]: outcome,
      [ATTRIBUTE.attempts]: attempt,
      ...(isStream ? { [ATTRIBUTE.partials]: delivered } : {}),
      ...(kept?.isRestored === true ? { [ATTRIBUTE.isRestored]: true } : {}),
    });
    if (failed !== undefined) mark(this.#span, this.#tools, failed, this.shown(failed.error));
    this.#span.end();
  }

  /** Nothing more is told of the task. */
  leave(): void {
    this.#span.end();
  }

  /** What may be shown of an error; undefined for its type only. */
  shown(error: unknown): unknown {
    const { redact, guard } = this.#tools;
    if (redact === undefined) return error;
    const { id, queue } = this.#task;
    return guard.try(() => redact(error, { id, queue: queue.name, fn: this.#use.fn }));
  }
}

/** The span of an attempt, and its context as its function gets it. @internal */
export class AttemptSpan implements TracedAttempt {
  readonly #tools: SpanTools;
  readonly #span: Span;
  readonly #context: Context;
  readonly #task: TaskSpan;
  #headers: TraceHeaders | undefined;

  constructor(tools: SpanTools, span: Span, context: Context, task: TaskSpan) {
    this.#tools = tools;
    this.#span = span;
    this.#context = context;
    this.#task = task;
  }

  run<T>(call: () => T): T {
    const { api, guard } = this.#tools;
    return runIn(api, this.#context, call, guard.failed);
  }

  get headers(): TraceHeaders | undefined {
    this.#headers ??= headersOf(this.#tools, this.#context);
    return this.#headers;
  }

  /** Nothing of the attempt runs any more. */
  end(outcome: string, failed: SpanError | undefined): void {
    this.#span.setAttribute(ATTRIBUTE.attemptOutcome, outcome);
    if (failed !== undefined) {
      const shown = this.#task.shown(failed.error);
      mark(this.#span, this.#tools, failed, shown);
      if (shown !== undefined) {
        const stack = stackOf(shown);
        this.#span.recordException({
          name: failed.type,
          message: messageOf(shown),
          ...(stack === undefined ? {} : { stack }),
        });
      }
    }
    this.#span.end();
  }

  /** Nothing more is told of the attempt. */
  leave(): void {
    this.#span.end();
  }
}

function mark(span: Span, { api }: SpanTools, { type }: SpanError, shown: unknown): void {
  span.setAttribute(ATTRIBUTE.error, type);
  const message = shown === undefined ? {} : { message: messageOf(shown) };
  span.setStatus({ code: api.SpanStatusCode.ERROR, ...message });
}

/** What the propagator writes of the context, `traceparent` in any case; undefined where there is no valid span. @internal */
export function headersOf(
  { api, guard }: Pick<SpanTools, 'api' | 'guard'>,
  context: Context,
): TraceHeaders | undefined {
  const span = api.trace.getSpanContext(context);
  if (span === undefined || !api.isSpanContextValid(span)) return undefined;
  const flags = span.traceFlags.toString(16).padStart(2, '0');
  const own = { traceparent: `00-${span.traceId}-${span.spanId}-${flags}` };
  const written: Record<string, string> = {};
  guard.try(() => api.propagation.inject(context, written));
  const headers = { ...own, ...written };
  return isTraceHeaders(headers) ? headers : own;
}

/** The context that a task's span is begun in; `isFed`: there is none at its submission. @internal */
export function parentOf({ api, guard }: SpanTools, { extras }: TaskRecord, isFed: boolean): Context {
  const headers = extras?.trace;
  if (headers !== undefined) return guard.try(() => contextOf(api, headers)) ?? api.ROOT_CONTEXT;
  return isFed ? api.ROOT_CONTEXT : (guard.try(() => api.context.active()) ?? api.ROOT_CONTEXT);
}

/** Links to the spans of the dependencies, each once, of many the first. @internal */
export function linksOf(
  { dependencies, dependencyIndices }: TaskRecord,
  contextOfTask: (task: TaskRecord) => SpanContext | undefined,
): Link[] {
  // Only several partial results of one task make it a dependency several times.
  const distinct = dependencyIndices === undefined ? dependencies : new Set(dependencies);
  const links: Link[] = [];
  for (const dependency of distinct) {
    if (links.length === MOST_LINKS) break;
    const context = contextOfTask(dependency);
    if (context !== undefined) links.push({ context });
  }
  return links;
}
