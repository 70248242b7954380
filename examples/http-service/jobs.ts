/**
 * The jobs of the service: turns readings and requests into tasks, keeps their handles by id, and describes them. At
 * most `MAX_JOBS` are kept; the oldest settled ones are forgotten first.
 */
import type { Handle, Scheduler } from 'pullgraph';
import { combine, type Summary, summarise } from './summary.js';

/** Bound on the jobs that are kept. */
const MAX_JOBS = 1000;

/** Readings of one day, one an hour. */
const READINGS_PER_DAY = 24;

/** A request over HTTP: a summary of readings, or of jobs, which may still be running. */
export type JobRequest = { readonly readings: readonly number[] } | { readonly jobs: readonly string[] };

export class Jobs {
  readonly #compute: ReturnType<Scheduler['queue']>;
  readonly #handles = new Map<string, Handle<Summary>>();
  #day: number[] = [];
  #days = 0;
  #requests = 0;

  constructor(scheduler: Scheduler) {
    this.#compute = scheduler.queue('compute', { concurrency: 2 });
  }

  /** Takes in one reading; every full day becomes a job `day-1`, `day-2`, …. */
  addReading(celsius: number): void {
    this.#day.push(celsius);
    if (this.#day.length < READINGS_PER_DAY) return;
    this.#days += 1;
    this.#keep(this.#compute.submit({ id: `day-${this.#days}` }, summarise, this.#day));
    this.#day = [];
  }

  /** Submits what was asked for as job `request-1`, `request-2`, …; returns its id, or which job there is none of. */
  submit(request: JobRequest): { readonly id: string } | { readonly unknown: string } {
    const handles = 'jobs' in request ? request.jobs.map((id) => this.#handles.get(id) ?? id) : [];
    const unknown = handles.find((handle) => typeof handle === 'string');
    if (unknown !== undefined) return { unknown };
    this.#requests += 1;
    const options = { id: `request-${this.#requests}` };
    const handle =
      'readings' in request
        ? this.#compute.submit(options, summarise, request.readings)
        : this.#compute.submit(
            options,
            combine,
            handles.filter((found) => typeof found !== 'string'),
          );
    this.#keep(handle);
    return { id: handle.id };
  }

  /** The current report on a job, ready for JSON; `undefined` if there is no such job. */
  async describe(id: string): Promise<object | undefined> {
    const handle = this.#handles.get(id);
    if (handle === undefined) return undefined;
    if (!isSettled(handle)) return { id, state: handle.state, why: handle.why() };
    const outcome = await handle.settled();
    switch (outcome.status) {
      case 'done':
        return { id, state: outcome.status, result: outcome.result };
      case 'failed':
        return { id, state: outcome.status, error: String(outcome.error) };
      case 'cancelled':
        return { id, state: outcome.status, error: String(outcome.reason) };
      default:
        return outcome satisfies never;
    }
  }

  #keep(handle: Handle<Summary>): void {
    // Whoever asks is told how it ended: a failure, or a job that waits when the service ends, is no error of the service.
    void handle.settled();
    this.#handles.set(handle.id, handle);
    for (const [id, kept] of this.#handles) {
      if (this.#handles.size <= MAX_JOBS) break;
      if (isSettled(kept)) this.#handles.delete(id);
    }
  }
}

function isSettled({ state }: Handle<Summary>): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}
