/** `pullgraph check`: options and help. */
import { Command } from 'commander';

const HELP = `
TRACE.json is an array of events, or an object with the field trace, as simulate returns it. GRAPH.json has the fields
queues and tasks of a scenario; see docs/testing.md for both.

One line is printed for each invariant: whether it holds, and how often the trace asked for it. Below one that is broken
stands what broke it, and what happened to the tasks concerned. With --json the report is printed as JSON.

Exit codes:
  0    every invariant holds
  1    an invariant is broken
  255  another error: a file cannot be read, or is no trace or no graph`;

interface Given {
  readonly json?: boolean;
  readonly unfinished?: boolean;
}

/** The subcommand. @internal */
export function checkCommand(): Command {
  return new Command('check')
    .summary('check a recorded trace against its graph')
    .description('Checks a recorded trace against its graph.')
    .argument('<TRACE.json>', 'the trace')
    .argument('<GRAPH.json>', 'the graph')
    .option('--unfinished', 'the trace ends in the middle: do not hold against it what is missing at its end')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', HELP)
    .action(async (trace: string, graph: string, { json = false, unfinished = false }: Given) => {
      const { checkFiles } = await import('./check-files.js');
      process.exitCode = checkFiles(trace, graph, { json, isComplete: !unfinished });
    });
}
