/**
 * The unsettled jobs, by id and by their producer's name for them. It knows nothing of schedulers.
 *
 * Invariant: at most `maxJobs` jobs, of at most `maxBytes` together.
 */
import type { JobPayload } from '../protocol/payload.js';
import type { RosterEntry } from './scheduler-roster.js';
import type { Waiting } from './waiting-lines.js';

/** @internal */
export interface StoreBounds {
  /** Maximum number of unsettled jobs, waiting or assigned. */
  readonly maxJobs: number;
  /** Maximum total size of their payloads, in bytes. */
  readonly maxBytes: number;
}

/** A job as its producer requests it. @internal */
export interface JobRequest {
  /** The session that receives feedback; undefined for a producer of the simple protocol. */
  readonly producer: string | undefined;
  /** The producer's own name for the job; empty for none. A second request under the name of an unsettled job repeats the first. */
  readonly ref: string;
  readonly kind: string;
  readonly payload: JobPayload;
  readonly bytes: number;
}

/** @internal */
export interface Job extends Waiting, JobRequest {
  readonly id: string;
  /** Number of the current or last attempt; each offer increments it. */
  attempt: number;
  /** How many schedulers were lost after they had started the job. */
  losses: number;
  holder: RosterEntry<Job> | undefined;
  isAccepted: boolean;
  isStarted: boolean;
  /** The producer is gone for good. A scheduler may finish the job, but the job never waits for one again. */
  isAbandoned: boolean;
}

/** @internal */
export class JobStore {
  readonly #bounds: StoreBounds;
  readonly #idPrefix: string;
  readonly #jobs = new Map<string, Job>();
  readonly #byRef = new Map<string, Job>();
  #lastSeq = 0;
  #bytes = 0;

  /** @param idPrefix - begins every id; unique to each store, so that ids of one mean nothing to another. */
  constructor(bounds: StoreBounds, idPrefix: string) {
    this.#bounds = bounds;
    this.#idPrefix = idPrefix;
  }

  get size(): number {
    return this.#jobs.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(id: string): Job | undefined {
    return this.#jobs.get(id);
  }

  /** The unsettled job that the producer requested under the same name before. */
  repeated(request: JobRequest): Job | undefined {
    return this.#byRef.get(refKey(request));
  }

  hasRoomFor({ bytes }: JobRequest): boolean {
    return this.#jobs.size < this.#bounds.maxJobs && this.#bytes + bytes <= this.#bounds.maxBytes;
  }

  /** Adds a job; the caller has checked that there is room. */
  add(request: JobRequest): Job {
    this.#lastSeq += 1;
    const job: Job = {
      ...request,
      id: `${this.#idPrefix}-${this.#lastSeq}`,
      seq: this.#lastSeq,
      priority: request.payload.priority,
      heapIndex: -1,
      attempt: 0,
      losses: 0,
      holder: undefined,
      isAccepted: false,
      isStarted: false,
      isAbandoned: false,
    };
    this.#jobs.set(job.id, job);
    this.#bytes += job.bytes;
    if (job.ref !== '') this.#byRef.set(refKey(job), job);
    return job;
  }

  remove(job: Job): void {
    this.#jobs.delete(job.id);
    this.#bytes -= job.bytes;
    if (job.ref !== '') this.#byRef.delete(refKey(job));
  }

  /** The producer's unsettled jobs, oldest first. O(jobs). */
  of(producer: string): Job[] {
    return [...this.#jobs.values()].filter((job) => job.producer === producer);
  }

  clear(): void {
    this.#jobs.clear();
    this.#byRef.clear();
    this.#bytes = 0;
  }
}

function refKey({ producer = '', ref }: JobRequest): string {
  return ref === '' ? '' : `${producer} ${ref}`;
}
