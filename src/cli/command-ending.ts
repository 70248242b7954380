/** How a command ended, in terms of the joblog: exit code, signal, and a note where the command could not speak for itself. */
import { constants } from 'node:os';
import type { CommandResult } from '../core/command-result.js';
import { CommandFailed, describe, SchedulerError, TaskTimedOut } from '../core/failures.js';
import type { Outcome } from '../core/outcome.js';
import { errorWhereItRan } from './shared-lines.js';

/** @internal */
export interface CommandEnding {
  readonly exitCode: number;
  readonly signal: number;
  readonly result?: CommandResult;
  /** A line for standard error that the command cannot have printed itself. */
  readonly note?: string;
}

/** Undefined for a command that never started or was cancelled. @internal */
export function endingOf(outcome: Outcome<CommandResult>): CommandEnding | undefined {
  switch (outcome.status) {
    case 'done':
      return { exitCode: 0, signal: 0, result: outcome.result };
    case 'cancelled':
      return undefined;
    case 'failed': {
      const error = errorWhereItRan(outcome.error);
      // Another process runs the line, and this one has stopped waiting for it.
      if (error instanceof SchedulerError && error.code === 'ClaimedElsewhere') return undefined;
      if (!(error instanceof CommandFailed)) return { exitCode: -1, signal: 0, note: describe(error) };
      const { exitCode, signal, result, cause } = error;
      if (cause instanceof TaskTimedOut) return { exitCode: -1, signal: 0, result, note: 'timed out' };
      if (exitCode !== undefined) return { exitCode, signal: 0, result };
      if (signal !== undefined) return { exitCode: 0, signal: numberOf(signal), result };
      return { exitCode: 127, signal: 0, result, note: error.message };
    }
  }
}

/** What is to be said on standard error about the command `name`, after its own output. @internal */
export function notesOn(name: string, { result, note }: CommandEnding): Uint8Array {
  const notes = [note, result?.truncated === true ? 'output cut: of a failed command 256 KiB are shared' : undefined]
    .filter((each) => each !== undefined)
    .map((each) => `pullgraph exec: ${name}: ${each}\n`);
  return Buffer.from(notes.join(''));
}

/** The exit code for a batch that the command has ended. @internal */
export function exitCodeOf({ exitCode, signal }: CommandEnding): number {
  if (signal > 0) return 128 + signal;
  return exitCode > 0 ? exitCode : 1;
}

function numberOf(signal: string): number {
  return Object.entries(constants.signals).find(([name]) => name === signal)?.[1] ?? -1;
}
