/**
 * The worker's eye on the runs: what their schedulers have read, and whether they still live. A run whose beat has not changed for its
 * lease belongs to a scheduler that has gone; the worker removes what it has left.
 */
import type { Payloads } from './blobs/payloads.js';
import type { JobQueue } from './job-queue.js';
import type { Keys } from './keys.js';
import type { RedisLink } from './link.js';
import type { Outbox } from './outbox.js';
import { type Beating, Silence } from './silence.js';

/** For a run that was never seen. */
const DEFAULT_LEASE_MS = 60_000;

interface Lease extends Beating {
  readonly leaseMs: number;
}

/** @internal */
export class RunWatch {
  readonly #link: RedisLink;
  readonly #keys: Keys;
  readonly #outbox: Outbox;
  readonly #beatMs: number;
  readonly #silence = new Silence<Lease>(0);
  /** The runs of which this worker has something, as long as Redis knows them not: after a restart it may have forgotten them. */
  readonly #unknown = new Map<string, { looks: number; readonly leaseMs: number }>();
  /** The leases of the runs at the last look. */
  #leases: ReadonlyMap<string, Lease> = new Map();
  readonly #queue: JobQueue;
  readonly #payloads: Payloads;

  constructor(
    link: RedisLink,
    keys: Keys,
    outbox: Outbox,
    beatMs: number,
    rest: { readonly queue: JobQueue; readonly payloads: Payloads },
  ) {
    this.#queue = rest.queue;
    this.#payloads = rest.payloads;
    this.#link = link;
    this.#keys = keys;
    this.#outbox = outbox;
    this.#beatMs = beatMs;
  }

  /**
   * One look.
   *
   * @param ours - runs of which this worker has attempts.
   * @returns those runs that have gone.
   */
  async look(ours: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    const { client } = this.#link;
    const ids = await this.#link.through(() => client.smembers(this.#keys.runs));
    const found = await this.#link.hashes(
      ids.map((id) => this.#keys.run(id)),
      'beat',
      'read',
      'leaseMs',
    );
    const leases = new Map<string, Lease>();
    for (const [index, id] of ids.entries()) {
      const [beat, read, leaseMs] = found[index] ?? [];
      if (read !== undefined) this.#outbox.read(id, read);
      leases.set(id, { beat: Number(beat ?? 0), leaseMs: Number(leaseMs ?? 0) });
    }
    this.#silence.look(leases);
    const gone = new Set<string>();
    for (const [id, { leaseMs }] of leases) {
      if (this.#silence.roundsOf(id) * this.#beatMs < leaseMs || leaseMs === 0) continue;
      await this.#clear(id);
      gone.add(id);
    }
    for (const id of this.#forgotten(new Set([...ours, ...this.#outbox.runs]), leases)) gone.add(id);
    this.#leases = leases;
    for (const id of gone) this.#outbox.forget(id);
    this.#outbox.retry();
    return gone;
  }

  /** Those that were unknown for their lease. */
  #forgotten(ours: ReadonlySet<string>, known: ReadonlyMap<string, unknown>): readonly string[] {
    for (const id of this.#unknown.keys()) if (!ours.has(id) || known.has(id)) this.#unknown.delete(id);
    const gone: string[] = [];
    for (const id of ours) {
      if (known.has(id)) continue;
      const run = this.#unknown.get(id) ?? { looks: 0, leaseMs: this.#leases.get(id)?.leaseMs || DEFAULT_LEASE_MS };
      run.looks += 1;
      this.#unknown.set(id, run);
      if (run.looks * this.#beatMs >= run.leaseMs) gone.push(id);
    }
    return gone;
  }

  async #clear(run: string): Promise<void> {
    await this.#queue.removeRun(run, 'all');
    await this.#payloads.clear(run);
    await this.#link.pipeline((commands) =>
      commands.srem(this.#keys.runs, run).del(this.#keys.run(run), this.#keys.outbox(run)),
    );
  }
}
