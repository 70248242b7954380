/**
 * The trace context that came with an attempt, made active by the API of OpenTelemetry. What its propagator does not read is read here:
 * W3C's `traceparent`.
 *
 * Invariant: nothing is loaded before the first attempt that has a trace context; without the package functions run as they are.
 */
import { createRequire } from 'node:module';
import type * as Api from '@opentelemetry/api';
import type { TraceHeaders, TraceScope } from '../../core/trace-headers.js';

/** The package `@opentelemetry/api`. Its copies in one process share what is registered. @internal */
export type OpenTelemetryApi = typeof Api;

/** Throws what Node throws where the package is not installed. @internal */
export function loadOpenTelemetryApi(): OpenTelemetryApi {
  const load: (name: string) => OpenTelemetryApi = createRequire(import.meta.url);
  return load('@opentelemetry/api');
}

/** The context that the headers tell of; the root where they tell of none. @internal */
export function contextOf(api: OpenTelemetryApi, headers: TraceHeaders): Api.Context {
  const read = api.propagation.extract(api.ROOT_CONTEXT, headers);
  if (api.trace.getSpanContext(read) !== undefined) return read;
  const [, traceId = '', spanId = '', flags = ''] =
    /^(?!ff)[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})/.exec(headers['traceparent'] ?? '') ?? [];
  const span = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return api.isSpanContextValid(span) ? api.trace.setSpanContext(read, span) : read;
}

/** Runs `call` in `context`. Whatever a context manager does, `call` is called once, and its end is passed on. @internal */
export function runIn<T>(
  api: OpenTelemetryApi,
  context: Api.Context,
  call: () => T,
  failed?: (error: unknown) => void,
): T {
  let end: { readonly value: T } | { readonly error: unknown } | undefined;
  const once = (): void => {
    try {
      end ??= { value: call() };
    } catch (error) {
      end = { error };
    }
  };
  try {
    api.context.with(context, once);
  } catch (error) {
    failed?.(error);
  }
  if (end === undefined) return call();
  if ('error' in end) throw end.error;
  return end.value;
}

let loaded: { readonly api: OpenTelemetryApi | undefined } | undefined;

function presentApi(): OpenTelemetryApi | undefined {
  try {
    loaded ??= { api: loadOpenTelemetryApi() };
  } catch {
    loaded = { api: undefined };
  }
  return loaded.api;
}

/** The scope of an attempt in a worker; undefined where there is no trace context, or nothing to make it active. @internal */
export function traceScope(headers: TraceHeaders | undefined): TraceScope | undefined {
  const api = headers === undefined ? undefined : presentApi();
  if (headers === undefined || api === undefined) return undefined;
  try {
    const context = contextOf(api, headers);
    return { run: (call) => runIn(api, context, call) };
  } catch {
    return undefined;
  }
}
