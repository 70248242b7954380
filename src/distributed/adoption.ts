/**
 * What an earlier scheduler with the same store has left under way: jobs that workers have, and reports that nobody has read. An attempt
 * at the same work takes over the job instead of having one of its own.
 *
 * Invariant: a job is taken over at most once.
 */
import { partsOfJobId } from './keys.js';
import type { Report } from './messages.js';

interface Left {
  readonly job: string;
  readonly attempt: number;
  readonly reports: Report[];
}

/** @internal */
export class Adoption {
  /** Begins the serials of this scheduler's own jobs. */
  readonly #life: string;
  readonly #left = new Map<string, Left>();
  readonly #work = new Map<string, Left>();
  readonly #claimed = new Set<string>();

  constructor(life: string) {
    this.#life = life;
  }

  /** A job that a worker has. */
  found(job: string): void {
    this.#take(job);
  }

  /** A report of a job of the earlier scheduler; returns false for any other. */
  reported(report: Report): boolean {
    const left = this.#take(report.job);
    left?.reports.push(report);
    return left !== undefined;
  }

  /**
   * The job of that work with the reports on it so far; undefined if there is none.
   *
   * @param work - its fingerprint.
   */
  claim(work: string): { readonly job: string; readonly reports: readonly Report[] } | undefined {
    const left = this.#work.get(work);
    this.#work.delete(work);
    if (left === undefined) return undefined;
    this.#left.delete(left.job);
    this.#claimed.add(left.job);
    return left;
  }

  #take(job: string): Left | undefined {
    const known = this.#left.get(job);
    if (known !== undefined) return known;
    const parts = partsOfJobId(job);
    if (parts === undefined || parts.work === '' || parts.serial.startsWith(this.#life)) return undefined;
    if (this.#claimed.has(job)) return undefined;
    const left: Left = { job, attempt: parts.attempt, reports: [] };
    this.#left.set(job, left);
    // The last attempt at it is the one that counts.
    if ((this.#work.get(parts.work)?.attempt ?? 0) < left.attempt) this.#work.set(parts.work, left);
    return left;
  }
}
