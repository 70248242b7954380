/**
 * One participant's dealings with the folder: it claims tasks, takes over from those that have fallen silent, and brings
 * what it has claimed to an end. It runs nothing itself.
 *
 * Invariant: a claim is held, and the heartbeat goes on, from before its entry is made until its end is in the log or is
 * known to have come too late. An end that could not be written is kept and written before anything else is claimed, so
 * there are never more of them than claims were held when the folder went away.
 */
import { SchedulerError } from '../core/failures.js';
import type { Clock } from '../core/ports.js';
import { errorFrom, type Happening, type RecordedError } from './entry.js';
import { Heartbeat, Observations } from './heartbeat.js';
import type { SettledOptions } from './options.js';
import { isUnavailable, Patience } from './folder-retry.js';
import type { FolderPort } from './ports.js';
import { type Standing, TaskLog } from './task-log.js';

/**
 * How a task ended, here or elsewhere.
 *
 * @internal
 */
export type Ended =
  | { readonly kind: 'done'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly error: unknown };

/**
 * A task that this participant may run: the end of it is to be entry `slot` of its log.
 *
 * @internal
 */
export interface Claim {
  readonly id: string;
  readonly slot: number;
  /** How many times the function threw before. */
  readonly threw: number;
  /** Number of this attempt among those that have not been given back, from 1. */
  readonly attempt: number;
}

/**
 * What came of trying to claim a task.
 *
 * @internal
 */
export type Taken = { readonly kind: 'mine'; readonly claim: Claim } | { readonly kind: 'elsewhere' } | Ended;

type Open = Extract<Standing, { slot: number }>;

