/**
 * What a scheduler learns of how long its tasks take, by kind: the option `kind`, else the name of the function, of a command its program.
 *
 * Measuring costs about a tenth of what a task costs that does nothing. So once many have been measured, of attempts that follow a short one
 * only some are.
 *
 * Invariant: only attempts that were done count as durations; one that was dropped counts as nothing.
 */
import { nameOfWork } from '../../core/command.js';
import { addDuration, addWait, type KnownKind, type RunningStats, runningStats } from '../../core/durations.js';
import type { RankedNode } from '../../core/order/ranked-node.js';
import type { Clock } from '../../core/ports.js';
import { TaskRecord } from './task-record.js';

/** So many kinds are told apart; all others are taken together. */
const MOST_KINDS = 1_000;
const OTHERS = '(others)';
/** After so many attempts, one that takes less than `SHORT_MS` is followed by `SKIPPED` that are not measured. */
const MANY = 1_000;
const SHORT_MS = 1;
const SKIPPED = 15;
/** The time of a beginning that was not measured. */
const NOT_MEASURED = -1;
/** A kind that takes no time measurable takes so long. */
const LEAST_MS = 0.001;

/** What is known of one kind. @internal */
export class Kind {
  readonly name: string;
  stats = runningStats();

  constructor(name: string) {
    this.name = name;
  }
}

/** The durations of one scheduler. Memory O(kinds). @internal */
export class Durations {
  readonly #clock: Clock;
  readonly #given: ((id: string) => number) | undefined;
  readonly #kinds = new Map<string, Kind>();
  readonly #changed = new Set<Kind>();
  #count = 0;
  #sum = 0;
  #skips = 0;
  /** How much had been learned when that was told last. */
  #told = 0;
  /** Called when what is known has changed enough to plan anew. */
  learned: () => void = () => undefined;

  /** @param given - how long each task takes, by its id, in place of what is learned. */
  constructor(clock: Clock, given: ((id: string) => number) | undefined) {
    this.#clock = clock;
    this.#given = given;
  }

  get kinds(): Iterable<Kind> {
    return this.#kinds.values();
  }

  /** The kind of a task that has its function; that of a command needs the arguments as well. */
  kindOf({ fn, args, extras }: Pick<TaskRecord, 'fn' | 'args' | 'extras'>): Kind {
    if (extras?.kind !== undefined) return this.#named(extras.kind);
    // Many programs submit a closure per task: functions themselves are not remembered.
    return this.#named(nameOfWork({ fn, args }) || '(anonymous)');
  }

  /** How long the task takes, in milliseconds: the mean of its kind, else that of all. 1 as long as nothing is known. */
  readonly weigh = (node: RankedNode): number => {
    if (!(node instanceof TaskRecord)) return 1;
    if (this.#given !== undefined) return this.#given(node.id);
    const { count, meanMs } = this.kindOf(node).stats;
    if (count > 0) return Math.max(meanMs, LEAST_MS);
    return this.#count === 0 ? 1 : Math.max(this.#sum / this.#count, LEAST_MS);
  };

  /** Whether anything is known of any kind. */
  get isAnyKnown(): boolean {
    return this.#given !== undefined || this.#count > 0;
  }

  /** Whether anything is known of the task's kind. */
  isKnown(record: TaskRecord): boolean {
    return this.#given !== undefined || this.kindOf(record).stats.count > 0;
  }

  /** How long the task will take from now on. */
  leftMs(record: TaskRecord): number {
    const ms = this.weigh(record);
    const begunAt = record.run?.begunAt ?? NOT_MEASURED;
    return begunAt === NOT_MEASURED ? ms : Math.max(0, ms - (this.now() - begunAt));
  }

  /** The scheduler's time, as far as it is of use. */
  now(): number {
    return this.#given === undefined ? this.#clock.now() : 0;
  }

  /** That attempt begins. Returns what `done` is to be given: the time, unless it is not measured. */
  begun(record: TaskRecord, attempt: number): number {
    if (this.#skips > 0) {
      this.#skips -= 1;
      return NOT_MEASURED;
    }
    const now = this.now();
    const { kept } = record;
    if (kept !== undefined && attempt === 1) addWait(this.#noted(record), now - kept.readyAt);
    return now;
  }

  /** An attempt that began at that time is done. */
  done(record: TaskRecord, begunAt: number): void {
    if (begunAt === NOT_MEASURED || this.#given !== undefined) return;
    const ms = this.#clock.now() - begunAt;
    addDuration(this.#noted(record), ms);
    this.#sum += ms;
    this.#count += 1;
    this.#skips = ms < SHORT_MS && this.#count > MANY ? SKIPPED : 0;
    if (this.#count < 2 * this.#told) return;
    this.#told = this.#count;
    this.learned();
  }

  failed(record: TaskRecord): void {
    this.#noted(record).failures += 1;
  }

  /** Takes what earlier runs have learned. */
  restore(known: Iterable<KnownKind>): void {
    for (const [name, stats] of known) {
      this.#named(name).stats = runningStats(stats);
      this.#count += stats.count;
      this.#sum += stats.count * stats.meanMs;
    }
    this.#told = this.#count;
  }

  /** What has changed since this was asked last. */
  news(): readonly KnownKind[] {
    const known = [...this.#changed].map(({ name, stats }): KnownKind => [name, runningStats(stats)]);
    this.#changed.clear();
    return known;
  }

  /** The stats of the task's kind, which are about to change. */
  #noted(record: TaskRecord): RunningStats {
    const kind = this.kindOf(record);
    this.#changed.add(kind);
    return kind.stats;
  }

  #named(name: string): Kind {
    let kind = this.#kinds.get(name);
    if (kind === undefined) {
      if (this.#kinds.size >= MOST_KINDS && name !== OTHERS) return this.#named(OTHERS);
      this.#kinds.set(name, (kind = new Kind(name)));
    }
    return kind;
  }
}
