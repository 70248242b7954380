/**
 * The attempts of one scheduler that are out: makes a job of each, takes the workers' reports, passes on aborts, and looks in every
 * beat whether each is still in good hands.
 *
 * Invariants: an attempt that was sent is reported as ended exactly once; what is reported of an attempt that is not out is dropped,
 * so nothing that a lost worker delivers later counts.
 */
import { randomUUID } from 'node:crypto';
import { SchedulerError, TaskCancelled, WorkerLost } from '../core/failures.js';
import type { Attempt, Clock } from '../core/ports.js';
import { postingFailure, PROCESS } from '../executors/remote/cloneability.js';
import type { Assignment } from '../executors/remote/intake.js';
import { Adoption } from './adoption.js';
import type { LentList } from './blobs/lent-arguments.js';
import { payloadsOver } from './blobs/over-link.js';
import { JobLine } from './job-line.js';
import { JobQueue } from './job-queue.js';
import { JobIds, Keys, workOf } from './keys.js';
import { RedisLink } from './link.js';
import { decodeReport, type Report } from './messages.js';
import { Orders } from './orders.js';
import type { settleOptions } from './options.js';
import type { RedisPackages } from './packages.js';
import { SentAttempt } from './sent-attempt.js';
import { SentValues } from './sent-values.js';
import { StreamReader } from './stream-reader.js';
import { Survey } from './survey.js';

/** In how many looks a job must be unknown to all, and in none since known to anybody, to count as lost by Redis. */
const MISSING_LOOKS = 3;

/** @internal */
export class Dispatcher {
  readonly #run: string;
  /** Begins the serials of all jobs that are made here. */
  readonly #life = randomUUID();
  /** Resolves when jobs can be made. */
  readonly opened: Promise<void>;
  /** What an earlier scheduler with the same store has left; undefined without a store. */
  readonly #adoption: Adoption | undefined;
  readonly #keys: Keys;
  readonly #link: RedisLink;
  readonly #queue: JobQueue;
  readonly #reader: StreamReader;
  readonly #survey: Survey;
  readonly #out = new Map<string, SentAttempt>();
  readonly #jobOf = new Map<Attempt, SentAttempt>();
  readonly #ids: JobIds;
  readonly #line: JobLine;
  readonly #values: SentValues;
  readonly #orders: Orders;

