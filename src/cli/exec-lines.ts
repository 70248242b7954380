/**
 * Runs the lines of a file as commands, through the public API of the scheduler. Bound: the number of lines read ahead is
 * limited, so memory does not grow with the length of the input.
 */
import type { Readable } from 'node:stream';
import type { CommandResult } from '../core/command-result.js';
import { processes } from '../executors/processes/executor.js';
import type { Handle } from '../runtime/tasks/handle.js';
import type { Queue } from '../runtime/queue.js';
import { Scheduler } from '../runtime/scheduler.js';
import { endingOf, stderrOf } from './command-ending.js';
import { type CommandLine, commandLines, openInput } from './command-lines.js';
import { EndingSignals } from './ending-signals.js';
import { codeOfFailures } from './exit-codes.js';
import { JobOutput } from './job-output.js';
import { doneIn, Joblog } from './joblog.js';
import type { Progress } from './progress.js';
import { say } from './say.js';
import { sharedIdOf, SharedLines } from './shared-lines.js';

/** The options of the command line. @internal */
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
  /** The folder through which several processes share the lines. */
  readonly shared: string | undefined;
  readonly reduce: string | undefined;
  readonly expireMs: number;
}

/** Extra lines read ahead with `--shared`, because other processes may have claimed the next ones. */
const SHARED_LOOKAHEAD = 1_000;

/** Extra lines read ahead with `--keep-order`: their outputs may wait for a slow command in front of them. */
const ORDERED_LOOKAHEAD = 64;

/** Resolves with the exit code. Rejects if a file cannot be read or written, after all running commands have ended. @internal */
export async function execLines(options: ExecOptions): Promise<number> {
  // First of all, so that a missing input file does not empty the joblog.
  const input = await openInput(options.file);
  try {
    const startProgress = options.progress ? await progressStarter() : undefined;
    const batch = new Batch(options, input, startProgress);
    return await batch.run();
  } finally {
    input.destroy();
  }
}

/** Loads the progress bar, which most runs do not show. */
async function progressStarter(): Promise<() => Progress> {
  const progress = await import('./progress.js');
  return () => new progress.Progress(true);
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
  /** Number of truncated outputs. */
  #truncated = 0;
  #submitted = 0;
  #unfinished = 0;
  #onFinished: (() => void) | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: ExecOptions, input: Readable, startProgress: (() => Progress) | undefined) {
    const { jobs, joblog, resume, keepOrder, maxBytes, shared } = options;
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
    this.#progress = startProgress?.();
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
    // Never removed: the last messages may fail too, and without a listener the process would exit with another code.
    process.stdout.on('error', () => this.#fail(new Error('stdout was closed')));
    process.stderr.on('error', () => this.#fail(new Error('stderr was closed')));
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
    // One in reserve for each slot, so that no slot waits for input.
    const lookahead = (keepOrder ? ORDERED_LOOKAHEAD : 0) + (this.#shared === undefined ? 0 : SHARED_LOOKAHEAD);
    const most = 2 * jobs + lookahead;
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
        // By default the newest task would start first.
        priority: -line.seq,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        // Shared lines share their attempts too: the folder counts them.
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
    if (result?.truncated === true) this.#truncated += 1;
    // With --reduce, only the reduction's output is printed.
    const printed = this.#shared?.reduction === undefined ? stdout : new Uint8Array();
    await this.#output.print(place, { stdout: printed, stderr: stderrOf(`line ${line.seq}`, ending) });
    const runtimeMs = endedMs - startedMs;
    this.#joblog?.add({ ...line, startedMs, runtimeMs, receivedBytes: stdout.length, exitCode, signal });
  }

  /** Reduces the outputs when all commands have succeeded; the first process to claim the reduction runs it. */
  async #reduce(): Promise<void> {
    const command = this.#shared?.reduction;
    if (this.#shared === undefined || command === undefined || this.#signals.isEnding || this.#failure !== undefined)
      return;
    if (this.#counts.failed > 0) {
      say('exec', `nothing is reduced: ${this.#counts.failed} of the commands failed`);
      return;
    }
    if (this.#truncated > 0) {
      // A reduction of truncated outputs would be wrong without a sign of it.
      say('exec', `nothing is reduced: ${this.#truncated} of the outputs were cut (--max-output)`);
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

  /** Stops reading and ends all running commands. */
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
