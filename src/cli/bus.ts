/** `pullgraph bus`: runs a bus. */
import { Command, Option } from 'commander';
import { endWithOutput } from './closed-output.js';
import { onEndingSignals } from './ending-signals.js';
import { OTHER_ERROR } from './exit-codes.js';
import { integerFrom, TOKEN_VARIABLE } from './option-values.js';
import { printable } from './printable.js';
import { complain, say } from './say.js';

const HELP = `
Producers request jobs from the bus and schedulers run them: see pullgraph produce and pullgraph schedule. Without --host
the bus accepts connections from this computer only; with --host, set a token too. Web pages can connect only from the
origins in --allow-origin. Clients address the bus by an IP address, localhost, the name of this computer or --host; other
names need --allow-host.

SIGINT or SIGTERM ends the bus. Its jobs are lost, and producers are told.

Exit codes:
  0    ended by SIGINT or SIGTERM
  141  stdout was closed
  255  the command line is wrong, or the bus cannot listen on this address

Example:
  pullgraph bus --port 8101`;

interface Given {
  readonly host: string;
  readonly port: number;
  readonly broadcast?: boolean;
  readonly token?: string;
  readonly allowOrigin?: readonly string[];
  readonly allowHost?: readonly string[];
}

/** The subcommand. @internal */
export function busCommand(): Command {
  return new Command('bus')
    .summary('pass jobs from producers to schedulers')
    .description('Runs a bus, which passes jobs from producers to schedulers over WebSockets.')
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('--port <n>', 'the port to listen on; 0 for any free port', integerFrom(0, 65_535), 8101)
    .option('--broadcast', 'send every job of the simple protocol to every scheduler')
    .addOption(new Option('--token <text>', 'the token that every client must send').env(TOKEN_VARIABLE))
    .option('--allow-origin <origin...>', 'the origins of web pages that can connect')
    .option('--allow-host <name...>', 'names by which clients can address the bus; * for any')
    .addHelpText('after', HELP)
    .action(async ({ host, port, broadcast = false, token, allowOrigin = [], allowHost = [] }: Given) => {
      const { startBus } = await import('../bus/index.js');
      endWithOutput('bus');
      try {
        const bus = await startBus({
          host,
          port,
          broadcast,
          allowedOrigins: allowOrigin,
          allowedHosts: allowHost,
          onTrouble: (message) => say('bus', printable(message)),
          ...(token === undefined ? {} : { token }),
        });
        if (token === undefined && !isLoopback(host)) {
          say('bus', 'anyone who can reach this address can use the bus: set a --token');
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
