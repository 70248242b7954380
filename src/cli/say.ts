/** What the command says of itself, on standard error: standard output is for what was asked for. */

/** One line, of the command of that name. @internal */
export function say(command: string, message: string): void {
  process.stderr.write(`pullgraph ${command}: ${message}\n`);
}

/** Says in one line why the command ends, and sets the exit code. @internal */
export function complain(command: string, error: unknown, exitCode: number): void {
  say(command, error instanceof Error ? error.message : String(error));
  process.exitCode = exitCode;
}