/** What is still to be written for a task; `isHeld` when it is the end of a claim, and not the doubt whether there is one. */
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
  readonly #participant: string;
  readonly #log: TaskLog;
  readonly #heartbeat: Heartbeat;
  readonly #observations: Observations;
  readonly #patience: Patience;
  readonly #held = new Set<string>();
  readonly #kept = new Map<string, Kept>();

  constructor(folder: FolderPort, clock: Clock, participant: string, options: SettledOptions) {
    this.#options = options;
    this.#participant = participant;
    this.#log = new TaskLog(folder, participant);
    this.#heartbeat = new Heartbeat(folder, clock, participant, options.beatMs);
    this.#observations = new Observations(folder, clock, options.expireMs);
    this.#patience = new Patience(clock, options.patienceMs, options.checkMs);
  }

  /** Ids of the tasks whose end could not be written yet. */
  get kept(): readonly string[] {
    return [...this.#kept].filter(([, { isHeld }]) => isHeld).map(([id]) => id);
  }

  /**
   * Claims the task if nobody has it who is alive. What is mine must be brought to an end by `end`.
   *
   * Rejects with `FolderUnavailable`, `FolderCorrupt`; nothing is held then.
   */
  async take(id: string, isWanted?: () => boolean): Promise<Taken> {
    await this.#patience.through(() => this.publishKept(), isWanted);
    for (;;) {
      // Every further round finds the log longer than the one before.
      const taken = await this.#patience.through(() => this.#tryToTake(id), isWanted);
      if (taken !== undefined) return taken;
    }
  }

  /**
   * Writes what became of a claim. False when somebody has taken over meanwhile: then it counts for nothing.
   *
   * Rejects with `FolderUnavailable`: what was to be written is kept, and the claim held, for `publishKept`.
   */
  async end({ id, slot }: Claim, happening: Happening): Promise<boolean> {
    const append = this.#log.entry(id, slot, happening);
    let isKept = false;
    try {
      return await this.#patience.through(append);
    } catch (error) {
      isKept = isUnavailable(error);
      if (isKept) this.#kept.set(id, { isHeld: true, write: append });
      throw error;
    } finally {
      if (!isKept) this.#letGo(id);
    }
  }

  /** Writes what is kept. Rejects with `FolderUnavailable` when that still cannot be done; the rest stays kept. */
  async publishKept(): Promise<void> {
    for (const [id, kept] of this.#kept) {
      try {
        await kept.write();
      } catch (error) {
        // Its task has failed already. What cannot be written for another reason never will be.
        if (isUnavailable(error)) throw error;
      }
      // Somebody else may have been here meanwhile.
      if (this.#kept.get(id) !== kept) continue;
      this.#kept.delete(id);
      if (kept.isHeld) this.#letGo(id);
    }
  }

  /** Shows no more sign of life, unless something runs. What is kept stays kept, and will be taken for given up by others. */
  async leave(): Promise<void> {
    if (this.#held.size > this.kept.length) return;
    this.#heartbeat.rest();
    if (this.#held.size === 0) await this.#heartbeat.remove();
  }

  /** Undefined when another was quicker and there is more to read. */
  async #tryToTake(id: string): Promise<Taken | undefined> {
    const standing = await this.#log.standing(id);
    if (!('slot' in standing)) return this.#ended(id, standing);
    if (await this.#isElsewhere(id, standing)) return { kind: 'elsewhere' };
    const { slot, threw, lost } = standing;
    const isOurs = standing.kind === 'claimed' && standing.owner === this.#participant;
    if (standing.kind === 'claimed' && !isOurs && lost >= this.#options.takeovers) {
      await this.#log.entry(id, slot, { kind: 'failed', error: ownersLost(standing) })();
      return undefined;
    }
    await this.#heartbeat.hold();
    let isMine = false;
    try {
      // One that is ours and not held was made though the folder's answer was an error.
      isMine = isOurs || (await this.#append(id, slot));
      if (this.#held.has(id)) isMine = false;
      if (!isMine) return undefined;
      this.#held.add(id);
      const isTakenOver = standing.kind === 'claimed' && !isOurs;
      const attempt = threw + lost + (isTakenOver ? 2 : 1);
      return { kind: 'mine', claim: { id, slot: isOurs ? slot : slot + 1, threw, attempt } };
    } finally {
      if (!isMine) this.#heartbeat.letGo();
    }
  }

  async #append(id: string, slot: number): Promise<boolean> {
    const { label } = this.#options;
    try {
      return await this.#log.entry(id, slot, { kind: 'claimed', owner: this.#participant, label })();
    } catch (error) {
      // The entry may be there. If so it is given back before the next claim, or resumed by it.
      if (isUnavailable(error) && !this.#kept.has(id)) {
        this.#kept.set(id, { isHeld: false, write: () => this.#giveBack(id) });
      }
      throw error;
    }
  }

  async #giveBack(id: string): Promise<void> {
    const standing = await this.#log.standing(id);
    if (standing.kind !== 'claimed' || standing.owner !== this.#participant || this.#held.has(id)) return;
    await this.#log.entry(id, standing.slot, { kind: 'released' })();
  }

  #letGo(id: string): void {
    this.#held.delete(id);
    this.#heartbeat.letGo();
  }

  /** Whether somebody has it who is alive: one that has not been silent for long, or another attempt of this participant. */
  async #isElsewhere(id: string, standing: Open): Promise<boolean> {
    if (standing.kind === 'free') return false;
    if (standing.owner === this.#participant) return this.#held.has(id);
    return !(await this.#observations.isSilent(standing.owner));
  }

  #ended(id: string, standing: Exclude<Standing, { slot: number }>): Ended {
    if (standing.kind === 'done') return { kind: 'done', value: this.#decoded(id, standing.body) };
    const { error } = standing;
    const message = `task ${id} failed in the shared folder: ${error.name}: ${error.message}`;
    const told = new SchedulerError('SharedTaskFailed', message, { tasks: [id], cause: errorFrom(id, error) });
    return { kind: 'failed', error: told };
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
    message: `${lost + 1} participants fell silent while they had it, the last one ${label}`,
  };
}
