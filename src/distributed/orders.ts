/** What a scheduler tells the workers: to abort an attempt, and how many of its partial results were taken. */
import { encodeThrown } from '../executors/remote/thrown-value.js';
import { PROCESS } from '../executors/remote/cloneability.js';
import type { Keys } from './keys.js';
import type { RedisLink } from './link.js';
import { encodeOrder, type Order } from './messages.js';
import type { SentAttempt } from './sent-attempt.js';
import { MESSAGE_FIELD } from './stream-reader.js';

/** How long messages to a worker that does not read them are kept. */
const INBOX_MS = 3_600_000;

/** @internal */
export class Orders {
  readonly #link: RedisLink;
  readonly #keys: Keys;

  constructor(link: RedisLink, keys: Keys) {
    this.#link = link;
    this.#keys = keys;
  }

  /** The worker that has the job; undefined if none has, or it is not known. */
  async workerOf({ worker, job }: SentAttempt): Promise<string | undefined> {
    return worker ?? (await this.#link.through(() => this.#link.client.hget(this.#keys.job(job), 'pb'))) ?? undefined;
  }

  /** Passes an abort on, if there is one. */
  abort(worker: string, { job, aborted }: SentAttempt): void {
    if (aborted === undefined) return;
    this.#tell(worker, { kind: 'abort', job, reason: encodeThrown(PROCESS, aborted.reason), graceMs: aborted.graceMs });
  }

  /** The job goes on elsewhere. */
  makesAgain(worker: string, { job }: SentAttempt): void {
    this.#tell(worker, { kind: 'abort', job, reason: 'made again', graceMs: undefined });
  }

  taken({ worker, job, delivered }: SentAttempt): void {
    if (worker !== undefined) this.#tell(worker, { kind: 'taken', job, count: delivered });
  }

  #tell(worker: string, order: Order): void {
    const inbox = this.#keys.inbox(worker);
    this.#link
      .pipeline((commands) => commands.xadd(inbox, '*', MESSAGE_FIELD, encodeOrder(order)).pexpire(inbox, INBOX_MS))
      .catch(() => undefined);
  }
}
