/**
 * The claims of one participant: claims tasks, takes over from silent participants, and writes results. Runs nothing itself.
 *
 * Invariant: a claim is held, and the heartbeat runs, from before its entry is created until its result is in the log or known to be
 * too late. A result that could not be written is kept and retried before the next claim, so at most one is kept per claim held when
 * the folder became unavailable.
 */
import { SchedulerError } from '../core/failures.js';
import type { Clock } from '../core/ports.js';
import { errorFrom, type Happening, type RecordedError } from './entry.js';
import { Heartbeat, Observations } from './heartbeat.js';
import type { SettledOptions } from './options.js';
import { FolderRetry, isUnavailable } from './folder-retry.js';
import type { FolderPort } from './ports.js';
import { type Open, type Standing, TaskLog } from './task-log.js';

/**
 * How a task ended, here or elsewhere.
 *
 * @internal
 */
export type Ended =
  | { readonly kind: 'done'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly error: unknown };

/**
 * A task that this participant may run. Its result will be entry `slot` of the task's log.
 *
 * @internal
 */
export interface Claim {
  readonly id: string;
  readonly slot: number;
  /** How many times the function has thrown before. */
  readonly threw: number;
  /** Number of this attempt, from 1; released attempts do not count. */
  readonly attempt: number;
  /** The silent participant that had claimed it before. */
  readonly takenFrom: string | undefined;
}

/**
 * The outcome of trying to claim a task.
 *
 * @internal
 */
export type Taken = { readonly kind: 'mine'; readonly claim: Claim } | { readonly kind: 'elsewhere' } | Ended;

/** How often in a row others may be faster before the task counts as theirs for now. */
const MOST_ROUNDS = 100;

/** A pending write for a task: the result of a held claim, or else the release of a claim that may have been created. */
interface Kept {
  readonly isHeld: boolean;
  readonly write: () => Promise<unknown>;
}

/**
 * The claims of one participant.
 *
 * @internal
 */
export class Claims {
  readonly #options: SettledOptions;
  /** This participant's name in the folder. */
  readonly participant: string;
  readonly #log: TaskLog;
  readonly #heartbeat: Heartbeat;
  readonly #observations: Observations;
  readonly #retry: FolderRetry;
  readonly #held = new Set<string>();
  readonly #kept = new Map<string, Kept>();
  /** With `retryFailed`, the tasks that this participant has seen. */
  readonly #known = new Set<string>();

  constructor(folder: FolderPort, clock: Clock, participant: string, options: SettledOptions) {
    this.#options = options;
    this.participant = participant;
    this.#log = new TaskLog(folder, participant);
    this.#heartbeat = new Heartbeat(folder, clock, participant, options.beatMs);
    this.#observations = new Observations(folder, clock, options.expireMs);
    this.#retry = new FolderRetry(clock, options);
  }

