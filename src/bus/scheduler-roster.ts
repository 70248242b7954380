/**
 * The schedulers that are there, what each runs and how much of it is in its hands. Owns the choice among them: the one with the
 * most free slots, by what it reported and what it was given since.
 */

/** What a scheduler says of itself. @internal */
export interface SchedulerTerms {
  /** The kinds of job that it runs. */
  readonly kinds: ReadonlySet<string>;
  readonly slots: number;
  /** How many jobs it takes beyond its slots. */
  readonly backlog: number;
  /** Of the simple protocol: it takes whatever comes and never says anything. */
  readonly isSimple: boolean;
}

/** A scheduler with the jobs that it has been offered or has accepted. @internal */
export interface RosterEntry<Job> {
  readonly id: string;
  readonly kinds: ReadonlySet<string>;
  readonly isSimple: boolean;
  slots: number;
  backlog: number;
  readonly jobs: Set<Job>;
  /** How many jobs it was handed over, for a simple one. One that joins begins level with the others. */
  handed: number;
}

/** @internal */
export class SchedulerRoster<Job> {
  readonly #entries = new Map<string, RosterEntry<Job>>();
  readonly #byKind = new Map<string, Set<RosterEntry<Job>>>();

  get size(): number {
    return this.#entries.size;
  }

  add(id: string, { kinds, slots, backlog, isSimple }: SchedulerTerms): RosterEntry<Job> {
    const simple = [...this.#entries.values()].filter((entry) => entry.isSimple);
    const handed = simple.reduce((least, entry) => Math.min(least, entry.handed), simple[0]?.handed ?? 0);
    const entry: RosterEntry<Job> = { id, kinds, isSimple, slots, backlog, jobs: new Set(), handed };
    this.#entries.set(id, entry);
    for (const kind of kinds) {
      const able = this.#byKind.get(kind) ?? new Set();
      able.add(entry);
      this.#byKind.set(kind, able);
    }
    return entry;
  }

  get(id: string): RosterEntry<Job> | undefined {
    return this.#entries.get(id);
  }

  /** Takes the scheduler off; its jobs stay in the entry returned. */
  remove(id: string): RosterEntry<Job> | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    this.#entries.delete(id);
    for (const kind of entry.kinds) {
      const able = this.#byKind.get(kind);
      able?.delete(entry);
      if (able?.size === 0) this.#byKind.delete(kind);
    }
    return entry;
  }

  clear(): void {
    this.#entries.clear();
    this.#byKind.clear();
  }

  /** The best scheduler for a job of that kind; undefined when none has room. O(schedulers that run the kind). */
  bestFor(kind: string): RosterEntry<Job> | undefined {
    let best: RosterEntry<Job> | undefined;
    for (const entry of this.#byKind.get(kind) ?? []) {
      if (hasRoom(entry) && (best === undefined || isBetter(entry, best))) best = entry;
    }
    return best;
  }
}

/** @internal */
export function hasRoom<Job>(entry: RosterEntry<Job>): boolean {
  return entry.isSimple || entry.jobs.size < entry.slots + entry.backlog;
}

/** One that will tell how the job ends comes before one that will not. */
function isBetter<Job>(a: RosterEntry<Job>, b: RosterEntry<Job>): boolean {
  if (a.isSimple !== b.isSimple) return b.isSimple;
  if (a.isSimple) return a.handed < b.handed;
  const free = a.slots - a.jobs.size - (b.slots - b.jobs.size);
  return free === 0 ? a.jobs.size < b.jobs.size : free > 0;
}
