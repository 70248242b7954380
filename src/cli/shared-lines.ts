/** The `--shared` part of `pullgraph exec`: the ids of lines in the folder, and the command that reduces all outputs. */
import { createHash } from 'node:crypto';
import { CommandFailed, SchedulerError } from '../core/failures.js';
import { CommandResult } from '../core/command-result.js';
import type { Handle } from '../runtime/tasks/handle.js';
import type { Queue } from '../runtime/queue.js';
import type { QueueOptions } from '../runtime/scheduler-options.js';
import { type Codec, jsonCodec } from '../shared-folder/codec.js';
import { isUnavailable } from '../shared-folder/folder-retry.js';
import { unpublishedEnd } from '../shared-folder/unpublished.js';
import { sharedFolder, type SharedFolder } from '../shared-folder/shared-folder.js';
import type { Outcome } from '../core/outcome.js';
import type { CommandLine } from './command-lines.js';
import { say } from './say.js';

/** @internal */
export interface SharedOptions {
  readonly folder: string;
  /** The command that receives all outputs. */
  readonly reduce: string | undefined;
  /** How long another process may be silent before its lines are taken over. */
  readonly expireMs: number;
  /** How many times a line is run, over all processes. */
  readonly attempts: number;
  /** Whether lines run again that have failed before. */
  readonly retryFailed: boolean;
  /** Maximum size of an output, in bytes. */
  readonly maxBytes: number;
}

/** Heartbeats per expiry time. */
const BEATS = 6;

/** Standard output and standard error in base 64, plus the rest of the record. */
const maxRecordBytes = (maxBytes: number): number => Math.min(2 ** 30, Math.ceil((2 * maxBytes * 4) / 3) + 4_096);

/** @internal */
export class SharedLines {
  readonly reduction: string | undefined;
  readonly #folder: SharedFolder;
  readonly #lines = createHash('sha256');
  readonly #outputs: Uint8Array[] = [];

  /** @throws SchedulerError `FolderUnavailable`. */
  constructor({ folder, reduce, expireMs, attempts, retryFailed, maxBytes }: SharedOptions) {
    this.reduction = reduce;
    this.#folder = sharedFolder(folder, {
      attempts,
      retryFailed,
      expireMs,
      beatMs: Math.max(1, Math.floor(expireMs / BEATS)),
      maxBytes: maxRecordBytes(maxBytes),
      codec: wholeOutputs(maxBytes),
      onOutage: (error) =>
        say('exec', error === undefined ? 'the shared folder is back' : `${error.message}: waiting for it`),
    });
  }

  /** See `SharedFolder.over`. */
  over(options: QueueOptions): QueueOptions {
    return this.#folder.over(options);
  }

  /** Says how many results the folder does not have, if it is not all. Returns whether it has said anything. */
  tellUnpublished(): boolean {
    const { length } = this.#folder.unpublished;
    if (length > 0)
      say('exec', `the shared folder lacks the results of ${length} lines: started again, they run again`);
    return length > 0;
  }

  /** Adds the line to the id of the reduction. */
  add({ seq, text }: CommandLine): void {
    this.#lines.update(`${seq} ${text}\n`);
  }

  /** Keeps the output of a line for the reduction. */
  keep(seq: number, stdout: Iterable<Uint8Array>): void {
    this.#outputs[seq - 1] = Buffer.concat([...stdout]);
  }

  /** Submits the reduction, under an id that every process with the same lines computes. Call when all lines are done. */
  reduce(queue: Queue, command: string, timeoutMs: number | undefined): Handle<CommandResult> {
    const id = `reduction of ${this.#lines.digest('hex')} by ${command}`;
    const stdin = Buffer.concat(this.#outputs);
    return queue.run({ id }, command, [], { shell: true, stdin, _outputs: { timeoutMs, begin: () => undefined } });
  }
}

/** Refuses an output of which a part is missing: a line is never done with half of its output. */
function wholeOutputs(maxBytes: number): Codec {
  return {
    ...jsonCodec,
    encode: (value) => {
      if (!(value instanceof CommandResult) || !value.truncated) return jsonCodec.encode(value);
      const message = `it printed more than ${maxBytes} bytes, the most that is shared: raise --max-output`;
      throw new SchedulerError('NotStorable', message);
    },
  };
}

/** The id of a line in the folder: the same number and text is the same work. @internal */
export function sharedIdOf({ seq, text }: Pick<CommandLine, 'seq' | 'text'>): string {
  return `line ${seq}: ${text}`;
}

/** The outcome of a line that has run here, whether or not the folder has its result. @internal */
export function asItRan(outcome: Outcome<CommandResult>): Outcome<CommandResult> {
  const own = outcome.status === 'failed' ? unpublishedEnd(outcome.error) : undefined;
  if (own === undefined) return outcome;
  if (own.kind === 'failed') return { status: 'failed', error: own.error };
  return own.value instanceof CommandResult ? { status: 'done', result: own.value } : outcome;
}

/** Whether a line has not run because the folder could not be used. @internal */
export function isFolderLost(outcome: Outcome<CommandResult>): boolean {
  return outcome.status === 'failed' && isUnavailable(outcome.error);
}

/** The error as it was in the process that ran the task. @internal */
export function errorWhereItRan(error: unknown): unknown {
  const isFromElsewhere = error instanceof SchedulerError && error.code === 'SharedTaskFailed';
  return isFromElsewhere && error.cause instanceof CommandFailed ? error.cause : error;
}
