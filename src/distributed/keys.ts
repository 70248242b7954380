/**
 * The names of everything in Redis. BullMQ's queue has the keys `<prefix>:<name>:…`; those of this package stand among them, and cannot
 * be taken for a job, because every id of a job has a dot.
 */

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

/**
 * The id of the job of an attempt. BullMQ allows no colon in it.
 *
 * @param call - tells attempts of one task apart that have the same number.
 * @internal
 */
export function jobIdOf(run: string, call: string, attempt: number, task: string): string {
  // An id that is no well-formed text has no other safe spelling.
  const isText = Buffer.from(task).toString() === task;
  return `${run}.${call}.${attempt}.${isText ? encodeURIComponent(task) : Buffer.from(task, 'utf16le').toString('hex')}`;
}

/** Whether the job belongs to the run. @internal */
export function isOfRun(jobId: string, run: string): boolean {
  return jobId.startsWith(`${run}.`);
}
