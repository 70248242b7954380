/**
 * OTLP 1 as JSON, as far as spans, sums and histograms need it: the messages of opentelemetry-proto by the JSON mapping of the protocol (ids
 * hexadecimal, integers of 64 bits as text or safe numbers, enums as numbers). Strict: a field that it does not know is a fault.
 */
import * as v from 'valibot';

const hex = (length: number) => v.pipe(v.string(), v.regex(new RegExp(`^[\\da-f]{${length}}$`)));
const uint64 = v.union([v.pipe(v.string(), v.regex(/^\d+$/)), v.pipe(v.number(), v.safeInteger())]);
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const anyValue = v.union([
  v.strictObject({ stringValue: v.string() }),
  v.strictObject({ intValue: uint64 }),
  v.strictObject({ doubleValue: v.number() }),
  v.strictObject({ boolValue: v.boolean() }),
]);
const attributes = v.array(v.strictObject({ key: v.string(), value: anyValue }));
const resource = v.strictObject({ attributes, droppedAttributesCount: v.optional(count) });
const scope = v.looseObject({ name: v.string() });

const span = v.strictObject({
  traceId: hex(32),
  spanId: hex(16),
  traceState: v.optional(v.string()),
  parentSpanId: v.optional(hex(16)),
  flags: v.optional(count),
  name: v.pipe(v.string(), v.minLength(1)),
  kind: v.picklist([1, 2, 3, 4, 5]),
  startTimeUnixNano: uint64,
  endTimeUnixNano: uint64,
  attributes,
  droppedAttributesCount: v.optional(count),
  events: v.array(
    v.strictObject({ timeUnixNano: uint64, name: v.string(), attributes, droppedAttributesCount: v.optional(count) }),
  ),
  droppedEventsCount: v.optional(count),
  links: v.array(
    v.strictObject({
      traceId: hex(32),
      spanId: hex(16),
      traceState: v.optional(v.string()),
      attributes,
      droppedAttributesCount: v.optional(count),
      flags: v.optional(count),
    }),
  ),
  droppedLinksCount: v.optional(count),
  status: v.strictObject({ code: v.optional(v.picklist([0, 1, 2])), message: v.optional(v.string()) }),
});

/** The body of a request to `/v1/traces`. */
export const traces = v.strictObject({
  resourceSpans: v.array(
    v.strictObject({
      resource,
      schemaUrl: v.optional(v.string()),
      scopeSpans: v.array(v.strictObject({ scope, spans: v.array(span), schemaUrl: v.optional(v.string()) })),
    }),
  ),
});

const point = { attributes, startTimeUnixNano: uint64, timeUnixNano: uint64 };
const temporality = v.picklist([1, 2]);
const metric = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[a-z][\w.]*$/)),
  description: v.string(),
  unit: v.string(),
  sum: v.optional(
    v.strictObject({
      aggregationTemporality: temporality,
      isMonotonic: v.boolean(),
      dataPoints: v.array(
        v.strictObject({
          ...point,
          asDouble: v.optional(v.number()),
          asInt: v.optional(uint64),
          flags: v.optional(count),
        }),
      ),
    }),
  ),
  histogram: v.optional(
    v.strictObject({
      aggregationTemporality: temporality,
      dataPoints: v.array(
        v.strictObject({
          ...point,
          count: uint64,
          sum: v.optional(v.number()),
          min: v.optional(v.number()),
          max: v.optional(v.number()),
          bucketCounts: v.array(uint64),
          explicitBounds: v.array(v.number()),
          flags: v.optional(count),
        }),
      ),
    }),
  ),
});

/** The body of a request to `/v1/metrics`. */
export const metrics = v.strictObject({
  resourceMetrics: v.array(
    v.strictObject({
      resource,
      schemaUrl: v.optional(v.string()),
      scopeMetrics: v.array(v.strictObject({ scope, metrics: v.array(metric), schemaUrl: v.optional(v.string()) })),
    }),
  ),
});
