/** Which of this process's Node arguments its workers inherit. */

/** Options that name the program of this process. Their value is the next argument, unless that is an option itself. */
const OWN_PROGRAM = new Set(['-e', '--eval', '-p', '--print', '-pe', '--input-type']);

/**
 * `execArgv` without the options that give a process its own script (`--eval`, `--print`, `--input-type`), and without those of
 * the debugger, whose port can be used only once.
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
