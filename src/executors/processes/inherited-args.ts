/** Which of this process's arguments of Node are for its workers, too. */

/** They say what this process runs; what is handed to them is the next argument, unless that begins as an option does. */
const OWN_PROGRAM = new Set(['-e', '--eval', '-p', '--print', '-pe', '--input-type']);

/**
 * `execArgv` without what makes a process run a script of its own (`--eval`, `--print`, `--input-type`), and without the
 * debugger, whose port can be used once only.
 *
 * @internal
 */
export function inheritedArgs(execArgv: readonly string[]): readonly string[] {
  return execArgv.filter((arg, index) => {
    if (isOwn(arg)) return false;
    const before = execArgv[index - 1];
    return before === undefined || !OWN_PROGRAM.has(before) || arg.startsWith('-');
  });
}

function isOwn(arg: string): boolean {
  return OWN_PROGRAM.has(arg.split('=', 1)[0] ?? arg) || arg.startsWith('--inspect');
}
