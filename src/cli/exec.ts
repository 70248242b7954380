/** `pullgraph exec`: options and help. */
import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { MAX_TIMER_MS } from '../core/timers.js';
import { commandsOf, dividedAtSources } from './command-arguments.js';
import type { ExecOptions } from './exec-options.js';
import { addInspection, type GivenInspection, inspectionOf, withInspectPort } from './inspection-options.js';
import { OTHER_ERROR } from './exit-codes.js';
import { type HaltRule, haltRule } from './halt.js';
import { durationFrom, integerFrom } from './option-values.js';
import { complain } from './say.js';
import { watchForDeadWait } from './dead-wait.js';

const HELP = `
With one FILE, or standard input, each line is a script for /bin/sh -c; blank lines are skipped. With a COMMAND, the command
is run once for each value: of the command line (after :::), of the lines of files (after ::::), or of the lines of standard
input. Several sources give every combination; with :::+ or ::::+ a source is linked to the one before it, value by value, as
far as both go. Values are quoted for the shell:

  {}    the value                     {/}   without its folder        {#}   the number of the command
  {.}   without its extension         {//}  its folder                {%}   the number of its slot
  {2}   the value of source 2         {/.}  the name alone            {2.}  and so on

Without any of these, the value is the last argument. The output of a command is printed in one piece when the command has
ended; a large one waits in a temporary file.

A joblog has one row per finished command, in the columns of GNU parallel. --resume skips lines that succeeded according to
the joblog (same number, not counting blank lines, and same text) and runs failed lines again; --retry-failed runs only those.

With --shared, several processes divide the lines among them, on one computer or on many that see the same folder. Give all
of them the same lines. Each line runs in one process, and every process prints all outputs. When a process has been silent
for --expire, the others run its lines. With --reduce, the outputs are not printed but passed, in the order of the lines, to
one more command; one process runs it, and all print its output. Started again on the same folder, the command continues
where it stopped.

The first SIGINT or SIGTERM starts no more commands and waits for running ones; the second ends them.

Exit codes:
  0        all commands succeeded
  1 - 100  the number of failed commands, or of those and a failed reduction; with --halt, the exit code of the command
  101      more than 100 commands failed
  130      interrupted by SIGINT
  141      nobody reads what is printed
  143      interrupted by SIGTERM
  255      another error: the command line, a file, or standard output that cannot be written

Examples:
  pullgraph exec commands.txt
  pullgraph exec -j 4 --joblog flac.log --resume 'flac --silent {}' ::: *.wav
  find . -name '*.png' -print0 | pullgraph exec -0 'convert {} {.}.jpg'
  pullgraph exec --shared /net/work --reduce 'sort -n' commands.txt`;

/** With less, healthy processes would be taken for dead. */
const MOST_HASTY_MS = 100;

const MOST_RETRIES = 1_000_000;

/** The limit of a shared folder. */
const MOST_SHARED_RETRIES = 999;

/** The largest possible buffer. */
const MOST_OUTPUT_BYTES = 2 ** 32;

/** How much of an output is held in memory. */
const MEMORY_BYTES = 2 ** 20;

/** How much a shared line may print. */
const SHARED_BYTES = 2 ** 24;

/** The shells whose quoting is that of POSIX. */
const POSIX_SHELL = /(^|[/\\])(sh|ash|bash|dash|ksh|mksh|zsh|busybox)(\.exe)?$/;

interface Given extends GivenInspection {
  readonly jobs: number;
  readonly timeout?: number;
  readonly retry: number;
  readonly joblog?: string;
  readonly trace?: string;
  readonly resume?: boolean;
  readonly resumeFailed?: boolean;
  readonly retryFailed?: boolean;
  readonly keepOrder?: boolean;
  readonly maxOutput?: number;
  readonly null?: boolean;
  readonly runIfEmpty: boolean;
  readonly halt?: HaltRule | 'never';
  readonly dryRun?: boolean;
  readonly tag?: boolean;
  readonly results?: string;
  readonly shell?: string;
  readonly progress?: boolean;
  readonly eta?: boolean;
  readonly shared?: string;
  readonly reduce?: string;
  readonly expire: number;
}

/** Keeps the sources from being taken for options. */
class ExecCommand extends Command {
  sources: readonly string[] = [];

  override parseOptions(words: string[]): ReturnType<Command['parseOptions']> {
    const [before, sources] = dividedAtSources(words);
    this.sources = sources;
    return super.parseOptions(withInspectPort(before));
  }
}

