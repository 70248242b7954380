/** The attempts that wait to become jobs: what is granted in one turn is sent to Redis together, in order. */
import type { JobQueue } from './job-queue.js';
import { type JobData, PROTOCOL } from './messages.js';
import type { SentAttempt } from './sent-attempt.js';

/** Longest list of jobs that is made in one transaction. */
const MOST_AT_ONCE = 200;

/** @internal */
export interface JobLinePort {
  readonly queue: JobQueue;
  /** Whether the attempt is still out. */
  isOut(sent: SentAttempt): boolean;
  readonly run: string;
  /** Version of the module. */
  readonly module: string;
  /** The job is in Redis. */
  made(sent: SentAttempt): void;
}

/** @internal */
export class JobLine {
  readonly #port: JobLinePort;
  readonly #waiting = new Set<SentAttempt>();
  #isSending = false;

  constructor(port: JobLinePort) {
    this.#port = port;
  }

  push(sent: SentAttempt): void {
    this.#waiting.add(sent);
    if (!this.#isSending) void this.#send();
  }

  /** Whether the attempt has no job yet. */
  has(sent: SentAttempt): boolean {
    return this.#waiting.has(sent);
  }

  #dataOf({ attempt, args, window, making }: SentAttempt): JobData {
    const { module, run } = this.#port;
    const { id, queue, attempt: number } = attempt;
    return { protocol: PROTOCOL, module, run, making, id, queue, attempt: number, window, args };
  }

  async #send(): Promise<void> {
    this.#isSending = true;
    await Promise.resolve();
    try {
      while (this.#waiting.size > 0) {
        const batch = [...this.#waiting].slice(0, MOST_AT_ONCE);
        const wanted = batch.filter((sent) => this.#port.isOut(sent));
        await this.#port.queue.add(wanted.map((sent) => ({ id: sent.job, name: sent.name, data: this.#dataOf(sent) })));
        for (const sent of batch) this.#waiting.delete(sent);
        for (const sent of wanted) this.#port.made(sent);
      }
    } catch {
      // Closed.
    } finally {
      this.#isSending = false;
    }
  }
}
