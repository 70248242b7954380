/**
 * The names of everything in Redis. BullMQ's queue has the keys `<prefix>:<name>:…`; those of this package stand among them, and cannot
 * be taken for a job, because every id of a job has a dot.
 */

import { createHash } from 'node:crypto';
import type { Attempt } from '../core/ports.js';
import type { ArgumentList } from './blobs/lent-arguments.js';

/** The keys of one queue. @internal */
export class Keys {
  readonly #base: string;
  /** The set of workers' ids. */
  readonly workers: string;
  /** The set of runs' ids. */
  readonly runs: string;

  constructor(prefix: string, name: string) {
    this.#base = `${prefix}:${name}:`;
    this.workers = `${this.#base}workers`;
    this.runs = `${this.#base}runs`;
  }

  /** What a worker says of itself, as JSON. */
  worker(id: string): string {
    return `${this.#base}worker:${id}`;
  }

  /** The stream of messages to a worker. */
  inbox(worker: string): string {
    return `${this.#base}worker:${worker}:in`;
  }

  /** A hash: `beat`, a count; `read`, the last entry of the outbox that the scheduler has; `leaseMs`. */
  run(id: string): string {
    return `${this.#base}run:${id}`;
  }

  /** The stream of messages from the workers to a run. */
  outbox(run: string): string {
    return `${this.#base}run:${run}:out`;
  }

  /** What the keys of large values begin with. */
  get blobs(): string {
    return `${this.#base}blob:`;
  }

  /** BullMQ's hash of a job. */
  job(id: string): string {
    return `${this.#base}${id}`;
  }

  /** BullMQ's lock of a job that a worker has. */
  lock(id: string): string {
    return `${this.#base}${id}:lock`;
  }
}

/** What an id of a job says. @internal */
export interface JobIdParts {
  readonly run: string;
  /** Fingerprint of the work, the same in every run with a store; empty for a task that is not kept. */
  readonly work: string;
  /** Unique to the attempt among all of the run. */
  readonly serial: string;
  /** Number of the attempt. */
  readonly attempt: number;
  /** Id of the task. */
  readonly task: string;
}

/** The id of the job of an attempt. BullMQ allows no colon in it. @internal */
export function jobIdOf({ run, work, serial, attempt, task }: JobIdParts): string {
  // An id that is no well-formed text has no other safe spelling.
  const isText = Buffer.from(task).toString() === task;
  const name = isText ? encodeURIComponent(task) : Buffer.from(task, 'utf16le').toString('hex');
  return `${run}.${work}.${serial}.${attempt}.${name}`;
}

/** The ids of the jobs that one scheduler makes. @internal */
export class JobIds {
  readonly #run: string;
  readonly #life: string;
  #count = 0;

  /** `life` tells this scheduler from earlier ones of the run. */
  constructor(run: string, life: string) {
    this.#run = run;
    this.#life = life;
  }

  next({ attempt, id }: Attempt, work: string): string {
    this.#count += 1;
    return jobIdOf({ run: this.#run, work, serial: `${this.#life}-${this.#count}`, attempt, task: id });
  }
}

/** All but the task, whose id may have been too odd; undefined for what is no such id. @internal */
export function partsOfJobId(id: string): Omit<JobIdParts, 'task'> | undefined {
  const [run, work, serial, attempt, task] = id.split('.', 5);
  if (run === undefined || work === undefined || serial === undefined || task === undefined) return undefined;
  return /^\d+$/.test(attempt ?? '') ? { run, work, serial, attempt: Number(attempt) } : undefined;
}

/** Whether the job belongs to the run. @internal */
export function isOfRun(jobId: string, run: string): boolean {
  return jobId.startsWith(`${run}.`);
}

/** A fingerprint of what the attempt is to do, the same in every run with the store; empty for a task that is not kept. @internal */
export function workOf({ kept }: Attempt, name: string, args: ArgumentList): string {
  if (kept === undefined) return '';
  const parts = JSON.stringify([kept.key, kept.fn, name, args]);
  return createHash('sha256').update(parts).digest('base64url').slice(0, 22);
}
