/** What is kept of a command in the folder, as plain data, and how a `CommandResult` is made of it again. */
import * as v from 'valibot';
import { CommandResult } from '../core/command-result.js';

/** Of the outputs of a command that failed so much is kept, each: the failure is read as a whole by everybody. */
const MOST_OF_FAILED = 256 * 1024;

/** @internal */
export const CommandRecord = v.object({
  exitCode: v.optional(v.number()),
  signal: v.optional(v.string()),
  /** In base 64, as is `stderr`. */
  stdout: v.string(),
  stderr: v.string(),
  truncated: v.boolean(),
});

/** @internal */
export type CommandRecord = v.InferOutput<typeof CommandRecord>;

/** All of it. @internal */
export function recordOfCommand(result: CommandResult): CommandRecord {
  const { exitCode, signal, stdoutBytes, stderrBytes, truncated } = result;
  return {
    ...(exitCode !== undefined && { exitCode }),
    ...(signal !== undefined && { signal }),
    stdout: Buffer.from(stdoutBytes).toString('base64'),
    stderr: Buffer.from(stderrBytes).toString('base64'),
    truncated,
  };
}

/** The first of its output and the last of its errors, as far as a failure has room for them. @internal */
export function recordOfFailedCommand({
  exitCode,
  signal,
  stdoutBytes,
  stderrBytes,
  truncated,
}: CommandResult): CommandRecord {
  const stdout = stdoutBytes.subarray(0, MOST_OF_FAILED);
  const stderr = stderrBytes.subarray(-MOST_OF_FAILED);
  const isCut = stdout.length < stdoutBytes.length || stderr.length < stderrBytes.length;
  return recordOfCommand(new CommandResult({ exitCode, signal, stdout, stderr, truncated: truncated || isCut }));
}

/** @internal */
export function commandResultOf({ exitCode, signal, stdout, stderr, truncated }: CommandRecord): CommandResult {
  return new CommandResult({
    exitCode,
    signal,
    stdout: Buffer.from(stdout, 'base64'),
    stderr: Buffer.from(stderr, 'base64'),
    truncated,
  });
}