/** The subcommand. @internal */
export function execCommand(): Command {
  const command = new ExecCommand('exec');
  return addInspection(command)
    .summary('run commands, several at a time')
    .description('Runs the lines of FILE as commands, or COMMAND for each value, several at a time.')
    .usage('[options] [FILE]\n       pullgraph exec [options] COMMAND ::: VALUE… | :::: FILE… | < VALUES')
    .argument('[WORDS...]', 'a file that lists commands (- or none: standard input), or a command')
    .option('-j, --jobs <n>', 'how many commands run at a time', integerFrom(1, 10_000), availableParallelism())
    .option('-0, --null', 'lines end with NUL instead of a line end')
    .option('-r, --no-run-if-empty', 'run nothing for a blank value')
    .option(
      '--timeout <time>',
      'end a command after this time: 10s, 5m, 1h, 500ms; a plain number is in ms',
      durationFrom(1, MAX_TIMER_MS),
    )
    .option('--retry <n>', 'run a failed command again, up to this many times', integerFrom(0, MOST_RETRIES), 0)
    .option('--halt <rule>', 'end early: never, or now|soon,fail|success|done=N or N%, such as soon,fail=1', halt)
    .option('--joblog <file>', 'write a row for each finished command')
    .option('--resume', 'skip commands that are done according to the joblog, and append to it')
    .option('--resume-failed', 'the same, by the name of GNU parallel')
    .option(
      '--retry-failed',
      'run only commands that failed according to the joblog; with --shared, run failed ones too',
    )
    .option('-k, --keep-order', 'print outputs in the order of the lines, not of completion')
    .option('--tag', 'print the value and a tab before each line of output')
    .option('--results <dir>', 'also write outputs to files in this folder')
    .option(
      '--max-output <bytes>',
      'how much of an output is held in memory (1 MiB), the rest in a file; with --shared, how much a line may print (16 MiB)',
      integerFrom(1, MOST_OUTPUT_BYTES),
    )
    .option('--trace <file>', 'write what ran when, for Perfetto (ui.perfetto.dev)')
    .option('--dry-run', 'print the commands instead of running them')
    .option('--shell <path>', 'the shell that runs the commands, by -c')
    .option('--progress', 'show progress on standard error')
    .option('--eta', 'the same, by the name of GNU parallel')
    .option('--shared <dir>', 'share the lines with every process that is given the same folder')
    .option('--reduce <command>', 'pass all outputs to this command when all lines are done')
    .option(
      '--expire <time>',
      'take over from a process that has been silent this long',
      durationFrom(MOST_HASTY_MS, MAX_TIMER_MS),
      30_000,
    )
    .addHelpText('after', HELP)
    .action(async (words: string[], given: Given) => {
      const options = optionsOf(command, words, given);
      const { execLines, printLines } = await import('./exec-lines.js');
      const stopWatching = watchForDeadWait('exec', OTHER_ERROR);
      try {
        process.exitCode = await (given.dryRun === true ? printLines(options) : execLines(options));
      } catch (error) {
        complain('exec', error, OTHER_ERROR);
      } finally {
        stopWatching();
      }
    });
}

function halt(text: string): HaltRule | 'never' {
  try {
    return haltRule(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

function optionsOf(command: ExecCommand, words: readonly string[], given: Given): ExecOptions {
  const { shared, reduce, joblog, shell, retry, maxOutput } = given;
  const fault = faultOf(given, command.getOptionValueSource('expire') === 'cli');
  if (fault !== undefined) command.error(`error: ${fault}`);
  let commands: ExecOptions['commands'];
  try {
    commands = commandsOf(words, command.sources, given.null === true ? 'nul' : 'line', !given.runIfEmpty);
  } catch (error) {
    return command.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  }
  const isPosix = shell === undefined ? process.platform !== 'win32' : POSIX_SHELL.test(shell);
  if (commands.template !== undefined && !isPosix) {
    command.error('error: values can be quoted only for a shell such as sh, bash, dash, ksh or zsh (--shell)');
  }
  if (commands.template?.namesSlot === true && shared !== undefined)
    command.error('error: {%} has no meaning with --shared');
  const isResumed = given.resume === true || given.resumeFailed === true;
  return {
    commands,
    jobs: given.jobs,
    timeoutMs: given.timeout,
    retries: retry,
    joblog,
    trace: given.trace,
    inspect: inspectionOf(given),
    selection: given.retryFailed === true && shared === undefined ? 'failed' : isResumed ? 'not done' : 'all',
    keepOrder: given.keepOrder ?? false,
    maxBytes: maxOutput ?? (shared === undefined ? MEMORY_BYTES : SHARED_BYTES),
    progress: given.progress === true || given.eta === true,
    halt: given.halt === 'never' ? undefined : given.halt,
    tag: given.tag ?? false,
    results: given.results,
    shell,
    shared,
    reduce,
    expireMs: given.expire,
    retryFailed: given.retryFailed ?? false,
  };
}

/** What does not fit together in the options; undefined if all does. */
function faultOf(given: Given, isExpireGiven: boolean): string | undefined {
  const { joblog, shared, reduce, retry, shell, resume, resumeFailed, retryFailed } = given;
  if (joblog === undefined) {
    if (resume === true) return '--resume needs --joblog';
    if (resumeFailed === true) return '--resume-failed needs --joblog';
    if (retryFailed === true && shared === undefined) return '--retry-failed needs --joblog or --shared';
  }
  if (shell === '') return '--shell needs the path of a shell';
  if (shared === undefined) {
    if (reduce !== undefined) return '--reduce needs --shared';
    return isExpireGiven ? '--expire needs --shared' : undefined;
  }
  if (resume === true || resumeFailed === true) return '--shared continues from the folder, without --resume';
  return retry > MOST_SHARED_RETRIES ? `--retry must be at most ${MOST_SHARED_RETRIES} with --shared` : undefined;
}
