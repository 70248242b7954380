/**
 * Payloads as the bus keeps them: the arguments of a task as JSON text. Parsed, `[{},{},…]` would take twenty times the memory of its
 * text, and nothing here looks into it.
 */
import type { JobPayload, TaskPayload, TimedPayload } from '../protocol/payload.js';

/** A job that calls a task. @internal */
export interface KeptTask extends Omit<TaskPayload, 'args'> {
  /** The arguments as a JSON array. */
  readonly argsText: string;
}

/** @internal */
export type KeptPayload = TimedPayload | KeptTask;

/** Memory of a job without its texts: its records, its entries in the indexes and its deadline, rounded up. */
const JOB_BYTES = 1024;

/** @internal */
export function keptPayload(payload: JobPayload): KeptPayload {
  if (!('task' in payload)) return payload;
  const { args, ...rest } = payload;
  return { ...rest, argsText: JSON.stringify(args) };
}

/** How much memory a job takes, in bytes: an upper estimate. Names are kept once more, as keys. @internal */
export function memoryOf(payload: KeptPayload, ref: string): number {
  const trace = payload.trace === undefined ? 0 : 2 * JSON.stringify(payload.trace).length;
  const own = JOB_BYTES + 2 * textBytes(ref) + trace;
  return 'task' in payload ? own + 2 * textBytes(payload.task) + textBytes(payload.argsText) : own;
}

/** The text of an offer. @internal */
export function offerText(job: string, attempt: number, payload: KeptPayload): string {
  const { trace, ...own } = payload;
  const offer = { cmd: 'offer', job, attempt, trace };
  if (!('task' in own)) return JSON.stringify({ ...offer, payload: own });
  const { argsText, ...rest } = own;
  const head = JSON.stringify({ ...offer, payload: rest });
  return `${head.slice(0, -2)},"args":${argsText}}}`;
}

/** A string takes two bytes for each of its characters, unless all of them fit into one. ASCII is taken for the latter. */
function textBytes(text: string): number {
  return Buffer.byteLength(text) === text.length ? text.length : 2 * text.length;
}
