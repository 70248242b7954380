/**
 * The trace context of an attempt as it travels: the headers of W3C Trace Context (`traceparent`, `tracestate`) and whatever else a
 * propagator adds. pullgraph carries them and never reads them; `pullgraph/opentelemetry` makes them.
 *
 * Bounds: 32 headers, names and values together 8,192 characters, twice what W3C asks carriers to keep.
 */
import { SchedulerError, shown } from './failures.js';

/**
 * Headers by name, as of an HTTP request: `{ traceparent: '00-…-…-01' }`. None of them: the beginning of a trace.
 *
 * @public
 */
export type TraceHeaders = Readonly<Record<string, string>>;

/**
 * Calls functions with the trace context of an attempt active.
 *
 * @public
 */
export interface TraceScope {
  /** Returns what `call` returns and throws what it throws; calls it once, at once. */
  run<T>(call: () => T): T;
}

/** `call()`, within the scope where there is one. @internal */
export function inScope<T>({ scope }: { readonly scope?: TraceScope | undefined }, call: () => T): T {
  return scope === undefined ? call() : scope.run(call);
}

const MOST_HEADERS = 32;
const MOST_CHARACTERS = 8_192;

/** Whether a value of unknown origin is headers within the bounds. Throws what the value throws. @internal */
export function isTraceHeaders(value: unknown): value is TraceHeaders {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  let characters = 0;
  const headers: [string, unknown][] = Object.entries(value);
  for (const [name, header] of headers) {
    if (typeof header !== 'string') return false;
    characters += name.length + header.length;
  }
  return headers.length <= MOST_HEADERS && characters <= MOST_CHARACTERS;
}

/** @throws SchedulerError `InvalidOption` unless the option `trace` is headers within the bounds. @internal */
export function checkTraceHeaders(value: unknown): void {
  if (isTraceHeaders(value)) return;
  const bounds = `at most ${MOST_HEADERS} headers and ${MOST_CHARACTERS} characters`;
  throw new SchedulerError('InvalidOption', `trace must be an object of strings, ${bounds}, got ${shown(value)}`);
}

/** The headers as variables of a process, as the specification of OpenTelemetry names them: `TRACEPARENT`. @internal */
export function traceVariables(headers: TraceHeaders | undefined): Readonly<Record<string, string>> {
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    variables[name.toUpperCase().replaceAll(/[^A-Z0-9_]/g, '_')] = value;
  }
  return variables;
}
