/**
 * The scheduler's beat: shows that its run lives, and sees which workers do. Workers are judged by rounds of this beat, so a time in
 * which Redis or this process stood still counts against none of them.
 */
import type { Clock } from '../core/ports.js';
import type { Keys } from './keys.js';
import type { RedisLink } from './link.js';
import { type Presence, PROTOCOL, readPresence } from './messages.js';
import { Silence } from './silence.js';

/** After how much silence a worker is taken for dead that was never seen itself: only its name was. */
const UNKNOWN_EXPIRE_MS = 10_000;

/** For how many beats a worker that is not listed any more is remembered. */
const FORGET_ROUNDS = 10_000;

/** @internal */
export interface SurveyPort {
  readonly link: RedisLink;
  readonly keys: Keys;
  readonly run: string;
  readonly clock: Clock;
  readonly beatMs: number;
  readonly leaseMs: number;
}

/** @internal */
export class Survey {
  /** Resolves when the run is known in Redis, before which no job of it may be made. */
  readonly joined: Promise<void>;
  readonly #port: SurveyPort;
  readonly #readUpTo: () => string;
  readonly #look: () => Promise<void>;
  readonly #slotsChanged: (slots: number) => void;
  readonly #silence = new Silence<Presence>(FORGET_ROUNDS);
  #listed: ReadonlySet<string> = new Set();
  #slots: number | undefined = undefined;
  #beat = 0;
  #cancelTimer: (() => void) | undefined;
  #isClosed = false;

  /**
   * @param readUpTo - the last entry of the run's outbox that was read.
   * @param look - called in every beat, when it is known which workers live.
   */
  constructor(
    port: SurveyPort,
    readUpTo: () => string,
    look: () => Promise<void>,
    slotsChanged: (slots: number) => void,
  ) {
    this.#port = port;
    this.#readUpTo = readUpTo;
    this.#look = look;
    this.#slotsChanged = slotsChanged;
    this.joined = this.#join();
    this.joined.then(
      () => void this.#round(),
      () => undefined,
    );
  }

  /** Whether the worker has been heard of in time. One that is not listed is silent: Redis may have forgotten it. */
  isAlive(worker: string): boolean {
    const expireMs = this.#silence.lastOf(worker)?.expireMs ?? UNKNOWN_EXPIRE_MS;
    return this.#silence.roundsOf(worker) * this.#port.beatMs < expireMs;
  }

  /** The worker has taken a job; it may do so before its next beat, also when it was taken for dead. */
  heard(worker: string): void {
    this.#silence.heard(worker);
  }

  /**
   * Whether a living worker has the job, or reports of it that may not have been read; undefined while that cannot be told, because
   * Redis has forgotten the workers as well, and not all have come back.
   *
   * @param worker - who had it last, if that is known.
   */
  isListed(job: string, worker: string | undefined): boolean | undefined {
    if (this.#listed.has(job)) return true;
    const isTold =
      worker === undefined ? !this.#silence.absent().some((id) => this.isAlive(id)) : this.#silence.hasBeaten(worker);
    return isTold ? false : undefined;
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelTimer?.();
  }

  /** Removes the run. */
  async leave(): Promise<void> {
    const { link, keys, run } = this.#port;
    await link.pipeline((commands) => commands.srem(keys.runs, run).del(keys.run(run), keys.outbox(run)));
  }

  async #join(): Promise<void> {
    const { link, keys, run, leaseMs } = this.#port;
    this.#beat += 1;
    const outbox = keys.outbox(run);
    const [, , isThere] = await link.pipeline((commands) =>
      commands
        .sadd(keys.runs, run)
        .hset(keys.run(run), { beat: this.#beat, leaseMs, read: this.#readUpTo() })
        .exists(outbox),
    );
    // Workers add only to an outbox that is there, so that none comes back after its run.
    if (isThere === 0) await link.pipeline((commands) => commands.xadd(outbox, '*', 'opened', '1'));
  }

  async #round(): Promise<void> {
    const { link, keys, clock, beatMs } = this.#port;
    try {
      if (this.#beat > 1) await this.#join();
      else this.#beat += 1;
      const ids = await link.through(() => link.client.smembers(keys.workers));
      const texts =
        ids.length === 0 ? [] : await link.through(() => link.client.mget(ids.map((id) => keys.worker(id))));
      this.#saw(ids, texts);
      const gone = ids.filter((id, index) => texts[index] === null && !this.isAlive(id));
      if (gone.length > 0) await link.pipeline((commands) => commands.srem(keys.workers, ...gone));
      await this.#look();
    } catch {
      // Closed while it waited.
    }
    if (!this.#isClosed) this.#cancelTimer = clock.after(beatMs, () => void this.#round());
  }

  #saw(ids: readonly string[], texts: readonly (string | null)[]): void {
    const present = new Map<string, Presence>();
    for (const [index, id] of ids.entries()) {
      const presence = readPresence(texts[index] ?? '');
      if (presence !== undefined) present.set(id, presence);
    }
    this.#silence.look(present);
    const living = [...present].filter(([id, { protocol }]) => protocol === PROTOCOL && this.isAlive(id));
    this.#listed = new Set(living.flatMap(([, { jobs }]) => jobs));
    const slots = living.reduce((sum, [, presence]) => sum + presence.slots, 0);
    if (slots === this.#slots) return;
    this.#slots = slots;
    this.#slotsChanged(slots);
  }
}
