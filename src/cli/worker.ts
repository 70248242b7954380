/** `pullgraph worker`: runs attempts of schedulers anywhere, which come through Redis. */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command, Option } from 'commander';
import { endWithOutput } from './closed-output.js';
import { onEndingSignals, waitingAfter } from './ending-signals.js';
import { codeOfSignal, OTHER_ERROR } from './exit-codes.js';
import { integerFrom } from './option-values.js';
import { printable } from './printable.js';
import { messageOf } from '../core/user-value.js';
import { complain, say } from './say.js';

const HELP = `
Takes attempts of every scheduler that has a queue with the executor distributed() on the same Redis and over the same
module, and runs the functions that MODULE, a JavaScript file, exports, in worker threads. Nothing else can be asked for.

A password in --redis can be read by other users of this computer: set PULLGRAPH_REDIS instead.

The first SIGINT or SIGTERM takes no more attempts and waits for those that run; the second ends them, and their
schedulers retry them elsewhere as their tasks say.

Exit codes:
  130  ended by SIGINT
  141  stdout was closed
  143  ended by SIGTERM
  255  the command line is wrong, or MODULE cannot be loaded

Example:
  pullgraph worker ./kernels.js --redis redis://127.0.0.1:6379 -j 8`;

interface Given {
  readonly redis: string;
  readonly jobs: number;
  readonly name?: string;
  readonly prefix?: string;
  readonly blobs?: string;
}

/** The subcommand. @internal */
export function workerCommand(): Command {
  return new Command('worker')
    .summary('run attempts of schedulers on other computers')
    .description('Runs attempts of schedulers on other computers, which come through Redis.')
    .argument('<module>', 'the module whose functions are run')
    .addOption(new Option('--redis <url>', 'where Redis is').env('PULLGRAPH_REDIS').default('redis://127.0.0.1:6379'))
    .option('-j, --jobs <n>', 'how many attempts run at a time', integerFrom(1, 10_000), availableParallelism())
    .option('--name <text>', "the name of the queue in Redis; the name of MODULE's file when not given")
    .option('--prefix <text>', 'what all keys in Redis begin with; pullgraph when not given')
    .option(
      '--blobs <folder>',
      'where large values lie, a folder that the schedulers have too; in Redis when not given',
    )
    .addHelpText('after', HELP)
    .action(async (module: string, given: Given) => {
      endWithOutput('worker');
      try {
        process.exitCode = await work(module, given);
      } catch (error) {
        complain('worker', printable(messageOf(error)), OTHER_ERROR);
      }
    });
}

async function work(module: string, { redis, jobs, name, prefix, blobs }: Given): Promise<number> {
  const { folderBlobs, startWorker } = await import('../distributed/index.js');
  const worker = await startWorker(pathToFileURL(resolve(module)), {
    connection: redis,
    slots: jobs,
    ...(name === undefined ? {} : { name }),
    ...(prefix === undefined ? {} : { prefix }),
    ...(blobs === undefined ? {} : { blobs: folderBlobs(blobs) }),
    onOutage: (error) => say('worker', error === undefined ? 'Redis is available again' : printable(error.message)),
  });
  process.stdout.write(`worker ${printable(worker.id)} takes ${jobs} at a time\n`);
  return new Promise((end) => {
    const stopListening = onEndingSignals((signal, before) => {
      if (before === 0) say('worker', waitingAfter(signal));
      void (before === 0 ? worker.drain() : worker.close()).then(() => {
        stopListening();
        end(codeOfSignal(signal));
      });
    });
  });
}