  /** Ids of the tasks whose result could not be written yet. */
  get kept(): readonly string[] {
    return [...this.#kept].filter(([, { isHeld }]) => isHeld).map(([id]) => id);
  }

  /**
   * Claims the task unless a live participant has it. The caller must finish a claim with `end`.
   *
   * Rejects with `FolderUnavailable` or `FolderCorrupt`; no claim is held then.
   */
  async take(id: string, isWanted?: () => boolean): Promise<Taken> {
    // Without anything to write it would look like a success of the folder.
    if (this.#kept.size > 0) await this.#retry.through(() => this.publishKept(), isWanted);
    // Each round finds a longer log, unless a file is created and not seen yet: then a later check sees it.
    for (let rounds = 0; rounds < MOST_ROUNDS; rounds += 1) {
      const taken = await this.#retry.through(() => this.#tryToTake(id), isWanted);
      if (taken !== undefined) return taken;
    }
    return { kind: 'elsewhere' };
  }

  /**
   * Writes the result of a claim. False if another participant has taken over: then the result does not count.
   *
   * Rejects with `FolderUnavailable`; the result is kept and the claim held, for `publishKept`.
   */
  async end({ id, slot }: Claim, happening: Happening): Promise<boolean> {
    const append = this.#log.entry(id, slot, happening);
    let isKept = false;
    try {
      return await this.#retry.through(append);
    } catch (error) {
      isKept = isUnavailable(error);
      if (isKept) this.#kept.set(id, { isHeld: true, write: append });
      throw error;
    } finally {
      if (!isKept) this.#release(id);
    }
  }

  /** Retries the pending writes. Rejects with `FolderUnavailable` at the first that still fails; the rest stay pending. */
  async publishKept(): Promise<void> {
    for (const [id, kept] of this.#kept) {
      try {
        await kept.write();
      } catch (error) {
        // Its task has failed already, and retrying any other error is pointless.
        if (isUnavailable(error)) throw error;
      }
      // A concurrent call may have written it meanwhile.
      if (this.#kept.get(id) !== kept) continue;
      this.#kept.delete(id);
      if (kept.isHeld) this.#release(id);
    }
  }

  /** Stops the heartbeat, unless a task is running. Pending results stay, but other participants will take over their tasks. */
  async leave(): Promise<void> {
    if (this.#held.size > this.kept.length) return;
    this.#heartbeat.rest();
    if (this.#held.size === 0) await this.#heartbeat.remove();
  }

  /** Undefined if another participant appended first; the log must be read again. */
  async #tryToTake(id: string): Promise<Taken | undefined> {
    const standing = await this.#log.standing(id);
    if (standing.kind === 'failed' && this.#retriesNow(id)) {
      await this.#log.entry(id, standing.slot, { kind: 'retried' })();
      return undefined;
    }
    if (standing.kind === 'done' || standing.kind === 'failed') return this.#ended(id, standing);
    if (this.#options.retryFailed) this.#known.add(id);
    if (await this.#isElsewhere(id, standing)) return { kind: 'elsewhere' };
    const { slot, threw, lost } = standing;
    const isOurs = standing.kind === 'claimed' && standing.owner === this.participant;
    if (standing.kind === 'claimed' && !isOurs && lost >= this.#options.takeovers) {
      await this.#log.entry(id, slot, { kind: 'failed', error: ownersLost(standing) })();
      return undefined;
    }
    await this.#heartbeat.hold();
    let isMine = false;
    try {
      // A claim of ours that is not held was created although the folder answered with an error.
      isMine = isOurs || (await this.#append(id, slot));
      if (this.#held.has(id)) isMine = false;
      if (!isMine) return undefined;
      this.#held.add(id);
      const isTakenOver = standing.kind === 'claimed' && !isOurs;
      const attempt = threw + lost + (isTakenOver ? 2 : 1);
      const takenFrom = isTakenOver ? standing.owner : undefined;
      return { kind: 'mine', claim: { id, slot: isOurs ? slot : slot + 1, threw, attempt, takenFrom } };
    } finally {
      if (!isMine) this.#heartbeat.release();
    }
  }

  async #append(id: string, slot: number): Promise<boolean> {
    const { label } = this.#options;
    try {
      return await this.#log.entry(id, slot, { kind: 'claimed', owner: this.participant, label })();
    } catch (error) {
      // The entry may exist. If so, it is released before the next claim, or resumed by it.
      if (isUnavailable(error) && !this.#kept.has(id)) {
        this.#kept.set(id, { isHeld: false, write: () => this.#giveBack(id) });
      }
      throw error;
    }
  }

  async #giveBack(id: string): Promise<void> {
    const standing = await this.#log.standing(id);
    if (standing.kind !== 'claimed' || standing.owner !== this.participant || this.#held.has(id)) return;
    await this.#log.entry(id, standing.slot, { kind: 'released' })();
  }

  #release(id: string): void {
    this.#held.delete(id);
    this.#heartbeat.release();
  }

  /** Whether a live participant has it: one that is not silent, or another attempt of this one. */
  async #isElsewhere(id: string, standing: Open): Promise<boolean> {
    if (standing.kind === 'free') return false;
    if (standing.owner === this.participant) return this.#held.has(id);
    return !(await this.#observations.isSilent(standing.owner));
  }

  /** Whether the failure of the task, which is older than this participant's interest in it, is to be retried. */
  #retriesNow(id: string): boolean {
    if (!this.#options.retryFailed || this.#known.has(id)) return false;
    this.#known.add(id);
    return true;
  }

  #ended(id: string, standing: Exclude<Standing, Open>): Ended {
    if (standing.kind === 'done') return { kind: 'done', value: this.#decoded(id, standing.body) };
    const { error } = standing;
    const message = `task ${id} failed in the shared folder: ${error.name}: ${error.message}`;
    const failure = new SchedulerError('SharedTaskFailed', message, { tasks: [id], cause: errorFrom(id, error) });
    return { kind: 'failed', error: failure };
  }

  #decoded(id: string, body: Uint8Array): unknown {
    try {
      return this.#options.codec.decode(body);
    } catch (cause) {
      const message = `the result of task ${id} in the shared folder cannot be decoded`;
      throw new SchedulerError('FolderCorrupt', message, { tasks: [id], cause });
    }
  }
}

function ownersLost({ lost, label }: { readonly lost: number; readonly label: string }): RecordedError {
  return {
    name: 'OwnersLost',
    message: `${lost + 1} participants fell silent while running it, the last one ${label}`,
  };
}
