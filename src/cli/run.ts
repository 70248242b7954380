/** `pullgraph run`: its options and its help. */
import { Command } from 'commander';

const HELP = `
FILE is a JavaScript module whose default export is a function. It is called with a scheduler that has been started,
adds queues and submits tasks. The run is over when it has returned and all tasks have settled.

TypeScript is loaded where the process can load it: node --import tsx node_modules/.bin/pullgraph run FILE.

The first SIGINT or SIGTERM starts nothing more and waits for what runs; the second ends that.

Exit codes:
  0    all tasks are done
  1    tasks failed that nobody looked at, nothing could proceed, the function threw, or it waits for what will never come
  130  interrupted by SIGINT
  143  interrupted by SIGTERM
  255  something else went wrong: the command line, or FILE cannot be loaded or exports no function

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
    .description('Runs the tasks that a module submits to the scheduler it is given.')
    .argument('<FILE>', 'the module')
    .option('--progress', 'show on standard error how far it has come')
    .addHelpText('after', HELP)
    .action(async (file: string, { progress = false }: { readonly progress?: boolean }) => {
      const { runModule } = await import('./run-module.js');
      const { code, isOver } = await runModule(file, progress);
      process.exitCode = code;
      if (isOver) process.exit();
    });
}
