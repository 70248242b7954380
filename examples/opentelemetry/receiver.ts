/**
 * Receives what exporters post by OTLP over HTTP, as a collector does, in the JSON mapping of the protocol: enough to look at spans and
 * metrics without installing anything. In production a collector or a tracing backend stands here.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An attribute's value, by its type; integers of 64 bits are text. */
export interface AnyValue {
  readonly stringValue?: string;
  readonly intValue?: number | string;
  readonly doubleValue?: number;
  readonly boolValue?: boolean;
}

/** A span as OTLP has it: ids are hexadecimal, times nanoseconds since 1970. */
export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly { readonly key: string; readonly value: AnyValue }[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: { readonly code?: number; readonly message?: string };
}

/** The body of a request to `/v1/traces`. */
export interface OtlpTraces {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[] }[];
}

export interface Receiver {
  /** To be followed by `/v1/traces` or `/v1/metrics`. */
  readonly url: string;
  /** The bodies that came for that path. */
  bodies(path: string): readonly unknown[];
  /** All spans that came. */
  spans(): readonly OtlpSpan[];
  close(): Promise<void>;
}

/** Listens on a free port of the loopback interface. */
export async function startReceiver(): Promise<Receiver> {
  const received: { readonly path: string; readonly body: unknown }[] = [];
  const take = async (request: IncomingMessage): Promise<number> => {
    if (request.method !== 'POST') return 405;
    if (request.headers['content-type'] !== 'application/json') return 415;
    const chunks: Uint8Array[] = [];
    for await (const chunk of request as AsyncIterable<Uint8Array>) chunks.push(chunk);
    received.push({ path: request.url ?? '', body: JSON.parse(Buffer.concat(chunks).toString()) });
    return 200;
  };
  const server = createServer((request, response) => {
    void take(request)
      .catch(() => 400)
      .then((status) => response.writeHead(status, { 'content-type': 'application/json' }).end('{}'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const bodies = (path: string): unknown[] => received.flatMap((each) => (each.path === path ? [each.body] : []));
  return {
    url: `http://127.0.0.1:${port}`,
    bodies,
    spans: () => (bodies('/v1/traces') as OtlpTraces[]).flatMap(spansOf),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The spans of one request. */
export function spansOf({ resourceSpans }: OtlpTraces): readonly OtlpSpan[] {
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}
