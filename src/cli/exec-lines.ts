/**
 * Runs the lines of a file as commands, on the scheduler as anyone uses it. Only so many lines are read ahead of those
 * that have ended that an input of any length takes no more memory than a short one.
 */
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import type { CommandResult } from '../core/command-result.js';
import { CommandFailed, describe, SchedulerError, TaskTimedOut } from '../core/failures.js';
import type { Outcome } from '../core/outcome.js';
import { processes } from '../executors/processes/executor.js';
import type { Handle } from '../runtime/tasks/handle.js';
import type { Queue } from '../runtime/queue.js';
import { Scheduler } from '../runtime/scheduler.js';
import { type CommandLine, commandLines, openInput } from './command-lines.js';
import { EndingSignals } from './ending-signals.js';
import { codeOfFailures } from './exit-codes.js';
import { JobOutput } from './job-output.js';
import { doneIn, Joblog } from './joblog.js';
import { Progress } from './progress.js';
import { say } from './say.js';
import { errorWhereItRan, sharedIdOf, SharedLines } from './shared-lines.js';

/** What the command line says. @internal */
export interface ExecOptions {
  readonly file: string;
  readonly jobs: number;
  readonly timeoutMs: number | undefined;
  readonly retries: number;
  readonly joblog: string | undefined;
  readonly resume: boolean;
  readonly keepOrder: boolean;
  readonly maxBytes: number;
  readonly progress: boolean;
  /** The folder over which the lines are shared with others. */
  readonly shared: string | undefined;
  readonly reduce: string | undefined;
  readonly expireMs: number;
}

/** So many more lines may be claimed by others while this one goes on. */
const MORE_TO_SHARE = 1_000;

/** With an order to keep, so many more outputs may wait for one that is slow. */
const MORE_TO_KEEP_ORDER = 64;

/** What came of a command, as the joblog has it. */
interface Ending {
  readonly exitCode: number;
  readonly signal: number;
  readonly result?: CommandResult;
  /** What the command itself cannot have said. */
  readonly note?: string;
}

/** Resolves with the exit code. Rejects where a file cannot be read or written; what ran has ended by then. @internal */
export async function execLines(options: ExecOptions): Promise<number> {
  // Before anything is begun: a joblog is not emptied for a file that is not there.
  const input = await openInput(options.file);
  try {
    const batch = new Batch(options, input);
    return await batch.run();
  } finally {
    input.destroy();
  }
}

