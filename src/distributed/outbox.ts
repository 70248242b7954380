/**
 * The reports of one worker on their way to the runs. What was sent is kept until the run's scheduler has read it, because Redis may
 * forget what it has acknowledged when it is restarted; after a lost connection it is sent again, and the scheduler drops what it has.
 *
 * Invariant: reports leave in the order in which they were given.
 */
import type { Keys } from './keys.js';
import type { RedisLink } from './link.js';
import { MESSAGE_FIELD } from './stream-reader.js';

/** Most reports that are sent in one pipeline. */
const MOST_AT_ONCE = 200;

interface Kept {
  readonly run: string;
  readonly job: string;
  readonly message: Buffer;
  /** Its entry in the run's stream; undefined while it is not sent. */
  entry: string | undefined;
  sent(): void;
}

/** @internal */
export class Outbox {
  readonly #link: RedisLink;
  readonly #keys: Keys;
  #kept: Kept[] = [];
  /** How many of the first are sent. */
  #sentCount = 0;
  #isSending = false;

  constructor(link: RedisLink, keys: Keys) {
    this.#link = link;
    this.#keys = keys;
    link.onReconnected(() => this.sendAgain());
  }

  /** Ids of the jobs with reports that may not have been read. */
  get jobs(): Iterable<string> {
    return this.#kept.map(({ job }) => job);
  }

  /** The runs of these reports. */
  get runs(): ReadonlySet<string> {
    return new Set(this.#kept.map(({ run }) => run));
  }

  /** Resolves when Redis has the report. */
  send(run: string, job: string, message: Buffer): Promise<void> {
    return new Promise((resolve) => {
      this.#kept.push({ run, job, message, entry: undefined, sent: resolve });
      if (!this.#isSending) void this.#send();
    });
  }

  /** The scheduler of the run has read its outbox up to that entry. */
  read(run: string, entry: string): void {
    this.#drop((kept) => kept.run === run && kept.entry !== undefined && isUpTo(kept.entry, entry));
  }

  /** The run has gone. */
  forget(run: string): void {
    this.#drop((kept) => kept.run === run);
  }

  /** Sends all that may not have arrived. */
  sendAgain(): void {
    this.#sentCount = 0;
    if (!this.#isSending && this.#kept.length > 0) void this.#send();
  }

  /** Sends what Redis had no outbox for. */
  retry(): void {
    if (this.#isSending) return;
    const first = this.#kept.findIndex(({ entry }) => entry === undefined);
    if (first < 0) return;
    this.#sentCount = first;
    void this.#send();
  }

  #drop(isMeant: (kept: Kept) => boolean): void {
    const kept: Kept[] = [];
    let sentCount = 0;
    for (const [index, each] of this.#kept.entries()) {
      if (isMeant(each)) {
        each.sent();
        continue;
      }
      kept.push(each);
      if (index < this.#sentCount) sentCount += 1;
    }
    this.#kept = kept;
    this.#sentCount = sentCount;
  }

  async #send(): Promise<void> {
    this.#isSending = true;
    try {
      while (this.#sentCount < this.#kept.length) {
        const batch = this.#kept.slice(this.#sentCount, this.#sentCount + MOST_AT_ONCE);
        this.#sentCount += batch.length;
        const entries = await this.#link.pipeline((commands) => {
          for (const { run, message } of batch) {
            // An outbox that is not there is one of a run that has gone, or that Redis has forgotten: it is tried again later.
            commands.xadd(this.#keys.outbox(run), 'NOMKSTREAM', '*', MESSAGE_FIELD, message);
          }
        });
        for (const [index, kept] of batch.entries()) {
          const entry = entries[index];
          if (typeof entry === 'string') kept.entry = entry;
          kept.sent();
        }
      }
    } catch {
      // Closed.
    } finally {
      this.#isSending = false;
    }
  }
}

/** Whether the id of one entry of a stream is at most the other. */
function isUpTo(entry: string, last: string): boolean {
  const [time = '', count = ''] = entry.split('-');
  const [lastTime = '', lastCount = '0'] = last.split('-');
  return time === lastTime ? Number(count) <= Number(lastCount) : Number(time) < Number(lastTime);
}
