/** `pullgraph exec`: options and help. */
import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { MAX_TIMER_MS } from '../core/timers.js';
import type { ExecOptions } from './exec-lines.js';
import { OTHER_ERROR } from './exit-codes.js';
import { integerFrom } from './option-values.js';
import { complain } from './say.js';
import { watchForDeadWait } from './dead-wait.js';

const HELP = `
Each line is a script for /bin/sh -c. The output of a command is printed in one piece when the command has ended.
Empty lines are skipped.

A joblog has one row per finished command, in the columns of GNU parallel. --resume skips lines that succeeded according to
the joblog (same number, not counting empty lines, and same text) and runs failed lines again.

With --shared, several processes divide the lines among them, on one computer or on many that see the same folder. Give all
of them the same lines. Each line runs in one process, and every process prints all outputs. When a process has been silent
for --expire, the others run its lines. With --reduce, the outputs are not printed but passed, in the order of the lines, to
one more command; one process runs it, and all print its output. Started again on the same folder, the command continues
where it stopped.

The first SIGINT or SIGTERM starts no more commands and waits for running ones; the second ends them.

Exit codes:
  0        all commands succeeded
  1 - 100  the number of failed commands; a reduction that failed, or was refused because an output was cut, counts as one
  101      more than 100 commands failed
  130      interrupted by SIGINT
  143      interrupted by SIGTERM
  255      another error: the command line, a file, or an output stream that was closed

Examples:
  pullgraph exec commands.txt
  pullgraph exec --shared /net/work --reduce 'sort -n' commands.txt
  ls *.wav | sed 's/.*/flac --silent "&"/' | pullgraph exec -j 4 --joblog flac.log --resume`;

/** With less, healthy processes would be taken for dead. */
const MOST_HASTY_MS = 100;

const MOST_RETRIES = 1_000_000;

/** The limit of a shared folder. */
const MOST_SHARED_RETRIES = 999;

/** The largest possible buffer. */
const MOST_OUTPUT_BYTES = 2 ** 32;

interface Given {
  readonly jobs: number;
  readonly timeout?: number;
  readonly retry: number;
  readonly joblog?: string;
  readonly resume?: boolean;
  readonly keepOrder?: boolean;
  readonly maxOutput: number;
  readonly progress?: boolean;
  readonly shared?: string;
  readonly reduce?: string;
  readonly expire: number;
}

/** The subcommand. @internal */
export function execCommand(): Command {
  return new Command('exec')
    .summary('run the lines of a file as commands, several at a time')
    .description('Runs commands, one per line of FILE or of standard input, several at a time.')
    .argument('[FILE]', 'the file that lists the commands; - for standard input', '-')
    .option('-j, --jobs <n>', 'how many commands run at a time', integerFrom(1, 10_000), availableParallelism())
    .option('--timeout <ms>', 'end a command after this many milliseconds', integerFrom(1, Number.MAX_SAFE_INTEGER))
    .option('--retry <n>', 'run a failed command again, up to this many times', integerFrom(0, MOST_RETRIES), 0)
    .option('--joblog <file>', 'write a row for each finished command')
    .option('--resume', 'skip commands that are done according to the joblog, and append to it')
    .option('-k, --keep-order', 'print outputs in the order of the lines, not of completion')
    .option(
      '--max-output <bytes>',
      'how much of the output of a command is kept',
      integerFrom(1, MOST_OUTPUT_BYTES),
      16 * 1024 * 1024,
    )
    .option('--progress', 'show progress on standard error')
    .option('--shared <dir>', 'share the lines with every process that is given the same folder')
    .option('--reduce <command>', 'pass all outputs to this command when all lines are done')
    .option(
      '--expire <ms>',
      'take over from a process that has been silent this long',
      integerFrom(MOST_HASTY_MS, MAX_TIMER_MS),
      30_000,
    )
    .addHelpText('after', HELP)
    .action(async (file: string, given: Given, command: Command) => {
      if (given.resume === true && given.joblog === undefined) command.error('error: --resume needs --joblog');
      if (given.reduce !== undefined && given.shared === undefined) command.error('error: --reduce needs --shared');
      if (command.getOptionValueSource('expire') === 'cli' && given.shared === undefined) {
        command.error('error: --expire needs --shared');
      }
      if (given.resume === true && given.shared !== undefined) {
        command.error('error: --shared continues from the folder, without --resume');
      }
      if (given.shared !== undefined && given.retry > MOST_SHARED_RETRIES) {
        command.error(`error: --retry must be at most ${MOST_SHARED_RETRIES} with --shared`);
      }
      const { execLines } = await import('./exec-lines.js');
      const stopWatching = watchForDeadWait('exec', OTHER_ERROR);
      try {
        process.exitCode = await execLines(optionsOf(file, given));
      } catch (error) {
        complain('exec', error, OTHER_ERROR);
      } finally {
        stopWatching();
      }
    });
}

function optionsOf(file: string, given: Given): ExecOptions {
  const { jobs, timeout, retry, joblog, resume = false, keepOrder = false, maxOutput, progress = false } = given;
  const { shared, reduce, expire: expireMs } = given;
  const sharing = { shared, reduce, expireMs };
  return {
    file,
    jobs,
    timeoutMs: timeout,
    retries: retry,
    joblog,
    resume,
    keepOrder,
    maxBytes: maxOutput,
    progress,
    ...sharing,
  };
}
