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

/** @throws what serialization throws if the value cannot be copied. @internal */
export function encodeReport({ job, making, worker, number, kind, value }: Report): Buffer {
  return serialize([job, making, worker, number, kind, value]);
}

/** Undefined if it is none. @internal */
export function decodeReport(bytes: Uint8Array): Report | undefined {
  const parts = decoded(bytes);
  if (!Array.isArray(parts)) return undefined;
  const [job, making, worker, number, kind, value] = parts as readonly unknown[];
  if (typeof job !== 'string' || typeof making !== 'number' || typeof worker !== 'string') return undefined;
  if (typeof number !== 'number' || !isKind(kind)) return undefined;
  return { job, making, worker, number, kind, value };
}

/** @internal */
export function encodeOrder(order: Order): Buffer {
  return serialize(order);
}

/** Undefined if it is none. @internal */
export function decodeOrder(bytes: Uint8Array): Order | undefined {
  const order = decoded(bytes);
  if (!isRecord(order)) return undefined;
  const { kind, job, reason, graceMs, count } = order;
  if (typeof job !== 'string') return undefined;
  if (kind === 'taken') return typeof count === 'number' ? { kind, job, count } : undefined;
  if (kind !== 'abort' || (graceMs !== undefined && typeof graceMs !== 'number')) return undefined;
  return { kind, job, reason, graceMs };
}

/** Undefined if it is none. @internal */
export function readJob(data: unknown): JobData | undefined {
  if (!isRecord(data)) return undefined;
  const { protocol, module, run, making, id, queue, attempt, window, args, trace } = data;
  if (typeof protocol !== 'number' || typeof module !== 'string' || typeof run !== 'string') return undefined;
  if (typeof making !== 'number' || typeof id !== 'string' || typeof queue !== 'string') return undefined;
  if (typeof attempt !== 'number' || typeof window !== 'number' || !v.is(ArgumentListSchema, args)) return undefined;
  if (trace !== undefined && !isTraceHeaders(trace)) return undefined;
  return { protocol, module, run, making, id, queue, attempt, window, args, trace };
}

/** Undefined if it is none. @internal */
export function readPresence(text: string): Presence | undefined {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(found)) return undefined;
  const { beat, protocol, module, slots, expireMs, jobs } = found;
  if (typeof beat !== 'number' || typeof protocol !== 'number' || typeof module !== 'string') return undefined;
  if (typeof slots !== 'number' || typeof expireMs !== 'number' || !Array.isArray(jobs)) return undefined;
  return { beat, protocol, module, slots, expireMs, jobs: jobs.filter((job) => typeof job === 'string') };
}

function decoded(bytes: Uint8Array): unknown {
  try {
    const value: unknown = deserialize(bytes);
    return value;
  } catch {
    return undefined;
  }
}

const KINDS: ReadonlySet<unknown> = new Set<ReportKind>(['partial', 'done', 'failed', 'blob']);

function isKind(value: unknown): value is ReportKind {
  return KINDS.has(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
