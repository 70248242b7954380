/** `pullgraph run`: options and help. */
import { Command, Option } from 'commander';
import type { GraphFormat } from './dry-run.js';
import { addInspection, type GivenInspection, inspectionOf, withInspectPort } from './inspection-options.js';

const HELP = `
FILE is a JavaScript module whose default export is a function. The function is called with a started scheduler and the
ARGS, adds queues and submits tasks. The run is over when the function has returned and all tasks have settled. A module
that imports pullgraph, and does not find it beside it, gets the one of this command.

--json ends standard output with a line such as
  {"code":1,"tasks":{"done":3,"failed":1,"cancelled":0},"failures":[{"task":"a","name":"RangeError","message":"no",…}]}
and, for a failure that is not one of tasks, "error" in place of "failures".

--trace writes a file that Perfetto (ui.perfetto.dev) and chrome://tracing open: what ran when, on a track for each slot.

--inspect opens an inspector: a page on this computer that shows the queues, tasks and failures of the run. On a terminal it stays
open when the run is over, until Ctrl-C. It needs the package ws.

--dry-run runs nothing: it prints which tasks would run, in which order and when, as far as a store knows how long they take, and why they
are not restored. The tasks are those that the module submits before it waits for a result. --graph prints them as a graph.

To run TypeScript, use a loader: node --import tsx node_modules/.bin/pullgraph run FILE.

The first SIGINT or SIGTERM starts no more tasks and waits for running ones; the second ends them.

Exit codes:
  0    all tasks are done
  1    a task failed and its failure was not handled, no task could proceed, the function threw, or nothing was left that
       could settle a wait
  130  interrupted by SIGINT
  143  interrupted by SIGTERM
  255  another error: the command line is wrong, or FILE cannot be loaded or exports no function

Example FILE:
  export default async (scheduler) => {
    const work = scheduler.queue('work', { concurrency: 2 });
    const two = work.submit(() => 2);
    console.log(await work.submit((a, b) => a + b, two, 3).result());
  };`;

interface Given extends GivenInspection {
  readonly progress?: boolean;
  readonly json?: boolean;
  readonly store?: string;
  readonly trace?: string;
  readonly dryRun?: boolean;
  readonly graph?: GraphFormat;
}

class RunCommand extends Command {
  override parseOptions(words: string[]): ReturnType<Command['parseOptions']> {
    return super.parseOptions(withInspectPort(words));
  }
}

/** The subcommand. @internal */
export function runCommand(): Command {
  return addInspection(new RunCommand('run'))
    .summary('run the tasks that a module submits')
    .description('Runs the tasks that a module submits.')
    .argument('<FILE>', 'the module')
    .argument('[ARGS...]', 'arguments for the module; after -- those too that begin with -')
    .option('--progress', 'show progress on standard error')
    .option('--json', 'end standard output with a line of JSON about the run')
    .option('--store <file>', 'keep results in the file and restore them from it; see pullgraph store')
    .option('--trace <file>', 'write what ran when, for Perfetto')
    .option('--dry-run', 'print what would run, and run nothing')
    .addOption(
      new Option('--graph <format>', 'with --dry-run: print a graph')
        .choices(['mermaid', 'dot', 'json'])
        .implies({ dryRun: true }),
    )
    .addHelpText('after', HELP)
    .action(async (file: string, args: string[], given: Given) => {
      const { progress = false, json = false, trace, store, dryRun = false, graph } = given;
      const { runModule } = await import('./run-module.js');
      const { code, isOver } = await runModule({
        file,
        args,
        progress,
        json,
        trace,
        store,
        dryRun: dryRun ? { graph } : undefined,
        inspect: inspectionOf(given),
      });
      process.exitCode = code;
      if (isOver) process.exit();
    });
}
