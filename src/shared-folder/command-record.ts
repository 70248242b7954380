/** The plain-data form of a `CommandResult` in the folder, and the conversion both ways. */
import * as v from 'valibot';
import { CommandResult } from '../core/command-result.js';

/** Maximum size of each output of a failed command, because every participant reads the whole failure. */
const MOST_OF_FAILED = 256 * 1024;

/** @internal */
export const CommandRecord = v.object({
  exitCode: v.optional(v.number()),
  signal: v.optional(v.string()),
  /** Base 64, like `stderr`. */
  stdout: v.string(),
  stderr: v.string(),
  truncated: v.boolean(),
});

/** @internal */
export type CommandRecord = v.InferOutput<typeof CommandRecord>;

/** The complete result. @internal */
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

/** The beginning of standard output and the end of standard error, cut to `MOST_OF_FAILED`. @internal */
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
