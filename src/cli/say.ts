/** Messages of the command, on standard error: standard output is for results. */
import { messageOf } from '../core/user-value.js';

/** Prints one line in the name of the subcommand. @internal */
export function say(command: string, message: string): void {
  process.stderr.write(`pullgraph ${command}: ${message}\n`);
}

/** Prints several lines, the first in the name of the subcommand. @internal */
export function sayLines(command: string, lines: readonly string[]): void {
  say(command, lines.join('\n'));
}

/** Prints in one line why the command ends, and sets the exit code. @internal */
export function complain(command: string, error: unknown, exitCode: number): void {
  say(command, messageOf(error));
  process.exitCode = exitCode;
}