class Batch {
  readonly #options: ExecOptions;
  readonly #input: Readable;
  readonly #scheduler = new Scheduler();
  readonly #queue: Queue;
  readonly #reading = new AbortController();
  readonly #signals: EndingSignals;
  readonly #output: JobOutput;
  readonly #shared: SharedLines | undefined;
  readonly #joblog: Joblog | undefined;
  readonly #done: ReadonlyMap<number, string>;
  readonly #progress: Progress | undefined;
  readonly #startedMs = new Map<string, number>();
  readonly #counts = { running: 0, done: 0, failed: 0 };
  /** Outputs of which not all was kept. */
  #cut = 0;
  #submitted = 0;
  #unfinished = 0;
  #onFinished: (() => void) | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: ExecOptions, input: Readable) {
    const { jobs, joblog, resume, keepOrder, maxBytes, progress, shared } = options;
    this.#options = options;
    this.#input = input;
    this.#done = joblog !== undefined && resume ? doneIn(joblog) : new Map<number, string>();
    this.#joblog = joblog === undefined ? undefined : new Joblog(joblog, resume);
    const queue = { concurrency: jobs, executor: processes({ maxBytes }) };
    if (shared !== undefined) {
      this.#shared = new SharedLines({ ...options, folder: shared, attempts: options.retries + 1 });
    }
    this.#queue = this.#scheduler.queue('commands', this.#shared?.over(queue) ?? queue);
    this.#output = new JobOutput(keepOrder);
    this.#progress = progress ? new Progress(true) : undefined;
    this.#signals = new EndingSignals('exec', this.#scheduler, () => this.#reading.abort());
    this.#scheduler.on('task', ({ id, previous, state }) => {
      if (state === 'running') {
        this.#startedMs.set(id, Date.now());
        this.#counts.running += 1;
      } else if (previous === 'running') {
        this.#counts.running -= 1;
      }
      this.#show();
    });
  }

  async run(): Promise<number> {
    // For good: what is said at the end may find nobody either, and without a listener the exit code would be another.
    for (const stream of [process.stdout, process.stderr]) {
      stream.on('error', () => this.#fail(new Error('nobody reads what is printed')));
    }
    try {
      this.#scheduler.start();
      await this.#submitAll();
    } catch (error) {
      this.#fail(error);
    }
    while (this.#unfinished > 0) await this.#nextFinish();
    await this.#reduce();
    await this.#scheduler.close();
    this.#signals.close();
    this.#progress?.stop();
    this.#joblog?.close();
    if (this.#failure !== undefined) throw this.#failure.error;
    return this.#signals.exitCode ?? codeOfFailures(this.#counts.failed);
  }

  async #submitAll(): Promise<void> {
    const { jobs, keepOrder } = this.#options;
    // One in reserve for each slot, so that none waits for a line to be read.
    const more = (keepOrder ? MORE_TO_KEEP_ORDER : 0) + (this.#shared === undefined ? 0 : MORE_TO_SHARE);
    const most = 2 * jobs + more;
    for await (const line of commandLines(this.#input, this.#reading.signal)) {
      if (this.#done.get(line.seq) === line.text) continue;
      while (this.#unfinished >= most) await this.#nextFinish();
      if (this.#reading.signal.aborted) return;
      this.#submit(line);
    }
  }

  #submit(line: CommandLine): void {
    const { timeoutMs, retries } = this.#options;
    this.#shared?.add(line);
    const handle = this.#queue.run(
      {
        id: this.#idOf(line),
        // Without it the line that was read last would come first.
        priority: -line.seq,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        // Those who share the lines share the attempts, too.
        ...(retries === 0 || this.#shared !== undefined ? {} : { retry: { attempts: retries + 1 } }),
      },
      line.text,
      [],
      { shell: true },
    );
    const place = this.#submitted;
    this.#submitted += 1;
    this.#unfinished += 1;
    void this.#finish(line, place, handle)
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#unfinished -= 1;
        this.#onFinished?.();
      });
  }

  async #finish(line: CommandLine, place: number, handle: Handle<CommandResult>): Promise<void> {
    const outcome = await handle.settled();
    const endedMs = Date.now();
    const startedMs = this.#startedMs.get(this.#idOf(line)) ?? endedMs;
    this.#startedMs.delete(this.#idOf(line));
    const ending = endingOf(outcome);
    if (ending === undefined) {
      await this.#output.print(place);
      return;
    }
    const { exitCode, signal, result } = ending;
    if (outcome.status === 'done') this.#counts.done += 1;
    else this.#counts.failed += 1;
    this.#show();
    const { stdoutBytes: stdout = new Uint8Array() } = result ?? {};
    this.#shared?.keep(place, stdout);
    if (result?.truncated === true) this.#cut += 1;
    // What is going to be reduced is not printed.
    const printed = this.#shared?.reduction === undefined ? stdout : new Uint8Array();
    await this.#output.print(place, { stdout: printed, stderr: stderrOf(`line ${line.seq}`, ending) });
    const runtimeMs = endedMs - startedMs;
    this.#joblog?.add({ ...line, startedMs, runtimeMs, receivedBytes: stdout.length, exitCode, signal });
  }

  /** Has all outputs reduced by whoever is first, when all are there. */
  async #reduce(): Promise<void> {
    const command = this.#shared?.reduction;
    if (this.#shared === undefined || command === undefined || this.#signals.isEnding || this.#failure !== undefined)
      return;
    if (this.#counts.failed > 0) {
      say('exec', `nothing is reduced: ${this.#counts.failed} of the commands failed`);
      return;
    }
    if (this.#cut > 0) {
      // Half of an output, taken for the whole, would be a mistake that nobody notices.
      say('exec', `nothing is reduced: ${this.#cut} of the outputs were cut (--max-output)`);
      this.#counts.failed += 1;
      return;
    }
    const outcome = await this.#shared.reduce(this.#queue, command, this.#options.timeoutMs).settled();
    const ending = endingOf(outcome);
    if (ending === undefined) return;
    if (outcome.status !== 'done') this.#counts.failed += 1;
    const stdout = ending.result?.stdoutBytes ?? new Uint8Array();
    await this.#output.print(this.#submitted, { stdout, stderr: stderrOf('the reduction', ending) });
  }

  #idOf(line: CommandLine): string {
    return this.#shared === undefined ? `line ${line.seq}` : sharedIdOf(line);
  }

  /** Nothing more is started, and what runs is ended. */
  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    this.#reading.abort();
    void this.#scheduler.terminate('the batch has failed');
  }

  #nextFinish(): Promise<void> {
    return new Promise((resolve) => {
      this.#onFinished = resolve;
    });
  }

  #show(): void {
    this.#progress?.show(this.#counts, this.#submitted);
  }
}

/** What the command has printed on its standard error, and what there is to say of it. */
function stderrOf(what: string, { result, note }: Ending): Uint8Array {
  const notes = [note, result?.truncated === true ? 'printed more than is kept (--max-output)' : undefined]
    .filter((each) => each !== undefined)
    .map((each) => `pullgraph exec: ${what}: ${each}\n`);
  return Buffer.concat([result?.stderrBytes ?? new Uint8Array(), Buffer.from(notes.join(''))]);
}

/** Undefined for a command that was not let come to its end, or not begun. */
function endingOf(outcome: Outcome<CommandResult>): Ending | undefined {
  switch (outcome.status) {
    case 'done':
      return { exitCode: 0, signal: 0, result: outcome.result };
    case 'cancelled':
      return undefined;
    case 'failed': {
      const error = errorWhereItRan(outcome.error);
      if (error instanceof TaskTimedOut) return { exitCode: -1, signal: 0, note: 'its time was over' };
      // Others have it, and it is waited for no longer.
      if (error instanceof SchedulerError && error.code === 'ClaimedElsewhere') return undefined;
      if (!(error instanceof CommandFailed)) return { exitCode: -1, signal: 0, note: describe(error) };
      const { exitCode, signal, result } = error;
      if (exitCode !== undefined) return { exitCode, signal: 0, result };
      if (signal !== undefined) return { exitCode: 0, signal: numberOf(signal), result };
      return { exitCode: 127, signal: 0, result, note: error.message };
    }
    default:
      return outcome satisfies never;
  }
}

function numberOf(signal: string): number {
  return Object.entries(constants.signals).find(([name]) => name === signal)?.[1] ?? -1;
}
