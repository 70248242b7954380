/**
 * The `pullgraph` command and its subcommands, one file each. Every subcommand loads what it needs only when it runs, so that
 * `--help` is quick.
 */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';

/** The whole command, ready to parse. @internal */
export function program(): Command {
  return new Command('pullgraph')
    .description('Runs task graphs in demand order: what the newest final results need starts first.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError('(pullgraph --help lists what there is)');
}

/** The version of the package that this file is part of, built or not. */
function version(): string {
  for (const path of ['../../package.json', '../../../package.json']) {
    try {
      const found: unknown = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
      if (typeof found === 'object' && found !== null && 'version' in found) return String(found.version);
    } catch {
      // The other place it is.
    }
  }
  return 'unknown';
}
