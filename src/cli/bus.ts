/** `pullgraph bus`: a bus as a program of its own. */
import { Command, Option } from 'commander';
import { endWithOutput } from './closed-output.js';
import { onEndingSignals } from './ending-signals.js';
import { OTHER_ERROR } from './exit-codes.js';
import { integerFrom, TOKEN_VARIABLE } from './option-values.js';
import { complain, say } from './say.js';

const HELP = `
Producers ask the bus for jobs and schedulers do them: see pullgraph produce and pullgraph schedule. The bus listens on
this computer only unless --host says otherwise; then give it a token too. Web pages may connect when their origin is
on the list.

Ends at SIGINT or SIGTERM. What it kept is lost then; producers hear so.

Exit codes:
  0    ended by SIGINT or SIGTERM
  141  nobody reads what it prints
  255  the command line is wrong, or it cannot listen there

Example:
  pullgraph bus --port 8101`;

interface Given {
  readonly host: string;
  readonly port: number;
  readonly broadcast?: boolean;
  readonly token?: string;
  readonly allowOrigin?: readonly string[];
}

/** The subcommand. @internal */
export function busCommand(): Command {
  return new Command('bus')
    .summary('hand jobs from producers to schedulers')
    .description('Runs a bus, which hands jobs from producers to schedulers over WebSockets.')
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('--port <n>', 'the port to listen on; 0 for any that is free', integerFrom(0, 65_535), 8101)
    .option('--broadcast', 'give every job of the simple protocol to every scheduler')
    .addOption(new Option('--token <text>', 'what every peer must know').env(TOKEN_VARIABLE))
    .option('--allow-origin <origin...>', 'origins of web pages that may connect')
    .addHelpText('after', HELP)
    .action(async ({ host, port, broadcast = false, token, allowOrigin = [] }: Given) => {
      const { startBus } = await import('../bus/index.js');
      endWithOutput('bus');
      try {
        const bus = await startBus({
          host,
          port,
          broadcast,
          allowedOrigins: allowOrigin,
          ...(token === undefined ? {} : { token }),
        });
        if (token === undefined && !isLoopback(host)) {
          say('bus', 'anybody who reaches this address can use the bus: give it a --token');
        }
        const stopListening = onEndingSignals(() => void bus.close().then(stopListening));
        process.stdout.write(`listening on ${bus.url}\n`);
      } catch (error) {
        complain('bus', error, OTHER_ERROR);
      }
    });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
