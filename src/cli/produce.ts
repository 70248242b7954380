/** `pullgraph produce`: asks a bus for jobs at intervals and prints what becomes of them. */
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Feedback, JobOutcome, WantedJob } from '../bus/index.js';
import { AskedJobs } from './asked-jobs.js';
import { endWithOutput } from './closed-output.js';
import { onEndingSignals } from './ending-signals.js';
import { codeOfFailures, codeOfSignal, OTHER_ERROR } from './exit-codes.js';
import { integerFrom, seconds, TOKEN_VARIABLE } from './option-values.js';
import { complain, say } from './say.js';

const HELP = `
Without --task a job takes up to --runtime seconds and does nothing else; its priority, 0 to 10, is left to chance (lower
is more urgent). With --task it calls that function of a scheduler's --tasks module.

A line is printed for every step of every job: its number, what happened, and the value where there is one.
The first SIGINT or SIGTERM asks for no more jobs and waits for those that have not ended; the second does not wait.

Exit codes:
  0        all jobs are done
  1 - 100  so many failed, were evicted or rejected
  101      more than 100 did
  130      interrupted by SIGINT
  141      nobody reads what it prints any more
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
  readonly url?: string;
  readonly token?: string;
}

/** The subcommand. @internal */
export function produceCommand(): Command {
  return new Command('produce')
    .summary('ask a bus for jobs at intervals')
    .description('Asks a bus for jobs at intervals, and prints what becomes of them.')
    .option('--period <s>', 'the time from one job to the next, in seconds', seconds, 1)
    .option('--gauss', 'let these times scatter, normally distributed')
    .option('--sigma <s>', 'by so many seconds; a quarter of the period if not given', seconds)
    .option('--runtime <s>', 'how long a job takes at the most, in seconds', seconds, 5)
    .option('--count <n>', 'end after so many jobs', integerFrom(1, Number.MAX_SAFE_INTEGER))
    .option('--task <name>', 'the function to be called')
    .option('--args <json>', 'its arguments, as a JSON array', jsonArray)
    .option('--priority <n>', 'the priority of every job', integerFrom(0, 10))
    .option('--url <url>', 'where the bus is', 'ws://127.0.0.1:8101')
    .addOption(new Option('--token <text>', 'what the bus wants to be told').env(TOKEN_VARIABLE))
    .addHelpText('after', HELP)
    .action(async (given: Given, command: Command) => {
      if (given.sigma !== undefined && given.gauss !== true) command.error('error: --sigma needs --gauss');
      if (given.args !== undefined && given.task === undefined) command.error('error: --args needs --task');
      endWithOutput('produce');
      try {
        process.exitCode = await produce(given);
      } catch (error) {
        complain('produce', error, OTHER_ERROR);
      }
    });
}

async function produce({ period, gauss, sigma = period / 4, count, url, token, ...wish }: Given): Promise<number> {
  const { connectProducer } = await import('../bus/index.js');
  const { atIntervals, randomTimedJob } = await import('./arrivals.js');
  const producer = connectProducer({
    ...(url === undefined ? {} : { url }),
    ...(token === undefined ? {} : { token }),
    onTrouble: (message) => say('produce', `${message}; trying again`),
  });
  const jobs = new AskedJobs({
    most: MOST_UNSETTLED,
    request: () => producer.request(wanted(wish, randomTimedJob(wish.runtime)), printFeedback),
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

/** With so many jobs that have not ended, further ones wait until there is room. */
const MOST_UNSETTLED = 10_000;

function wanted({ task, args, priority }: Partial<Given>, timed: WantedJob): WantedJob {
  const job: WantedJob = task === undefined ? timed : { task, ...(args === undefined ? {} : { args }) };
  return priority === undefined ? job : { ...job, priority };
}

function printFeedback(feedback: Feedback): void {
  const value = 'value' in feedback && feedback.value !== undefined ? ` ${JSON.stringify(feedback.value)}` : '';
  const error = feedback.event === 'failed' ? ` (${feedback.reason}): ${feedback.error.message}` : '';
  process.stdout.write(`${feedback.ref} ${feedback.event}${value}${error}\n`);
}

/** What no feedback can have said. */
function printLost(ref: string, outcome: JobOutcome): void {
  if (outcome.status !== 'failed') return;
  const { reason, error } = outcome;
  if (reason === 'session-lost' || reason === 'feedback-lost' || reason === 'bus-unavailable') {
    process.stdout.write(`${ref} failed (${reason}): ${error.message}\n`);
  }
}

function jsonArray(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value;
  } catch {
    // Said below.
  }
  throw new InvalidArgumentError('It must be a JSON array.');
}
