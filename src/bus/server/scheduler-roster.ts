/**
 * The connected schedulers, the kinds that each runs, and the jobs that each holds. Owns the choice among them: the scheduler with
 * the most free slots, by its last report and the jobs assigned since. A full scheduler still accepts a job more urgent than its
 * whole backlog, because it would run it next. Bound: at most `slots` such jobs beyond slots and backlog.
 */
import { SIMPLE_KIND, TIMED_KIND } from '../protocol/payload.js';

/** The terms on which a scheduler registers. @internal */
export interface SchedulerTerms {
  /** The kinds of jobs that it runs. */
  readonly kinds: ReadonlySet<string>;
  readonly slots: number;
  /** How many jobs it accepts beyond its slots. */
  readonly backlog: number;
  /** It speaks the simple protocol: accepts every job and reports nothing. */
  readonly isSimple: boolean;
}

/** The properties of an assigned job that matter for the choice. @internal */
export interface HeldJob {
  /** Lower is more urgent. */
  readonly priority: number;
  readonly isStarted: boolean;
}

/** A scheduler with the jobs that it was offered or has accepted. @internal */
export interface RosterEntry<Job> {
  readonly id: string;
  readonly kinds: ReadonlySet<string>;
  readonly isSimple: boolean;
  slots: number;
  backlog: number;
  readonly jobs: Set<Job>;
  /** Bytes of unanswered offers. */
  offered: number;
  /** With this many bytes unanswered it counts as full, because further offers would not get through. */
  readonly maxOffered: number;
  /** It has let a job wait that others could have started. Others come first until it starts one. */
  isSlow: boolean;
  /** For a simple scheduler, the number of jobs handed to it. A new one starts level with the others. */
  handed: number;
}

/** @internal */
export class SchedulerRoster<Job extends HeldJob> {
  readonly #entries = new Map<string, RosterEntry<Job>>();
  readonly #byKind = new Map<string, Set<RosterEntry<Job>>>();
  readonly #maxOffered: number;

  /** @param maxOffered - a scheduler with this many bytes of unanswered offers gets no more until it answers. */
  constructor(maxOffered: number) {
    this.#maxOffered = maxOffered;
  }

  get size(): number {
    return this.#entries.size;
  }

  add(id: string, { kinds, slots, backlog, isSimple }: SchedulerTerms): RosterEntry<Job> {
    const simple = this.simple();
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
      isSlow: false,
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

  /** Removes the scheduler. Its jobs stay in the returned entry. */
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
   * The best scheduler for a job: one with room, or else one that would run it before its whole backlog; undefined if there is none.
   * O(schedulers of the kind), times their jobs if none has room.
   */
  bestFor(kind: string, priority: number): RosterEntry<Job> | undefined {
    const able = this.#ableFor(kind);
    return bestOf(able, hasRoom) ?? bestOf(able, (entry) => makesRoom(entry, priority));
  }

  /** The best scheduler, other than the holder and simple ones, that would start the job at once; undefined if there is none. */
  idleFor(kind: string, holder: RosterEntry<Job> | undefined): RosterEntry<Job> | undefined {
    return bestOf(this.#ableFor(kind), (entry) => entry !== holder && !entry.isSimple && hasFreeSlot(entry));
  }

  /** How many schedulers run jobs of that kind. */
  countOf(kind: string): number {
    return this.#byKind.get(kind)?.size ?? 0;
  }

  /** The kinds of waiting jobs that the scheduler gets. */
  kindsFor({ isSimple, kinds }: RosterEntry<Job>): Iterable<string> {
    return isSimple && this.#isReported(TIMED_KIND) ? [SIMPLE_KIND] : kinds;
  }

  /** The schedulers of the simple protocol. */
  simple(): RosterEntry<Job>[] {
    return [...this.#entries.values()].filter((entry) => entry.isSimple);
  }

  /** A job of version 2 goes to a simple scheduler only if nobody else could run it: its producer would not hear how it ends. */
  #ableFor(kind: string): Iterable<RosterEntry<Job>> {
    const able = [...(this.#byKind.get(kind) ?? [])];
    return kind === TIMED_KIND && this.#isReported(kind) ? able.filter(({ isSimple }) => !isSimple) : able;
  }

  #isReported(kind: string): boolean {
    for (const { isSimple } of this.#byKind.get(kind) ?? []) if (!isSimple) return true;
    return false;
  }
}

/** Whether the scheduler accepts a job of that priority. @internal */
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

function hasFreeSlot<Job>(entry: RosterEntry<Job>): boolean {
  return entry.jobs.size < entry.slots && entry.offered < entry.maxOffered && !entry.isSlow;
}

function hasRoom<Job>(entry: RosterEntry<Job>): boolean {
  if (entry.isSimple) return true;
  return entry.jobs.size < entry.slots + entry.backlog && entry.offered < entry.maxOffered;
}

/** Whether the whole backlog of a full scheduler is less urgent. Without a backlog it would have nothing to choose from. */
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

/** Schedulers that report outcomes come before those of the simple protocol, and slow ones last of all that report. */
function isBetter<Job>(a: RosterEntry<Job>, b: RosterEntry<Job>): boolean {
  if (a.isSimple !== b.isSimple) return b.isSimple;
  if (a.isSimple) return a.handed < b.handed;
  if (a.isSlow !== b.isSlow) return b.isSlow;
  const free = a.slots - a.jobs.size - (b.slots - b.jobs.size);
  return free === 0 ? a.jobs.size < b.jobs.size : free > 0;
}
