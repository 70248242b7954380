/** `pullgraph schedule`: runs jobs of a bus, several at a time. */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command, Option } from 'commander';
import { endWithOutput } from './closed-output.js';
import { onEndingSignals, waitingAfter } from './ending-signals.js';
import { codeOfSignal, OTHER_ERROR } from './exit-codes.js';
import { integerFrom, seconds, TOKEN_VARIABLE } from './option-values.js';
import { printable } from './printable.js';
import { messageOf } from '../core/user-value.js';
import { complain, say } from './say.js';

const HELP = `
Without --tasks, only timed jobs are run: they wait for a number of seconds. With --tasks, jobs can also call the
functions that MODULE, a JavaScript file, exports. These run in worker threads; a generator function delivers partial
results.

More urgent jobs run first. When all slots are taken, the least urgent job makes room for a more urgent one and is started
again later.

For every change of every job, one line is printed: the name of the job and its state.
The first SIGINT or SIGTERM accepts no more jobs, hands back those that have not started and waits for running ones; the
second ends them, and the bus gives them to other schedulers.

Exit codes:
  130  ended by SIGINT
  141  stdout was closed
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
    .summary('run jobs of a bus, several at a time')
    .description('Runs jobs of a bus, several at a time, more urgent ones first.')
    .option('-s, --size <n>', 'how many jobs run at a time', integerFrom(1, 10_000), availableParallelism())
    .option('-t, --timeout <s>', 'end a job after this many seconds', seconds)
    .option('--tasks <module>', 'the module whose functions jobs can call')
    .option('--url <url>', 'the address of the bus', 'ws://127.0.0.1:8101')
    .addOption(new Option('--token <text>', 'the token of the bus').env(TOKEN_VARIABLE))
    .addHelpText('after', HELP)
    .action(async (given: Given) => {
      endWithOutput('schedule');
      try {
        process.exitCode = await schedule(given);
      } catch (error) {
        // The bus says why it refuses.
        complain('schedule', printable(messageOf(error)), OTHER_ERROR);
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
    onTrouble: (message) => say('schedule', `${printable(message)}; trying again`),
  });
  const connected = (): void => {
    if (client.version === 1)
      say('schedule', 'the bus speaks the simple protocol: it sends timed jobs only, and hears nothing');
  };
  client.ready().then(connected, () => undefined);
  scheduler.on('task', ({ id, state }) => process.stdout.write(`${printable(id)} ${state}\n`));
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

/**
 * The module's functions, loaded here for their names, and threads to run them in: a function that never yields must not block
 * the connection to the bus.
 */
async function taskOptions(path: string, size: number) {
  const { threads } = await import('../executors/index.js');
  const url = pathToFileURL(resolve(path));
  const module: unknown = await import(url.href);
  return { tasks: Object(module) as object, executor: threads(url, { size }) };
}
