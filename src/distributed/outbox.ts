/**
 * The reports of one worker on their way to the runs. Each is sent at once; what was sent is kept until the run's scheduler has read it,
 * because Redis may forget what it has acknowledged when it is restarted. After a lost connection all is sent again. Reports may
 * arrive twice or in another order: their numbers tell.
 */
import type { Keys } from './keys.js';
import type { RedisLink } from './link.js';
import { MESSAGE_FIELD } from './stream-reader.js';

interface Kept {
  readonly run: string;
  readonly job: string;
  readonly message: Buffer;
  /** Puts what the message refers to where it was; undefined if it refers to nothing. */
  readonly putAgain: (() => Promise<void>) | undefined;
  /** `homeless`: Redis has no outbox of the run, because the run has gone, or because Redis has forgotten it. */
  state: 'sending' | 'refused' | 'homeless' | { readonly entry: string };
}

/** @internal */
export class Outbox {
  readonly #link: RedisLink;
  readonly #keys: Keys;
  readonly #kept = new Set<Kept>();
  #isRecovering = false;

  constructor(link: RedisLink, keys: Keys) {
    this.#link = link;
    this.#keys = keys;
    link.onReconnected(() => {
      for (const kept of this.#kept) if (kept.state !== 'sending') void this.#sendAgain(kept);
    });
  }

  /** Ids of the jobs with reports that may not have been read. */
  get jobs(): readonly string[] {
    return [...this.#kept].map(({ job }) => job);
  }

  /** The runs of these reports. */
  get runs(): ReadonlySet<string> {
    return new Set([...this.#kept].map(({ run }) => run));
  }

  /** Sends the report before any later command of the link. `putAgain` is called before it is sent again. */
  send(run: string, job: string, message: Buffer, putAgain?: () => Promise<void>): void {
    const kept: Kept = { run, job, message, putAgain, state: 'sending' };
    this.#kept.add(kept);
    void this.#send(kept);
  }

  /** The scheduler of the run has read its outbox up to that entry. */
  read(run: string, entry: string): void {
    for (const kept of this.#kept) {
      if (kept.run === run && typeof kept.state === 'object' && isUpTo(kept.state.entry, entry))
        this.#kept.delete(kept);
    }
  }

  /** The run has gone. */
  forget(run: string): void {
    for (const kept of this.#kept) if (kept.run === run) this.#kept.delete(kept);
  }

  /** Sends again what found no outbox. */
  retry(): void {
    for (const kept of this.#kept) if (kept.state === 'homeless') void this.#sendAgain(kept);
  }

  /** Resolves when Redis has everything that has an outbox, or the link is closed. */
  async flushed(): Promise<void> {
    for (const kept of this.#kept) if (kept.state === 'refused') await this.#recover();
    await this.#link.through(() => this.#link.client.ping()).catch(() => undefined);
  }

  async #sendAgain(kept: Kept): Promise<void> {
    kept.state = 'sending';
    // Whoever does not find it says so.
    await kept.putAgain?.().catch(() => undefined);
    await this.#send(kept);
  }

  async #send(kept: Kept): Promise<void> {
    kept.state = 'sending';
    try {
      await this.#deliver(kept);
    } catch {
      kept.state = 'refused';
      await this.#recover();
    }
  }

  /** Sends what was refused, one by one, until Redis takes it. */
  async #recover(): Promise<void> {
    if (this.#isRecovering) return;
    this.#isRecovering = true;
    try {
      for (const kept of this.#kept) if (kept.state === 'refused') await this.#link.through(() => this.#deliver(kept));
    } catch {
      // Closed.
    } finally {
      this.#isRecovering = false;
    }
  }

  async #deliver(kept: Kept): Promise<void> {
    const outbox = this.#keys.outbox(kept.run);
    const entry = await this.#link.client.xadd(outbox, 'NOMKSTREAM', '*', MESSAGE_FIELD, kept.message);
    kept.state = entry === null ? 'homeless' : { entry };
  }
}

/** Whether the id of one entry of a stream is at most the other. */
function isUpTo(entry: string, last: string): boolean {
  const [time = '', count = ''] = entry.split('-');
  const [lastTime = '', lastCount = '0'] = last.split('-');
  return time === lastTime ? Number(count) <= Number(lastCount) : Number(time) < Number(lastTime);
}