  constructor(
    packages: RedisPackages,
    options: ReturnType<typeof settleOptions>,
    module: string,
    { clock, storeId }: { readonly clock: Clock; readonly storeId: string | undefined },
    slotsChanged: (slots: number) => void,
  ) {
    this.#run = storeId ?? this.#life;
    this.#adoption = storeId === undefined ? undefined : new Adoption(this.#life);
    this.#ids = new JobIds(this.#run, this.#life);
    this.#keys = new Keys(options.prefix, options.name);
    this.#link = new RedisLink(packages, options, clock);
    this.#orders = new Orders(this.#link, this.#keys);
    this.#values = new SentValues(
      payloadsOver(this.#link, this.#keys, options),
      this.#run,
      clock,
      storeId !== undefined,
    );
    this.#queue = new JobQueue(packages, this.#link, this.#keys, options);
    this.#reader = new StreamReader(this.#link, this.#keys.outbox(this.#run), (message) => {
      const report = decodeReport(message);
      if (report !== undefined) this.#received(report);
    });
    this.#survey = new Survey(
      { link: this.#link, keys: this.#keys, run: this.#run, clock, beatMs: options.beatMs, leaseMs: options.leaseMs },
      () => this.#reader.last,
      () => this.#look(),
      slotsChanged,
    );
    this.#line = new JobLine({
      queue: this.#queue,
      isOut: ({ job }) => this.#out.has(job),
      run: this.#run,
      module,
      made: (sent) => {
        if (sent.aborted !== undefined) this.#abortSoon(sent);
      },
    });
    this.opened = this.#open();
    this.opened.catch(() => undefined);
    this.#link.onReconnected(() => {
      for (const sent of this.#out.values()) if (sent.window > 0) this.#tellTaken(sent);
    });
    this.#link.onInterrupted(() => {
      for (const sent of this.#out.values()) if (sent.aborted?.graceMs === 0) this.#cancelled(sent);
    });
  }

  /** Makes a job of the attempt, which fails if its arguments cannot be sent. */
  send({ attempt, name }: Assignment): void {
    let lent: LentList;
    try {
      lent = this.#values.lend(attempt.args);
    } catch (error) {
      attempt.failed(postingFailure(PROCESS, attempt.id, 'args', attempt.args, error));
      return;
    }
    const { list: args, put } = lent;
    const work = workOf(attempt, name, args);
    const left = work === '' ? undefined : this.#adoption?.claim(work);
    const job = left?.job ?? this.#ids.next(attempt, work);
    const sent = new SentAttempt({ attempt, job, work, name, args }, (taken) => this.#tellTaken(taken));
    this.#out.set(job, sent);
    this.#jobOf.set(attempt, sent);
    if (left === undefined) void this.#launch(sent, put);
    else {
      sent.isAdopted = true;
      for (const report of left.reports) this.#received(report);
    }
  }

  /** At once if nothing has to be put anywhere. */
  async #launch(sent: SentAttempt, put: Promise<void> | undefined): Promise<void> {
    sent.isLending = put !== undefined;
    try {
      if (put !== undefined) await put;
    } catch (error) {
      this.#fails(sent, error);
    }
    sent.isLending = false;
    if (this.#out.has(sent.job)) this.#line.push(sent);
  }

  /** Ends the attempt if it is out; returns false if it is not. */
  abort(attempt: Attempt, reason: unknown, graceMs: number | undefined): boolean {
    const sent = this.#jobOf.get(attempt);
    if (sent === undefined) return false;
    sent.aborted = { reason, graceMs };
    // Nobody can be told, and there is no time to wait: it ends here, and what is left of it is removed later.
    if (graceMs === 0 && !this.#link.isUp) this.#cancelled(sent);
    else this.#abortSoon(sent);
    return true;
  }

  /** Removes all that the run has in Redis, if Redis is there. */
  async close(): Promise<void> {
    this.#survey.close();
    this.#values.close();
    await this.#link.now(async () => {
      await this.#queue.removeRun(this.#run, 'all');
      await this.#values.clear();
      await this.#survey.leave();
      await this.#queue.close();
    });
    this.#link.close();
  }

  /** Joins the run; with a store, sees what is left of it, and removes what nobody has begun. */
  async #open(): Promise<void> {
    await this.#survey.joined;
    if (this.#adoption === undefined) return;
    await this.#queue.removeRun(this.#run, 'waiting');
    // In this order: a job that ends in between has its report in the outbox.
    for (const job of await this.#queue.active(this.#run)) this.#adoption.found(job);
    await this.#reader.caughtUp;
  }

  #received(report: Report): void {
    const sent = this.#out.get(report.job);
    if (sent === undefined && this.#adoption?.reported(report) === true) return;
    if (report.kind === 'blob') void this.#fetch(report, sent);
    else if (sent !== undefined) this.#reported(sent, report);
  }

  /** Takes a report that is too large for a message. */
  async #fetch(report: Report, sent: SentAttempt | undefined): Promise<void> {
    const large = await this.#values.read(report, sent);
    if (large !== undefined && sent !== undefined) this.#reported(sent, large);
  }

  #reported(sent: SentAttempt, report: Report): void {
    const end = sent.take(report);
    if (end === undefined || !this.#out.has(sent.job)) return;
    if (end === 'gap') {
      this.#makeAgain(sent, report.worker);
      return;
    }
    this.#over(sent);
    sent.end(end);
  }

  /** The job cannot be taken over: it is ended, and made anew. */
  #makeAgain(sent: SentAttempt, worker: string): void {
    this.#orders.makesAgain(worker, sent);
    this.#out.delete(sent.job);
    sent.isAdopted = false;
    sent.job = this.#ids.next(sent.attempt, sent.work);
    this.#out.set(sent.job, sent);
    void this.#launch(sent, this.#values.lendAgain(sent));
  }

  #over(sent: SentAttempt): void {
    this.#out.delete(sent.job);
    this.#jobOf.delete(sent.attempt);
    this.#values.giveBack(sent.args);
  }

  #cancelled(sent: SentAttempt): void {
    this.#fails(sent, new TaskCancelled(sent.attempt.id, sent.aborted?.reason));
  }

  #fails(sent: SentAttempt, error: unknown): void {
    if (!this.#out.has(sent.job)) return;
    this.#over(sent);
    sent.attempt.failed(error);
  }

  #abortSoon(sent: SentAttempt): void {
    this.#abort(sent).catch(() => undefined);
  }

  /** A job that no worker has is removed; a worker that has it is told. */
  async #abort(sent: SentAttempt): Promise<void> {
    // It is told again when it has been added.
    if (this.#line.has(sent)) return;
    if (sent.isLending) {
      this.#cancelled(sent);
      return;
    }
    // First, so that a slot which another abort frees does not take it.
    if (sent.worker === undefined && (await this.#queue.removeWaiting(sent.job))) {
      this.#cancelled(sent);
      return;
    }
    const worker = await this.#orders.workerOf(sent);
    if (worker !== undefined) this.#orders.abort(worker, sent);
  }

  #tellTaken(sent: SentAttempt): void {
    if (this.#out.has(sent.job)) this.#orders.taken(sent);
  }

  /** Looks after all attempts that are out, once in every beat. */
  async #look(): Promise<void> {
    this.#reader.trim();
    const looked = [...this.#out.values()].filter((sent) => sent.isInRedis && !this.#line.has(sent));
    const found = await this.#link.hashes(
      looked.map(({ job }) => this.#keys.job(job)),
      'timestamp',
      'pb',
    );
    for (const [index, sent] of looked.entries()) {
      const [madeAt, taker] = found[index] ?? [];
      if (this.#out.has(sent.job)) this.#judge(sent, madeAt !== undefined, taker);
    }
  }

  #judge(sent: SentAttempt, isMade: boolean, taker: string | undefined): void {
    if (sent.worker === undefined && taker !== undefined) {
      sent.worker = taker;
      this.#survey.heard(taker);
    }
    const { worker } = sent;
    if (worker !== undefined && !this.#survey.isAlive(worker)) {
      this.#lost(sent, worker);
      return;
    }
    const isKnown = isMade || this.#survey.isListed(sent.job, worker);
    if (isKnown === true) sent.missing = 0;
    else if (isKnown === false) sent.missing += 1;
    if (sent.missing >= MISSING_LOOKS) this.#vanished(sent);
    else if (sent.aborted !== undefined) this.#abortSoon(sent);
  }

  /** Redis has forgotten the job. What no worker has had is made again; of the rest it is not known what became of it. */
  #vanished(sent: SentAttempt): void {
    if (sent.aborted !== undefined) this.#cancelled(sent);
    else if (sent.worker !== undefined) this.#lost(sent, sent.worker);
    else {
      sent.missing = 0;
      sent.making += 1;
      void this.#launch(sent, this.#values.lendAgain(sent));
    }
  }

  #lost(sent: SentAttempt, worker: string): void {
    this.#over(sent);
    // Should it come back, it need not go on.
    sent.aborted ??= {
      reason: new SchedulerError('WorkerLost', `worker ${worker} was taken for dead`),
      graceMs: undefined,
    };
    this.#orders.abort(worker, sent);
    this.#queue.remove(sent.job).catch(() => undefined);
    sent.attempt.failed(new WorkerLost(sent.attempt.id, worker));
  }
}
