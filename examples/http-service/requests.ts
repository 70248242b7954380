/** Reading requests: the body as JSON, bounded, and checked before anything is done with it. */
import type { IncomingMessage } from 'node:http';
import type { JobRequest } from './jobs.js';

/** Bound on the body of a request. */
const MAX_BODY_BYTES = 64 * 1024;

/** A request that cannot be served, with the HTTP status that says so. */
export class BadRequest extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Reads `{"readings": [numbers]}` or `{"jobs": [ids]}`. Throws `BadRequest` on anything else. */
export async function readJobRequest(request: IncomingMessage): Promise<JobRequest> {
  const body = parseJson(await readBody(request));
  if (typeof body === 'object' && body !== null) {
    if ('readings' in body && isArrayOf(body.readings, isFiniteNumber)) return { readings: body.readings };
    if ('jobs' in body && isArrayOf(body.jobs, isString) && body.jobs.length > 0) return { jobs: body.jobs };
  }
  throw new BadRequest(400, 'expected {"readings": [numbers]} or {"jobs": [ids]}');
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // The connection has to outlive a body that is too long: the answer goes over it.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const piece = chunk as Buffer;
    bytes += piece.length;
    if (bytes > MAX_BODY_BYTES) {
      request.resume();
      throw new BadRequest(413, `the body may have ${MAX_BODY_BYTES} bytes`);
    }
    chunks.push(piece);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BadRequest(400, 'the body is not JSON');
  }
}

function isArrayOf<T>(value: unknown, isItem: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.every(isItem);
}

function isFiniteNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}
