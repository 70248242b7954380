/** The result of a command. The output is kept as bytes, and decoded only when it is read as text. */

/**
 * The pieces of a `CommandResult`.
 *
 * @internal
 */
export interface CommandEnding {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly truncated: boolean;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * How a command ended, and the captured part of its output.
 *
 * @public
 */
export class CommandResult {
  /** Undefined if a signal ended the command, or if it could not be started. */
  readonly exitCode: number | undefined;
  /** Name of the signal that ended the command, such as `SIGKILL`. */
  readonly signal: string | undefined;
  /** The first `maxBytes` of the standard output, undecoded; empty if the output was delivered line by line. */
  readonly stdoutBytes: Uint8Array;
  /** The last `maxBytes` of the standard error, undecoded. */
  readonly stderrBytes: Uint8Array;
  /** Whether part of either output was not kept. */
  readonly truncated: boolean;

  /** @internal */
  constructor({ exitCode, signal, stdout, stderr, truncated }: CommandEnding) {
    this.exitCode = exitCode;
    this.signal = signal;
    this.stdoutBytes = stdout;
    this.stderrBytes = stderr;
    this.truncated = truncated;
  }

  /** The standard output as UTF-8 text, including its final newline and a byte order mark, if any. */
  get stdout(): string {
    return decoder.decode(this.stdoutBytes);
  }

  /** The standard error as UTF-8 text. */
  get stderr(): string {
    return decoder.decode(this.stderrBytes);
  }
}
