/** What a command left behind when it ended. Holds its output as bytes; makes text of it only for who asks. */

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
 * How a command ended, and what it printed as far as it was captured.
 *
 * @public
 */
export class CommandResult {
  /** Undefined where a signal ended the command, or where it could not be started. */
  readonly exitCode: number | undefined;
  /** Name of the signal that ended the command, such as `SIGKILL`. */
  readonly signal: string | undefined;
  /** The first `maxBytes` of the standard output, as they came; empty where the output was delivered line by line. */
  readonly stdoutBytes: Uint8Array;
  /** The last `maxBytes` of the standard error, as they came. */
  readonly stderrBytes: Uint8Array;
  /** Whether more was printed, to either, than was kept. */
  readonly truncated: boolean;

  /** @internal */
  constructor({ exitCode, signal, stdout, stderr, truncated }: CommandEnding) {
    this.exitCode = exitCode;
    this.signal = signal;
    this.stdoutBytes = stdout;
    this.stderrBytes = stderr;
    this.truncated = truncated;
  }

  /** The standard output as UTF-8 text, its last line's end and a byte order mark included. */
  get stdout(): string {
    return decoder.decode(this.stdoutBytes);
  }

  /** The standard error as UTF-8 text. */
  get stderr(): string {
    return decoder.decode(this.stderrBytes);
  }
}
