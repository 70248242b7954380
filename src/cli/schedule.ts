/** `pullgraph schedule`: does a bus's jobs, so many at a time. */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command, Option } from 'commander';
import { endWithOutput } from './closed-output.js';
import { onEndingSignals, waitingAfter } from './ending-signals.js';
import { codeOfSignal, OTHER_ERROR } from './exit-codes.js';
import { integerFrom, seconds, TOKEN_VARIABLE } from './option-values.js';
import { complain, say } from './say.js';

const HELP = `
Takes jobs that only say how long they take, and lets so much time pass. With --tasks it also takes jobs that name a
function which MODULE, a file of JavaScript, exports. They run in worker threads; a generator function delivers results
as it goes.

The more urgent job is run first; when all slots are taken, the least urgent one makes room for one that is more urgent
and is started again later.

A line is printed for every change of every job: its name and its state.
The first SIGINT or SIGTERM takes nothing more, hands back what has not started and waits for what runs; the second ends
that, and the bus gives it to others.

Exit codes:
  130  ended by SIGINT
  141  nobody reads what it prints any more
  143  ended by SIGTERM
  255  the command line is wrong, MODULE cannot be loaded, or the bus refuses

Example:
  pullgraph schedule -s 4 -t 60 --tasks ./tasks.js`;

interface Given {
  readonly size: number;
  readonly timeout?: number;
  readonly tasks?: string;
  readonly url: string;
  readonly token?: string;
}

/** The subcommand. @internal */
export function scheduleCommand(): Command {
  return new Command('schedule')
    .summary("do a bus's jobs, so many at a time")
    .description('Does the jobs of a bus, so many at a time, the more urgent first.')
    .option('-s, --size <n>', 'how many jobs run at a time', integerFrom(1, 10_000), availableParallelism())
    .option('-t, --timeout <s>', 'end a job that takes longer than so many seconds', seconds)
    .option('--tasks <module>', 'the functions that jobs may call')
    .option('--url <url>', 'where the bus is', 'ws://127.0.0.1:8101')
    .addOption(new Option('--token <text>', 'what the bus wants to be told').env(TOKEN_VARIABLE))
    .addHelpText('after', HELP)
    .action(async (given: Given) => {
      endWithOutput('schedule');
      try {
        process.exitCode = await schedule(given);
      } catch (error) {
        complain('schedule', error, OTHER_ERROR);
      }
    });
}

async function schedule({ size, timeout, tasks, url, token }: Given): Promise<number> {
  const { connectScheduler } = await import('../bus/index.js');
  const { Scheduler } = await import('../runtime/scheduler.js');
  const scheduler = new Scheduler();
  const client = connectScheduler({
    scheduler,
    slots: size,
    preempt: true,
    url,
    ...(timeout === undefined ? {} : { timeoutMs: 1000 * timeout }),
    ...(tasks === undefined ? {} : await taskOptions(tasks, size)),
    ...(token === undefined ? {} : { token }),
    onTrouble: (message) => say('schedule', `${message}; trying again`),
  });
  scheduler.on('task', ({ id, state }) => process.stdout.write(`${id} ${state}\n`));
  scheduler.start();
  let signal: NodeJS.Signals | undefined;
  const stopListening = onEndingSignals((received, before) => {
    signal = received;
    if (before === 0) {
      say('schedule', waitingAfter(received));
      void client.drain();
    } else {
      client.close();
      void scheduler.terminate();
    }
  });
  const refusal = await client.ended();
  await scheduler.close();
  stopListening();
  if (refusal !== undefined) throw refusal;
  return signal === undefined ? 0 : codeOfSignal(signal);
}

/** The functions of the module, here for their names, and threads to run them in: one that never yields must not keep the bus waiting. */
async function taskOptions(path: string, size: number) {
  const { threads } = await import('../executors/index.js');
  const url = pathToFileURL(resolve(path));
  const module: unknown = await import(url.href);
  return { tasks: Object(module) as object, executor: threads(url, { size }) };
}
