/** `pullgraph explore`: visits every state that a small graph can get into. */
import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { endWithOutput } from './closed-output.js';
import { OTHER_ERROR } from './exit-codes.js';
import { integerFrom } from './option-values.js';
import { printable } from './printable.js';
import { messageOf } from '../core/user-value.js';
import { complain } from './say.js';

const HELP = `
GRAPH.json names queues and tasks as a scenario does; times are not looked at:
  {"queues": [{"name": "q", "concurrency": 1}],
   "tasks": [{"id": "a", "queue": "q"}, {"id": "b", "queue": "q", "deps": ["a"]}]}

Exit codes:
    0  every state was visited, and every invariant holds
    1  an invariant is violated; the shortest way there is printed
    2  given up after --max-states
  141  stdout was closed
  255  the command line is wrong, or GRAPH.json cannot be read

Example:
  pullgraph explore graph.json --micro --failures 2`;

const VIOLATED = 1;
const GIVEN_UP = 2;

interface Given {
  readonly micro?: boolean;
  readonly json?: boolean;
  readonly mermaid?: boolean;
  readonly failures?: number;
  readonly timeouts?: number;
  readonly cancels?: number;
  readonly stops?: number;
  readonly evictions?: number;
  readonly closes?: boolean;
  readonly lateSubmit?: boolean;
  readonly onFailure?: 'continue' | 'stop' | 'abort';
  readonly maxStates?: number;
}

/** The subcommand. @internal */
export function exploreCommand(): Command {
  const times = integerFrom(0, 15);
  return new Command('explore')
    .summary('visit every state of a small graph')
    .description('Visits every state that a small graph can get into, and checks the invariants in each.')
    .argument('<graph>', 'the file of the graph, or - for stdin')
    .option('--micro', 'deliver each message by itself, as between threads or machines')
    .option('--failures <n>', 'how many attempts may fail (default: 1)', times)
    .option('--timeouts <n>', 'how many attempts may time out (default: 0)', times)
    .option('--cancels <n>', 'how many tasks may be cancelled (default: 1)', times)
    .option('--stops <n>', 'how often the scheduler may be stopped (default: 1)', times)
    .option('--evictions <n>', 'how many attempts may be evicted (default: 0)', times)
    .option('--closes', 'the scheduler may be closed')
    .option('--late-submit', 'submit tasks one by one, at any time')
    .addOption(new Option('--on-failure <what>', 'what a failure leads to').choices(['continue', 'stop', 'abort']))
    .option('--max-states <n>', 'give up after so many states (default: 2000000)', integerFrom(1, 100_000_000))
    .option('--json', 'print the result as JSON')
    .option('--mermaid', 'print the way to a violation as a Mermaid sequence diagram')
    .addHelpText('after', HELP)
    .action(async (path: string, given: Given) => {
      endWithOutput('explore');
      try {
        process.exitCode = await exploreFile(path, given);
      } catch (error) {
        complain('explore', printable(messageOf(error)), OTHER_ERROR);
      }
    });
}

async function exploreFile(path: string, { micro, json, mermaid, ...bounds }: Given): Promise<number> {
  const testing = await import('../testing/index.js');
  const { drawViolation, explore, tellExploration } = testing;
  // An assertion of types needs a name whose type is written down.
  const checkGraph: typeof testing.checkGraph = testing.checkGraph;
  const graph: unknown = JSON.parse(readFileSync(path === '-' ? 0 : path, 'utf8'));
  checkGraph(graph);
  const found = explore(graph, { ...bounds, granularity: micro === true ? 'micro' : 'macro' });
  const { violation, isComplete } = found;
  if (json === true) process.stdout.write(`${JSON.stringify(found)}\n`);
  else if (mermaid === true && violation !== undefined) process.stdout.write(drawViolation(violation));
  else process.stdout.write(tellExploration(found));
  if (violation !== undefined) return VIOLATED;
  return isComplete ? 0 : GIVEN_UP;
}
