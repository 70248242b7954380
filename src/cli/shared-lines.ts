/** The `--shared` part of `pullgraph exec`: the ids of lines in the folder, and the command that reduces all outputs. */
import { createHash } from 'node:crypto';
import { CommandFailed, SchedulerError } from '../core/failures.js';
import type { CommandResult } from '../core/command-result.js';
import type { Handle } from '../runtime/tasks/handle.js';
import type { Queue } from '../runtime/queue.js';
import type { QueueOptions } from '../runtime/scheduler-options.js';
import { sharedFolder, type SharedFolder } from '../shared-folder/shared-folder.js';
import type { CommandLine } from './command-lines.js';

/** @internal */
export interface SharedOptions {
  readonly folder: string;
  /** The command that receives all outputs. */
  readonly reduce: string | undefined;
  /** How long another process may be silent before its lines are taken over. */
  readonly expireMs: number;
  /** How many times a line is run, over all processes. */
  readonly attempts: number;
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
  constructor({ folder, reduce, expireMs, attempts, maxBytes }: SharedOptions) {
    this.reduction = reduce;
    this.#folder = sharedFolder(folder, {
      attempts,
      expireMs,
      beatMs: Math.max(1, Math.floor(expireMs / BEATS)),
      maxBytes: maxRecordBytes(maxBytes),
    });
  }

  /** See `SharedFolder.over`. */
  over(options: QueueOptions): QueueOptions {
    return this.#folder.over(options);
  }

  /** Adds the line to the id of the reduction. */
  add({ seq, text }: CommandLine): void {
    this.#lines.update(`${seq} ${text}\n`);
  }

  /** Keeps the output of the line at `place` for the reduction, if there is one. */
  keep(place: number, stdout: Uint8Array): void {
    if (this.reduction !== undefined) this.#outputs[place] = stdout;
  }

  /** Submits the reduction, under an id that every process with the same lines computes. Call when all lines are done. */
  reduce(queue: Queue, command: string, timeoutMs: number | undefined): Handle<CommandResult> {
    const id = `reduction of ${this.#lines.digest('hex')} by ${command}`;
    const stdin = Buffer.concat(this.#outputs);
    return queue.run({ id, ...(timeoutMs !== undefined && { timeoutMs }) }, command, [], { shell: true, stdin });
  }
}

/** The id of a line in the folder: the same number and text is the same work. @internal */
export function sharedIdOf({ seq, text }: CommandLine): string {
  return `line ${seq}: ${text}`;
}

/** The error as it was in the process that ran the task. @internal */
export function errorWhereItRan(error: unknown): unknown {
  const isFromElsewhere = error instanceof SchedulerError && error.code === 'SharedTaskFailed';
  return isFromElsewhere && error.cause instanceof CommandFailed ? error.cause : error;
}
