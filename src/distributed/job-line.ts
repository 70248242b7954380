/** The attempts that wait to become jobs: what is granted in one turn is sent to Redis together, in order. */
import type { JobQueue } from './job-queue.js';
import { type JobData, PROTOCOL } from './messages.js';
import type { SentAttempt } from './sent-attempt.js';

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
  #granted: SentAttempt[] = [];
  readonly #waiting = new Set<SentAttempt>();

  constructor(port: JobLinePort) {
    this.#port = port;
  }

  push(sent: SentAttempt): void {
    this.#waiting.add(sent);
    if (this.#granted.push(sent) === 1) queueMicrotask(() => void this.#send());
  }

  /** Whether the attempt has no job yet. */
  has(sent: SentAttempt): boolean {
    return this.#waiting.has(sent);
  }

  #dataOf({ attempt, args, window, making }: SentAttempt): JobData {
    const { module, run } = this.#port;
    const { id, queue, attempt: number, trace } = attempt;
    return { protocol: PROTOCOL, module, run, making, id, queue, attempt: number, window, args, trace };
  }

  async #send(): Promise<void> {
    const batch = this.#granted;
    this.#granted = [];
    const wanted = batch.filter((sent) => this.#port.isOut(sent));
    try {
      await this.#port.queue.add(wanted.map((sent) => ({ id: sent.job, name: sent.name, data: this.#dataOf(sent) })));
    } catch {
      // Closed.
      return;
    }
    for (const sent of batch) this.#waiting.delete(sent);
    for (const sent of wanted) this.#port.made(sent);
  }
}
