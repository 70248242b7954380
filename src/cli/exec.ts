/** `pullgraph exec`: its options and its help. */
import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { MAX_TIMER_MS } from '../core/timers.js';
import type { ExecOptions } from './exec-lines.js';
import { OTHER_ERROR } from './exit-codes.js';
import { integerFrom } from './option-values.js';
import { complain } from './say.js';
import { watchForVainWait } from './dead-wait.js';

const HELP = `
Each line is a script of its own for /bin/sh -c. What a command prints comes as a whole when it has ended.
Empty lines are skipped.

A joblog has a row for each command that has ended, in the columns of GNU parallel's. --resume skips the lines that
have succeeded according to it (same number among the lines that are not empty, same text), and runs those that have
failed once more.

With --shared several processes, on one or many computers that see the same folder, divide the lines among them. Give all of
them the same lines. Each line is run by one of them, and each of them prints all outputs. One that falls silent is given
up after --expire, and its lines are run by others. With --reduce the outputs are not printed but given, in the order of the
lines, to one more command, which one of them runs and whose output all print. Started again on the same folder, it
goes on from there.

The first SIGINT or SIGTERM starts nothing more and waits for what runs; the second ends that.

Exit codes:
  0        all commands succeeded
  1 - 100  so many failed; a reduction that fails, or is refused because an output was cut, is one of them
  101      more than 100 failed
  130      interrupted by SIGINT
  143      interrupted by SIGTERM
  255      something else went wrong: the command line, a file, a pipe that nobody reads

Examples:
  pullgraph exec commands.txt
  pullgraph exec --shared /net/work --reduce 'sort -n' commands.txt
  ls *.wav | sed 's/.*/flac --silent "&"/' | pullgraph exec -j 4 --joblog flac.log --resume`;

/** Below that, those who are well are given up too. */
const MOST_HASTY_MS = 100;

const MOST_RETRIES = 1_000_000;

/** What a shared folder takes. */
const MOST_SHARED_RETRIES = 999;

/** As long as bytes can be anywhere. */
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
    .summary('run the lines of a file as commands, so many at a time')
    .description('Runs commands, one a line of FILE or of standard input, so many at a time.')
    .argument('[FILE]', 'the file with the commands; - for standard input', '-')
    .option('-j, --jobs <n>', 'how many run at a time', integerFrom(1, 10_000), availableParallelism())
    .option(
      '--timeout <ms>',
      'end a command that takes longer than this many milliseconds',
      integerFrom(1, Number.MAX_SAFE_INTEGER),
    )
    .option('--retry <n>', 'run a command that fails up to so many times more', integerFrom(0, MOST_RETRIES), 0)
    .option('--joblog <file>', 'write a row for each command that has ended')
    .option('--resume', 'skip what the joblog says is done, and go on with the joblog')
    .option('-k, --keep-order', 'print in the order of the lines, not of the ends')
    .option(
      '--max-output <bytes>',
      'keep so much of what a command prints',
      integerFrom(1, MOST_OUTPUT_BYTES),
      16 * 1024 * 1024,
    )
    .option('--progress', 'show on standard error how far it has come')
    .option('--shared <dir>', 'share the lines with all who are given the same folder')
    .option('--reduce <command>', 'give all outputs to this command when all lines are done')
    .option(
      '--expire <ms>',
      'give up others who have been silent for so long',
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
        command.error('error: --shared goes on from what is in the folder, without --resume');
      }
      if (given.shared !== undefined && given.retry > MOST_SHARED_RETRIES) {
        command.error(`error: --retry must be at most ${MOST_SHARED_RETRIES} with --shared`);
      }
      const { execLines } = await import('./exec-lines.js');
      const stopWatching = watchForVainWait('exec', OTHER_ERROR);
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
