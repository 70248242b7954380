/**
 * The schedulers that are there, what each runs and how much of it is in its hands. Owns the choice among them: the one with the
 * most free slots, by what it reported and what it was given since. One that is full takes a job all the same that is more urgent
 * than all that waits there: it would run that first, and nobody else is there to do so. Bound: never more beyond slots and backlog
 * than it has slots.
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

/** What the choice depends on, of a job in a scheduler's hands. @internal */
export interface HeldJob {
  /** Lower is more urgent. */
  readonly priority: number;
  readonly isStarted: boolean;
}

/** A scheduler with the jobs that it has been offered or has accepted. @internal */
export interface RosterEntry<Job> {
  readonly id: string;
  readonly kinds: ReadonlySet<string>;
  readonly isSimple: boolean;
  slots: number;
  backlog: number;
  readonly jobs: Set<Job>;
  /** Bytes of the offers that it has not answered. */
  offered: number;
  /** Full, whatever its slots, while so many bytes are offered: more would not get through to it. */
  readonly maxOffered: number;
  /** How many jobs it was handed over, for a simple one. One that joins begins level with the others. */
  handed: number;
}

/** @internal */
export class SchedulerRoster<Job extends HeldJob> {
  readonly #entries = new Map<string, RosterEntry<Job>>();
  readonly #byKind = new Map<string, Set<RosterEntry<Job>>>();
  readonly #maxOffered: number;

  /** @param maxOffered - with so many bytes offered to it and not answered, a scheduler gets no further offer. */
  constructor(maxOffered: number) {
    this.#maxOffered = maxOffered;
  }

  get size(): number {
    return this.#entries.size;
  }

  add(id: string, { kinds, slots, backlog, isSimple }: SchedulerTerms): RosterEntry<Job> {
    const simple = [...this.#entries.values()].filter((entry) => entry.isSimple);
    const handed = simple.reduce((least, entry) => Math.min(least, entry.handed), simple[0]?.handed ?? 0);
    const entry: RosterEntry<Job> = {
      id,
      kinds,
      isSimple,
      slots,
      backlog,
      jobs: new Set(),
      offered: 0,
      maxOffered: this.#maxOffered,
      handed,
    };
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

  /**
   * The best scheduler for a job of that kind and urgency: one with room, or else one that takes it before all that waits there.
   * Undefined when there is neither. O(schedulers that run the kind), and where none has room, times the jobs of each.
   */
  bestFor(kind: string, priority: number): RosterEntry<Job> | undefined {
    const able = this.#byKind.get(kind) ?? [];
    return bestOf(able, hasRoom) ?? bestOf(able, (entry) => makesRoom(entry, priority));
  }
}

/** Whether the scheduler is to be given a job of that urgency. @internal */
export function takes<Job extends HeldJob>(entry: RosterEntry<Job>, priority: number): boolean {
  return hasRoom(entry) || makesRoom(entry, priority);
}

function bestOf<Job>(
  entries: Iterable<RosterEntry<Job>>,
  isMeant: (entry: RosterEntry<Job>) => boolean,
): RosterEntry<Job> | undefined {
  let best: RosterEntry<Job> | undefined;
  for (const entry of entries) {
    if (isMeant(entry) && (best === undefined || isBetter(entry, best))) best = entry;
  }
  return best;
}

function hasRoom<Job>(entry: RosterEntry<Job>): boolean {
  if (entry.isSimple) return true;
  return entry.jobs.size < entry.slots + entry.backlog && entry.offered < entry.maxOffered;
}

/** Whether all that waits at a full scheduler is less urgent. Where nothing waits it has no choice: it is asked for none either. */
function makesRoom<Job extends HeldJob>(entry: RosterEntry<Job>, priority: number): boolean {
  const { jobs, slots, backlog } = entry;
  if (jobs.size >= slots + backlog + slots || entry.offered >= entry.maxOffered) return false;
  let isAnyWaiting = false;
  for (const job of jobs) {
    if (job.isStarted) continue;
    if (job.priority <= priority) return false;
    isAnyWaiting = true;
  }
  return isAnyWaiting;
}

/** One that will tell how the job ends comes before one that will not. */
function isBetter<Job>(a: RosterEntry<Job>, b: RosterEntry<Job>): boolean {
  if (a.isSimple !== b.isSimple) return b.isSimple;
  if (a.isSimple) return a.handed < b.handed;
  const free = a.slots - a.jobs.size - (b.slots - b.jobs.size);
  return free === 0 ? a.jobs.size < b.jobs.size : free > 0;
}
