/** The scheduler's side of values too large for a message: arguments that it lends, and reports that workers have put into blobs. */
import * as v from 'valibot';
import type { Clock } from '../core/ports.js';
import { type ArgumentList, giveBackArguments, lendArguments, type LentList } from './blobs/lent-arguments.js';
import { LentPayloads } from './blobs/lent-payloads.js';
import { PayloadSchema, type Payloads } from './blobs/payloads.js';
import { decodeReport, type Report } from './messages.js';
import type { SentAttempt } from './sent-attempt.js';

/** @internal */
export class SentValues {
  readonly #payloads: Payloads;
  readonly #lent: LentPayloads;

  readonly #run: string;
  /** Whether there may be a blob of the run that nobody will read. */
  #mayLeave: boolean;

  /** `isResumed` means that an earlier scheduler may have left some. */
  constructor(payloads: Payloads, run: string, clock: Clock, isResumed: boolean) {
    this.#run = run;
    this.#mayLeave = isResumed;
    this.#payloads = payloads;
    this.#lent = new LentPayloads(payloads, run, clock);
  }

  /** `isForgotten` means that Redis may have lost its blobs. @throws what serialization throws. */
  lend(args: readonly unknown[], isForgotten = false): LentList {
    const lent = lendArguments(this.#payloads, this.#lent, args, isForgotten);
    if (lent.put !== undefined) this.#mayLeave = true;
    return lent;
  }

  /** Lends the arguments anew, since what was lent may be gone. Returns what to wait for. */
  lendAgain(sent: SentAttempt): Promise<void> | undefined {
    const before = sent.args;
    const { list, put } = this.lend(sent.attempt.args, true);
    sent.args = list;
    this.giveBack(before);
    return put;
  }

  giveBack(args: ArgumentList): void {
    giveBackArguments(this.#lent, args);
  }

  /**
   * The report that lies in the blob of this one, or the failure to read it. Undefined for one that was read before, or that nobody
   * waits for; the latter's blob is removed.
   */
  async read(report: Report, sent: SentAttempt | undefined): Promise<Report | undefined> {
    const { value } = report;
    this.#mayLeave = true;
    if (!v.is(PayloadSchema, value)) return undefined;
    if (sent === undefined) {
      void this.#payloads.remove(value);
      return undefined;
    }
    if (!sent.reads(report)) return undefined;
    try {
      return decodeReport(await this.#payloads.read(`task ${sent.attempt.id}`, value));
    } catch (error) {
      return { ...report, kind: 'failed', value: error };
    } finally {
      void this.#payloads.remove(value);
    }
  }

  /** Removes all that is left of the run, if anything can be. */
  async clear(): Promise<void> {
    if (this.#mayLeave) await this.#payloads.clear(this.#run);
  }

  close(): void {
    this.#lent.close();
  }
}
