/**
 * The `pullgraph` command and its subcommands, one file each. A subcommand imports what it needs when it runs, so that `--help`
 * stays fast.
 */
import { Command, type CommanderError } from 'commander';
import { packageVersion } from '../system/package-version.js';
import { busCommand } from './bus.js';
import { checkCommand } from './check.js';
import { execCommand } from './exec.js';
import { OTHER_ERROR } from './exit-codes.js';
import { exploreCommand } from './explore.js';
import { produceCommand } from './produce.js';
import { runCommand } from './run.js';
import { scheduleCommand } from './schedule.js';
import { storeCommand } from './store.js';
import { workerCommand } from './worker.js';

/** The whole command, ready to parse. @internal */
export function program(): Command {
  const all = new Command('pullgraph')
    .description('Runs task graphs in demand order: tasks that the newest final results need start first.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError('(pullgraph --help lists the commands)')
    // Options of the program stand before the subcommand, so what follows it is free for values.
    .enablePositionalOptions()
    .exitOverride(leave);
  for (const command of [
    execCommand(),
    runCommand(),
    storeCommand(),
    busCommand(),
    produceCommand(),
    scheduleCommand(),
    workerCommand(),
    checkCommand(),
    exploreCommand(),
  ]) {
    command
      .exitOverride(leave)
      .helpOption('-h, --help', 'print this help')
      .showHelpAfterError(`(pullgraph ${command.name()} --help tells more)`)
      .configureOutput({
        outputError: (text, write) => write(text.replace(/^error: /, `pullgraph ${command.name()}: `)),
      });
    all.addCommand(command);
  }
  return all;
}

/** A wrong command line must not look like a number of failures. */
function leave(error: CommanderError): never {
  process.exit(error.exitCode === 0 ? 0 : OTHER_ERROR);
}
