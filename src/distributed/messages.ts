/**
 * What travels through Redis: the data of a job, messages from workers to a run, and messages to a worker. Values are bytes of V8's
 * serialization, as between processes. Everything is checked where it is read.
 *
 * The messages of an attempt are numbered from 0, without a gap; the last one is its end, so its number is the count of its partial
 * results.
 */
import { deserialize, serialize } from 'node:v8';
import * as v from 'valibot';
import { isTraceHeaders, type TraceHeaders } from '../core/trace-headers.js';
import { type ArgumentList, ArgumentListSchema } from './blobs/lent-arguments.js';

/** Of this protocol; workers and schedulers of different ones do not work together. @internal */
export const PROTOCOL = 1;

/** Most partial results on their way; one for a stream that waits until each is taken. @internal */
export const PARTIAL_WINDOW = 256;

/** The data of a job. @internal */
export interface JobData {
  readonly protocol: number;
  /** Of the module, as the scheduler has it. */
  readonly module: string;
  readonly run: string;
  /** How often the job was made; more than once only if Redis has lost it. */
  readonly making: number;
  readonly id: string;
  readonly queue: string;
  readonly attempt: number;
  /** Most partial results on their way; 0 for a function with one result. */
  readonly window: number;
  readonly args: ArgumentList;
  /** The trace context of the attempt. */
  readonly trace?: TraceHeaders | undefined;
}

/** @internal */
export type ReportKind = 'partial' | 'done' | 'failed' | 'blob';

/** From a worker. @internal */
export interface Report {
  readonly job: string;
  readonly making: number;
  readonly worker: string;
  readonly number: number;
  readonly kind: ReportKind;
  /** A partial result, the result, or what was thrown, encoded; of a `blob`, the reference of the encoded report that lies there. */
  readonly value: unknown;
}

/** To a worker. @internal */
export type Order =
  | { readonly kind: 'abort'; readonly job: string; readonly reason: unknown; readonly graceMs: number | undefined }
  /** The scheduler has taken that many partial results. */
  | { readonly kind: 'taken'; readonly job: string; readonly count: number };

/** What a worker says of itself. @internal */
export interface Presence {
  readonly beat: number;
  readonly protocol: number;
  readonly module: string;
  /** How many attempts it runs at once; 0 while it drains. */
  readonly slots: number;
  /** It is taken for dead when its beat has not changed for as long. */
  readonly expireMs: number;
  /** Ids of the jobs it runs, and of those whose reports may not have been read. */
  readonly jobs: readonly string[];
}

const NUMBER = v.number();
const TEXT = v.string();

const JobSchema = v.object({
  protocol: NUMBER,
  module: TEXT,
  run: TEXT,
  making: NUMBER,
  id: TEXT,
  queue: TEXT,
  attempt: NUMBER,
  window: NUMBER,
  args: ArgumentListSchema,
  trace: v.optional(v.custom<TraceHeaders>(isTraceHeaders)),
});

const ReportSchema = v.tuple([
  TEXT,
  NUMBER,
  TEXT,
  NUMBER,
  v.picklist(['partial', 'done', 'failed', 'blob']),
  v.unknown(),
]);

const OrderSchema = v.variant('kind', [
  v.object({ kind: v.literal('abort'), job: TEXT, reason: v.unknown(), graceMs: v.undefinedable(NUMBER) }),
  v.object({ kind: v.literal('taken'), job: TEXT, count: NUMBER }),
]);

const PresenceSchema = v.object({
  beat: NUMBER,
  protocol: NUMBER,
  module: TEXT,
  slots: NUMBER,
  expireMs: NUMBER,
  jobs: v.array(TEXT),
});

/** @throws what serialization throws if the value cannot be copied. @internal */
export function encodeReport({ job, making, worker, number, kind, value }: Report): Buffer {
  return serialize([job, making, worker, number, kind, value]);
}

/** Undefined if it is none. @internal */
export function decodeReport(bytes: Uint8Array): Report | undefined {
  const parts = decoded(bytes);
  if (!v.is(ReportSchema, parts)) return undefined;
  const [job, making, worker, number, kind, value] = parts;
  return { job, making, worker, number, kind, value };
}

/** @internal */
export function encodeOrder(order: Order): Buffer {
  return serialize(order);
}

/** Undefined if it is none. @internal */
export function decodeOrder(bytes: Uint8Array): Order | undefined {
  const order = decoded(bytes);
  return v.is(OrderSchema, order) ? order : undefined;
}

/** Undefined if it is none. @internal */
export function readJob(data: unknown): JobData | undefined {
  return v.is(JobSchema, data) ? data : undefined;
}

/** Undefined if it is none. @internal */
export function readPresence(text: string): Presence | undefined {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return undefined;
  }
  return v.is(PresenceSchema, found) ? found : undefined;
}

function decoded(bytes: Uint8Array): unknown {
  try {
    const value: unknown = deserialize(bytes);
    return value;
  } catch {
    return undefined;
  }
}
