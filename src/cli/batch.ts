/**
 * Runs commands through the public API of the scheduler. Bound: the number of commands read ahead is limited, so memory does not grow
 * with the length of the input.
 *
 * Invariant: a command whose output has not been printed has no row in the joblog.
 */
import type { CommandOutputs } from '../core/command.js';
import type { CommandResult } from '../core/command-result.js';
import { processes } from '../executors/processes/executor.js';
import type { Handle } from '../runtime/tasks/handle.js';
import type { Queue } from '../runtime/queue.js';
import { Scheduler } from '../runtime/scheduler.js';
import { type CommandEnding, endingOf, exitCodeOf, notesOn } from './command-ending.js';
import type { CommandInput, CommandLine } from './command-lines.js';
import { SEQ_VARIABLE } from './command-template.js';
import { endAfterRunning, EndingSignals } from './ending-signals.js';
import type { ExecOptions } from './exec-options.js';
import { codeOfFailures, OTHER_ERROR } from './exit-codes.js';
import { Halt, type HaltRule } from './halt.js';
import type { Inspection } from './inspection.js';
import { annotated, JobOutput, type Output } from './job-output.js';
import { writeResults } from './job-results.js';
import { Joblog, skippedBy } from './joblog.js';
import type { ProgressView } from '../progress/progress-line.js';
import { messageOf } from '../core/user-value.js';
import type { Progress } from './progress.js';
import { say } from './say.js';
import { asItRan, isFolderLost, sharedIdOf, SharedLines } from './shared-lines.js';
import type { TraceFile } from './trace-file.js';
import { SlotNumbers, SpooledOutputs } from './spooled-output.js';

/** Extra lines read ahead with `--shared`, because other processes may have claimed the next ones. */
const SHARED_LOOKAHEAD = 1_000;
/** Extra lines read ahead with `--keep-order`: their outputs may wait for a slow command in front of them. */
const ORDERED_LOOKAHEAD = 64;

const HALTED = 'the batch was halted';

/** The commands of one run of `pullgraph exec`. @internal */
export class Batch {
  readonly #options: ExecOptions;
  readonly #input: CommandInput;
  readonly #scheduler = new Scheduler();
  readonly #queue: Queue;
  readonly #reading = new AbortController();
  readonly #signals: EndingSignals;
  readonly #output: JobOutput;
  readonly #slots = new SlotNumbers();
  readonly #shared: SharedLines | undefined;
  readonly #joblog: Joblog | undefined;
  readonly #isSkipped: (line: CommandLine) => boolean;
  readonly #progress: Progress | undefined;
  /** The commands that have not ended, by id, and the ids of those that have a slot. */
  readonly #unended = new Map<string, { readonly text: string; readonly handle: Handle<CommandResult> }>();
  readonly #running = new Set<string>();
  /** When the process of a command's last attempt started, in milliseconds since 1970. */
  readonly #startedMs = new Map<string, number>();
  /** How many commands are to be run, those that are skipped not among them; undefined until it is known. */
  #total: number | undefined;
  #skipped = 0;
  readonly #counts = { done: 0, failed: 0 };
  #submitted = 0;
  #unfinished = 0;
  #onFinished: (() => void) | undefined;
  readonly #halt: Halt;
  /** The exit code that has been decided before the end. */
  #code: number | undefined;

