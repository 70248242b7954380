/**
 * The unsettled jobs, by id and by their producer's name for them. It knows nothing of schedulers.
 *
 * Invariants: at most `maxJobs` jobs, of at most `maxBytes` together; and a job is only added if its producer has no more than is
 * still free, in number and in bytes. So one producer can have half of the room, and others still find some.
 */
import type { KeptPayload } from './kept-payload.js';
import type { RosterEntry } from './scheduler-roster.js';
import type { Waiting } from './waiting-lines.js';

/** @internal */
export interface StoreBounds {
  /** Maximum number of unsettled jobs, waiting or assigned. */
  readonly maxJobs: number;
  /** Maximum total of the memory that they take, in bytes. */
  readonly maxBytes: number;
}

/** A job as its producer requests it. @internal */
export interface JobRequest {
  /** The session of the producer, or the id of one of the simple protocol. */
  readonly producer: string;
  /** Whether the producer receives feedback. */
  readonly isHeard: boolean;
  /** The producer's own name for the job; empty for none. A second request under the name of an unsettled job repeats the first. */
  readonly ref: string;
  readonly kind: string;
  readonly payload: KeptPayload;
  /** The memory that it takes. */
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
  hasDeadline: boolean;
  /** The producer is gone for good. A scheduler may finish the job, but the job never waits for one again. */
  isAbandoned: boolean;
}

/** The unsettled jobs of one producer. */
interface Share {
  /** Oldest first. */
  readonly jobs: Set<Job>;
  bytes: number;
}

/** @internal */
export class JobStore {
  readonly #bounds: StoreBounds;
  readonly #idPrefix: string;
  readonly #jobs = new Map<string, Job>();
  readonly #byRef = new Map<string, Job>();
  readonly #shares = new Map<string, Share>();
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

  hasRoomFor({ bytes, producer }: JobRequest): boolean {
    const freeJobs = this.#bounds.maxJobs - this.#jobs.size;
    const freeBytes = this.#bounds.maxBytes - this.#bytes;
    const share = this.#shares.get(producer);
    if (freeJobs < Math.max(1, share?.jobs.size ?? 0)) return false;
    return freeBytes >= Math.max(bytes, share?.bytes ?? 0);
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
      hasDeadline: false,
      isAbandoned: false,
    };
    this.#jobs.set(job.id, job);
    this.#bytes += job.bytes;
    const share = this.#shares.get(job.producer) ?? { jobs: new Set(), bytes: 0 };
    share.jobs.add(job);
    share.bytes += job.bytes;
    this.#shares.set(job.producer, share);
    if (job.ref !== '') this.#byRef.set(refKey(job), job);
    return job;
  }

  remove(job: Job): void {
    this.#jobs.delete(job.id);
    this.#bytes -= job.bytes;
    const share = this.#shares.get(job.producer);
    if (share !== undefined) {
      share.jobs.delete(job);
      share.bytes -= job.bytes;
      if (share.jobs.size === 0) this.#shares.delete(job.producer);
    }
    if (job.ref !== '') this.#byRef.delete(refKey(job));
  }

  /** The producer's unsettled jobs, oldest first. */
  of(producer: string): Job[] {
    return [...(this.#shares.get(producer)?.jobs ?? [])];
  }

  /** Whether the producer has unsettled jobs. */
  hasAnyOf(producer: string): boolean {
    return this.#shares.has(producer);
  }

  clear(): void {
    this.#jobs.clear();
    this.#byRef.clear();
    this.#shares.clear();
    this.#bytes = 0;
  }
}

function refKey({ producer, ref }: JobRequest): string {
  return ref === '' ? '' : `${producer} ${ref}`;
}
