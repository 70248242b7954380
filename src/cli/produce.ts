/** `pullgraph produce`: requests jobs from a bus at intervals and prints their progress. */
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Feedback, JobOutcome, WantedJob } from '../bus/index.js';
import { messageOf } from '../core/user-value.js';
import { AskedJobs } from './asked-jobs.js';
import { endWithOutput } from './closed-output.js';
import { onEndingSignals } from './ending-signals.js';
import { codeOfFailures, codeOfSignal, OTHER_ERROR } from './exit-codes.js';
import { integerFrom, seconds, TOKEN_VARIABLE } from './option-values.js';
import { printable } from './printable.js';
import { complain, say } from './say.js';

const HELP = `
Without --task, a job only takes time, up to --runtime seconds, and has a random priority from 0 to 10 (lower is more
urgent). With --task, it calls that function of the module that a scheduler was given as --tasks.

For every event of every job, one line is printed: the number of the job, the event, and the value if there is one.
The first SIGINT or SIGTERM requests no more jobs and waits for those under way; the second does not wait.

Exit codes:
  0        all jobs are done, or in the hands of schedulers that do not report
  1 - 100  the number of jobs that failed, were evicted or were rejected
  101      more than 100 such jobs
  130      interrupted by SIGINT
  141      stdout was closed
  143      interrupted by SIGTERM
  255      the command line is wrong, or the bus refuses

Examples:
  pullgraph produce --period 0.5 --gauss --sigma 0.1
  pullgraph produce --count 1 --task resize --args '["photo.jpg", 640]'`;

interface Given {
  readonly period: number;
  readonly gauss?: boolean;
  readonly sigma?: number;
  readonly runtime: number;
  readonly count?: number;
  readonly task?: string;
  readonly args?: readonly unknown[];
  readonly priority?: number;
  readonly simple?: boolean;
  readonly url?: string;
  readonly token?: string;
}

/** The subcommand. @internal */
export function produceCommand(): Command {
  return new Command('produce')
    .summary('request jobs from a bus at intervals')
    .description('Requests jobs from a bus at intervals and prints their progress.')
    .option('--period <s>', 'the time from one job to the next, in seconds', seconds, 1)
    .option('--gauss', 'draw these times from a normal distribution')
    .option('--sigma <s>', 'its standard deviation, in seconds (default: a quarter of the period)', seconds)
    .option('--runtime <s>', 'the longest time that a job takes, in seconds', seconds, 5)
    .option('--count <n>', 'end after this many jobs', integerFrom(1, Number.MAX_SAFE_INTEGER))
    .option('--task <name>', 'the function to call')
    .option('--args <json>', 'its arguments, as a JSON array', jsonArray)
    .option('--priority <n>', 'the priority of every job', integerFrom(0, 10))
    .option('--simple', 'speak the simple protocol, to a bus that knows no other: jobs are sent, and no more is heard')
    .option('--url <url>', 'the address of the bus', 'ws://127.0.0.1:8101')
    .addOption(new Option('--token <text>', 'the token of the bus').env(TOKEN_VARIABLE))
    .addHelpText('after', HELP)
    .action(async (given: Given, command: Command) => {
      if (given.sigma !== undefined && given.gauss !== true) command.error('error: --sigma needs --gauss');
      if (given.simple === true && given.task !== undefined) command.error('error: --simple knows no --task');
      if (given.args !== undefined && given.task === undefined) command.error('error: --args needs --task');
      endWithOutput('produce');
      try {
        process.exitCode = await produce(given);
      } catch (error) {
        // The bus says why it refuses.
        complain('produce', printable(messageOf(error)), OTHER_ERROR);
      }
    });
}

async function produce({
  period,
  gauss,
  sigma = period / 4,
  count,
  url,
  token,
  simple = false,
  ...wish
}: Given): Promise<number> {
  const { connectProducer } = await import('../bus/index.js');
  const { atIntervals, randomTimedJob } = await import('./arrivals.js');
  const producer = connectProducer({
    simple,
    ...(url === undefined ? {} : { url }),
    ...(token === undefined ? {} : { token }),
    onTrouble: (message) => say('produce', `${printable(message)}; trying again`),
  });
  let isToldOfNone = false;
  const heard = (feedback: Feedback): void => {
    printFeedback(feedback);
    if (isToldOfNone || wish.task === undefined || feedback.event !== 'queued' || feedback.schedulers > 0) return;
    isToldOfNone = true;
    say(
      'produce',
      `no connected scheduler runs the task ${printable(wish.task)}, so it waits for one (${SIMPLE_RUNS})`,
    );
  };
  const jobs = new AskedJobs({
    most: MOST_UNSETTLED,
    request: () => producer.request(wanted(wish, randomTimedJob(wish.runtime)), heard),
    ended: printLost,
  });
  let signal: NodeJS.Signals | undefined;
  try {
    await producer.ready();
    await new Promise<void>((resolve) => {
      const scatter = gauss === true ? { sigmaMs: 1000 * sigma } : {};
      const stop = atIntervals(
        { periodMs: 1000 * period, ...scatter, ...(count === undefined ? {} : { count }) },
        () => jobs.ask(),
        resolve,
      );
      const end = (): void => {
        stop();
        jobs.stop();
        resolve();
      };
      onEndingSignals((received, before) => {
        signal = received;
        end();
        if (before > 0) producer.close();
      });
      void producer.ended().then(end);
    });
    await jobs.settled();
  } finally {
    producer.close();
  }
  const refusal = await producer.ended();
  if (refusal !== undefined) throw refusal;
  return signal === undefined ? codeOfFailures(jobs.failures) : codeOfSignal(signal);
}

const SIMPLE_RUNS = 'schedulers of the simple protocol run no tasks';

/** Beyond this many unsettled jobs, the next request waits. */
const MOST_UNSETTLED = 10_000;

function wanted({ task, args, priority }: Partial<Given>, timed: WantedJob): WantedJob {
  const job: WantedJob = task === undefined ? timed : { task, ...(args === undefined ? {} : { args }) };
  return priority === undefined ? job : { ...job, priority };
}

function printFeedback(feedback: Feedback): void {
  const value = 'value' in feedback && feedback.value !== undefined ? ` ${JSON.stringify(feedback.value)}` : '';
  const error = feedback.event === 'failed' ? ` (${feedback.reason}): ${feedback.error.message}` : '';
  print(`${feedback.ref} ${feedback.event}${value}${error}`);
}

/** Prints the failures that no feedback reports. */
function printLost(ref: string, outcome: JobOutcome): void {
  if (outcome.status !== 'failed') return;
  const { reason, error } = outcome;
  if (reason === 'session-lost' || reason === 'feedback-lost' || reason === 'bus-unavailable') {
    print(`${ref} failed (${reason}): ${error.message}`);
  }
}

/** Values and error messages come from schedulers. */
function print(line: string): void {
  process.stdout.write(`${printable(line)}\n`);
}

function jsonArray(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value;
  } catch {
    // Reported below.
  }
  throw new InvalidArgumentError('It must be a JSON array.');
}
