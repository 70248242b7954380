/** `pullgraph run`: options and help. */
import { Command } from 'commander';

const HELP = `
FILE is a JavaScript module whose default export is a function. The function is called with a started scheduler, adds
queues and submits tasks. The run is over when the function has returned and all tasks have settled.

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

/** The subcommand. @internal */
export function runCommand(): Command {
  return new Command('run')
    .summary('run the tasks that a module submits')
    .description('Runs the tasks that a module submits.')
    .argument('<FILE>', 'the module')
    .option('--progress', 'show progress on standard error')
    .addHelpText('after', HELP)
    .action(async (file: string, { progress = false }: { readonly progress?: boolean }) => {
      const { runModule } = await import('./run-module.js');
      const { code, isOver } = await runModule(file, progress);
      process.exitCode = code;
      if (isOver) process.exit();
    });
}
