/**
 * The part of `pullgraph exec` that is about others who run the same lines: what a line is called in the folder, and the one
 * command that all outputs are given to in the end.
 */
import { createHash } from 'node:crypto';
import { CommandFailed, SchedulerError } from '../core/failures.js';
import type { CommandResult } from '../core/command-result.js';
import type { Handle } from '../runtime/tasks/handle.js';
import type { Queue } from '../runtime/queue.js';
import type { QueueOptions } from '../runtime/scheduler-options.js';
import { sharedFolder, type SharedFolder } from '../shared-folder/shared-folder.js';
import type { CommandLine } from './command-lines.js';

/** What the command line says of it. @internal */
export interface SharedOptions {
  readonly folder: string;
  /** The command that is given all outputs. */
  readonly reduce: string | undefined;
  /** How long others may be silent. */
  readonly expireMs: number;
  /** How many times a line is run, wherever it fails. */
  readonly attempts: number;
  /** Most bytes of an output. */
  readonly maxBytes: number;
}

/** So many signs of life in the time in which one is expected. */
const BEATS = 6;

/** Base 64 of standard output and standard error, and what else there is to say of a command. */
const mostBytesOfResult = (maxBytes: number): number => Math.min(2 ** 30, Math.ceil((2 * maxBytes * 4) / 3) + 4_096);

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
      maxBytes: mostBytesOfResult(maxBytes),
    });
  }

  /** See `SharedFolder.over`. */
  over(options: QueueOptions): QueueOptions {
    return this.#folder.over(options);
  }

  /** Notes the line as one that is to be reduced. */
  add({ seq, text }: CommandLine): void {
    this.#lines.update(`${seq} ${text}\n`);
  }

  /** Keeps the output of the line that is number `place` of all. Nothing is kept where nothing is reduced. */
  keep(place: number, stdout: Uint8Array): void {
    if (this.reduction !== undefined) this.#outputs[place] = stdout;
  }

  /** Submits the reduction, under a name that those have who have the same lines. To be called when all are done. */
  reduce(queue: Queue, command: string, timeoutMs: number | undefined): Handle<CommandResult> {
    const id = `reduction of ${this.#lines.digest('hex')} by ${command}`;
    const stdin = Buffer.concat(this.#outputs);
    return queue.run({ id, ...(timeoutMs !== undefined && { timeoutMs }) }, command, [], { shell: true, stdin });
  }
}

/** What a line is called in the folder: the same number and text is the same work. @internal */
export function sharedIdOf({ seq, text }: CommandLine): string {
  return `line ${seq}: ${text}`;
}

/** The error as it was where the task ran. @internal */
export function errorWhereItRan(error: unknown): unknown {
  const isFromElsewhere = error instanceof SchedulerError && error.code === 'SharedTaskFailed';
  return isFromElsewhere && error.cause instanceof CommandFailed ? error.cause : error;
}