  constructor(options: ExecOptions, input: CommandInput, shownBy: typeof Progress | undefined, trace?: TraceFile) {
    const { jobs, joblog, selection, keepOrder, maxBytes, shared } = options;
    this.#options = options;
    this.#input = input;
    this.#halt = new Halt(options.halt, (rule) => this.#endEarly(rule));
    this.#isSkipped = skippedBy(joblog, selection);
    this.#joblog = joblog === undefined ? undefined : new Joblog(joblog, selection !== 'all');
    const queue = { concurrency: jobs, executor: processes({ maxBytes }) };
    if (shared !== undefined) {
      this.#shared = new SharedLines({ ...options, folder: shared, attempts: options.retries + 1 });
    }
    this.#queue = this.#scheduler.queue('commands', this.#shared?.over(queue) ?? queue);
    this.#output = new JobOutput(keepOrder);
    this.#progress = shownBy === undefined ? undefined : new shownBy((elapsedS) => this.#view(elapsedS));
    trace?.follow(this.#scheduler, (id) => this.#unended.get(id)?.text);
    this.#signals = new EndingSignals('exec', this.#scheduler, () => this.#startNoMore());
    this.#scheduler.on('task', ({ id, previous, state }) => {
      // Told before anything is started in place of the command that has ended.
      if (state === 'done' || state === 'failed') this.#halt.ended(id, state, this.#total);
      if (state === 'running') {
        this.#startedMs.delete(id);
        this.#running.add(id);
      } else if (previous === 'running') {
        this.#running.delete(id);
      }
      this.#progress?.changed();
    });
  }

  async run(inspection?: Inspection): Promise<number> {
    try {
      await inspection?.open(this.#scheduler);
      this.#scheduler.start();
      const counted = this.#count();
      if (this.#options.halt?.isPercentage === true) await counted;
      await this.#submitAll();
    } catch (error) {
      // What has been read until then is run.
      this.#fail(error);
    }
    while (this.#unfinished > 0) await this.#nextFinish();
    await this.#reduce();
    await endAfterRunning(this.#scheduler);
    if (this.#shared?.tellUnpublished() === true) this.#code = OTHER_ERROR;
    this.#signals.close();
    this.#progress?.stop();
    this.#joblog?.close();
    await inspection?.end(this.#signals.isEnding);
    return this.#signals.exitCode ?? this.#code ?? codeOfFailures(this.#counts.failed);
  }

  async #submitAll(): Promise<void> {
    const { jobs, keepOrder } = this.#options;
    // One in reserve for each slot, so that no slot waits for input.
    const lookahead = (keepOrder ? ORDERED_LOOKAHEAD : 0) + (this.#shared === undefined ? 0 : SHARED_LOOKAHEAD);
    const most = 2 * jobs + lookahead;
    for await (const line of this.#input.lines(this.#reading.signal)) {
      if (this.#isSkipped(line)) {
        this.#skipped += 1;
        if (this.#total !== undefined) this.#total -= 1;
        continue;
      }
      while (this.#unfinished >= most) await this.#nextFinish();
      if (this.#reading.signal.aborted) return;
      this.#shared?.add(line);
      const place = this.#submitted;
      this.#submitted += 1;
      this.#unfinished += 1;
      void this.#run(line, place)
        // What begins from now on could not be recorded either.
        .catch((error: unknown) => this.#fail(error, 'no more is started'))
        .finally(() => {
          this.#unfinished -= 1;
          this.#onFinished?.();
        });
    }
    if (!this.#reading.signal.aborted) this.#total = this.#submitted;
  }

  /** Runs a command to its end, prints its output and records it. */
  async #run(line: CommandLine, place: number): Promise<void> {
    const { maxBytes, timeoutMs } = this.#options;
    const id = this.#idOf(line);
    const begin = (): void => void this.#startedMs.set(id, Date.now());
    // A shared line has its output in its result, which is what the others get.
    const outputs =
      this.#shared === undefined ? new SpooledOutputs(maxBytes, this.#slots, timeoutMs, begin) : undefined;
    const handle = this.#submit(line, outputs ?? { timeoutMs, begin });
    this.#unended.set(id, { text: line.text, handle });
    const outcome = asItRan(await handle.settled());
    await outputs?.ended();
    this.#unended.delete(id);
    const isLost = isFolderLost(outcome);
    if (isLost) this.#fail('the shared folder has not come back', 'no more is started');
    try {
      const ending = isLost ? undefined : endingOf(outcome);
      if (ending === undefined) await this.#output.print(place);
      else await this.#finish(line, place, ending, outputs);
    } finally {
      outputs?.clear();
    }
  }

  #submit(line: CommandLine, outputs: CommandOutputs): Handle<CommandResult> {
    const { retries, shell } = this.#options;
    const options = {
      id: this.#idOf(line),
      // By default the newest task would start first.
      priority: -line.seq,
      // Shared lines share their attempts too: the folder counts them.
      ...(retries === 0 || this.#shared !== undefined ? {} : { retry: { attempts: retries + 1 } }),
    };
    const how = { env: { [SEQ_VARIABLE]: line.seq }, _outputs: outputs };
    return shell === undefined
      ? this.#queue.run(options, line.text, [], { ...how, shell: true })
      : this.#queue.run(options, shell, ['-c', line.text], how);
  }

  async #finish(
    line: CommandLine,
    place: number,
    ending: CommandEnding,
    outputs: SpooledOutputs | undefined,
  ): Promise<void> {
    const endedMs = Date.now();
    const startedMs = this.#startedMs.get(this.#idOf(line)) ?? endedMs;
    this.#startedMs.delete(this.#idOf(line));
    const { exitCode, signal, result } = ending;
    const isDone = exitCode === 0 && signal === 0;
    if (isDone) this.#counts.done += 1;
    else this.#counts.failed += 1;
    this.#progress?.changed();
    const rule = this.#halt.reachedBy(this.#idOf(line));
    if (rule !== undefined) this.#tellHalt(rule, line, ending, isDone);
    const own: Output = {
      stdout: outputs?.stdout ?? [result?.stdoutBytes ?? new Uint8Array()],
      stderr: outputs?.stderr ?? [result?.stderrBytes ?? new Uint8Array()],
    };
    await this.#output.print(place, this.#printed(line, ending, own));
    // Printed first: with --keep-order the outputs behind this one wait for it.
    if (this.#options.results !== undefined) writeResults(this.#options.results, line, own);
    const runtimeMs = endedMs - startedMs;
    const receivedBytes = outputs?.stdout.length ?? result?.stdoutBytes.length ?? 0;
    this.#joblog?.add({ seq: line.seq, text: line.text, startedMs, runtimeMs, receivedBytes, exitCode, signal });
  }

  /** What is printed of an output, with what is to be said about its command. */
  #printed(line: CommandLine, ending: CommandEnding, own: Output): Output {
    const tag = this.#options.tag ? line.values.join(' ') : undefined;
    const output = annotated(own, tag, notesOn(`line ${line.seq}`, ending));
    if (this.#shared?.reduction === undefined) return output;
    // Only the reduction's output is printed.
    this.#shared.keep(line.seq, own.stdout);
    return { stdout: [], stderr: output.stderr };
  }

  #endEarly({ when }: HaltRule): void {
    this.#startNoMore();
    queueMicrotask(() => {
      void (when === 'now' ? this.#scheduler.terminate(HALTED) : endAfterRunning(this.#scheduler));
    });
  }

  #tellHalt({ when, what, text }: HaltRule, line: CommandLine, ending: CommandEnding, isDone: boolean): void {
    if (what === 'fail') this.#code ??= exitCodeOf(ending);
    else if (what === 'success') this.#code ??= 0;
    const consequence = when === 'now' ? 'what runs is ended' : 'no more is started';
    say('exec', `line ${line.seq} ${isDone ? 'succeeded' : 'failed'}: ${consequence} (--halt ${text})`);
  }

  /** Stops reading, and calls off every command of which no process has started. */
  #startNoMore(): void {
    this.#reading.abort();
    for (const [id, { handle }] of this.#unended) {
      if (!this.#startedMs.has(id)) handle.cancel(HALTED);
    }
  }

  /** Reduces the outputs when all commands have succeeded; the first process to claim the reduction runs it. */
  async #reduce(): Promise<void> {
    const command = this.#shared?.reduction;
    if (this.#shared === undefined || command === undefined || this.#signals.isEnding || this.#code !== undefined)
      return;
    if (this.#counts.failed > 0) {
      say('exec', `nothing is reduced: ${this.#counts.failed} of the commands failed`);
      return;
    }
    const outcome = await this.#shared.reduce(this.#queue, command, this.#options.timeoutMs).settled();
    const ending = endingOf(outcome);
    if (ending === undefined) return;
    if (outcome.status !== 'done') this.#counts.failed += 1;
    const { stdoutBytes = new Uint8Array(), stderrBytes = new Uint8Array() } = ending.result ?? {};
    const stderr = [stderrBytes, notesOn('the reduction', ending)];
    await this.#output.print(this.#submitted, { stdout: [stdoutBytes], stderr });
  }

  #idOf(line: CommandLine): string {
    return this.#shared === undefined ? `line ${line.seq}` : sharedIdOf(line);
  }

  /** Stops reading. What has been read is run, or, where a consequence is given, only what runs already. */
  #fail(error: unknown, consequence?: string): void {
    if (this.#code === OTHER_ERROR) return;
    this.#code = OTHER_ERROR;
    say('exec', `${messageOf(error)}${consequence === undefined ? '' : `: ${consequence}`}`);
    this.#reading.abort();
    if (consequence === undefined) return;
    this.#startNoMore();
    void endAfterRunning(this.#scheduler);
  }

  #nextFinish(): Promise<void> {
    return new Promise((resolve) => (this.#onFinished = resolve));
  }

  #view(elapsedS: number): ProgressView {
    const names = [...this.#running].map((id) => this.#unended.get(id)?.text ?? id);
    const { done, failed } = this.#counts;
    const [settled, running] = [done + failed, names.length];
    return { settled, total: this.#total, failed, cancelled: 0, running, names, elapsedS };
  }

  /** Counts what there is to do, if that is shown or matters. What is read is counted anyway. */
  async #count(): Promise<void> {
    if (this.#progress === undefined && this.#options.halt?.isPercentage !== true) return;
    const total = await this.#input.count();
    if (total !== undefined) this.#total ??= total - this.#skipped;
  }
}
