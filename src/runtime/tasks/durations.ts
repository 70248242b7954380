/**
 * What a scheduler learns of how long its tasks take, by kind: the option `kind`, else the name of the function, of a command its program.
 *
 * Invariant: only attempts that were done count as durations; one that was dropped counts as nothing.
 */
import { nameOfCommand, runCommand } from '../../core/command.js';
import { type DurationStats, type KnownKind, NO_DURATIONS, withDuration, withWait } from '../../core/durations.js';
import type { RankedNode } from '../../core/order/ranked-node.js';
import type { Clock, TaskFunction } from '../../core/ports.js';
import { nameOfFunction } from '../../core/user-value.js';
import { TaskRecord } from './task-record.js';

/** So many kinds are told apart; all others are taken together. */
const MOST_KINDS = 1_000;
const OTHERS = '(others)';
/** A kind that takes no time measurable takes so long. */
const LEAST_MS = 0.001;

/** What is known of one kind. @internal */
export class Kind {
  readonly name: string;
  stats = NO_DURATIONS;

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
  readonly #byFunction = new WeakMap<TaskFunction, Kind>();
  #count = 0;
  #sum = 0;
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
    if (fn === runCommand) return this.#named(nameOfCommand(args));
    let kind = this.#byFunction.get(fn);
    if (kind === undefined) this.#byFunction.set(fn, (kind = this.#named(nameOfFunction(fn) || '(anonymous)')));
    return kind;
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
    return record.run === undefined ? ms : Math.max(0, ms - (this.now() - record.run.begunAt));
  }

  /** The scheduler's time, as far as it is of use. */
  now(): number {
    return this.#given === undefined ? this.#clock.now() : 0;
  }

  /** That attempt begins. Returns the time. */
  begun(record: TaskRecord, attempt: number): number {
    const now = this.now();
    const { kept } = record;
    if (kept !== undefined && attempt === 1) this.#note(record, (stats) => withWait(stats, now - kept.readyAt));
    return now;
  }

  /** An attempt that began at that time is done. */
  done(record: TaskRecord, begunAt: number): void {
    if (this.#given !== undefined) return;
    const ms = this.#clock.now() - begunAt;
    this.#note(record, (stats) => withDuration(stats, ms));
    this.#sum += ms;
    this.#count += 1;
    if (this.#count < 2 * this.#told) return;
    this.#told = this.#count;
    this.learned();
  }

  failed(record: TaskRecord): void {
    this.#note(record, (stats) => ({ ...stats, failures: stats.failures + 1 }));
  }

  /** Takes what earlier runs have learned. */
  restore(known: Iterable<KnownKind>): void {
    for (const [name, stats] of known) {
      this.#named(name).stats = stats;
      this.#count += stats.count;
      this.#sum += stats.count * stats.meanMs;
    }
    this.#told = this.#count;
  }

  /** What has changed since this was asked last. */
  news(): readonly KnownKind[] {
    const known = [...this.#changed].map(({ name, stats }): KnownKind => [name, stats]);
    this.#changed.clear();
    return known;
  }

  #note(record: TaskRecord, change: (stats: DurationStats) => DurationStats): void {
    const kind = this.kindOf(record);
    kind.stats = change(kind.stats);
    this.#changed.add(kind);
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
