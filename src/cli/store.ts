/** `pullgraph store`: looks into the file of a store, and deletes from it. */
import { inspect } from 'node:util';
import { Command } from 'commander';
import { endWithOutput } from './closed-output.js';
import { OTHER_ERROR } from './exit-codes.js';
import { durationFrom, integerFrom } from './option-values.js';
import { printable } from './printable.js';
import { readableAge, readableSize } from './readable.js';
import { complain } from './say.js';
import type { ListedRecord, StoreFile } from '../store/store-file.js';

const HELP = `
FILE is the file of sqliteStore(FILE), or of pullgraph run --store FILE. No run may use it meanwhile.

Exit codes:
  0    done
  1    the key is not there, or verify has found something
  255  another error: the command line is wrong, or FILE cannot be used`;

/** Times are kept in seconds. */
const MS_PER_S = 1_000;
const MOST_MS = Number.MAX_SAFE_INTEGER;

/** The subcommand. @internal */
export function storeCommand(): Command {
  const command = new Command('store')
    .summary('look into the file of a store')
    .description('Looks into the file of a store, and deletes from it.')
    .addHelpText('after', HELP);
  on('ls', 'list the keys, with status, size, age and queue, the newest last')
    .option('--json', 'print a line of JSON for each, with bytes and the time it was kept')
    .action((file: string, { json = false }: { readonly json?: boolean }) =>
      opened(file, (store) => list(store, json ? asJson : asRow)),
    );
  on('show', 'print what is kept under a key')
    .argument('<KEY>')
    .action((file: string, key: string) => opened(file, (store) => show(store, key)));
  on('why', 'print what a result was made from')
    .argument('<KEY>')
    .action((file: string, key: string) => opened(file, (store) => why(store, key)));
  on('forget', 'delete a result, so that its task runs again')
    .argument('<KEY...>')
    .action((file: string, keys: string[]) => opened(file, (store) => forget(store, keys)));
  on('gc', 'delete old results and what nothing refers to')
    .option('--max-age <TIME>', 'delete what is older, such as 30d', durationFrom(0, MOST_MS))
    .option('--max-bytes <N>', 'delete the oldest until the rest is no larger', integerFrom(0, Number.MAX_SAFE_INTEGER))
    .action((file: string, { maxAge, maxBytes }: { readonly maxAge?: number; readonly maxBytes?: number }) =>
      opened(file, (store) => {
        const maxAgeS = maxAge === undefined ? undefined : maxAge / MS_PER_S;
        const { records, bytes } = store.gc({ maxAgeS, maxBytes });
        print(`deleted ${records} records, ${bytes} bytes`);
        return true;
      }),
    );
  on('verify', 'read everything and compare the checksums').action((file: string) => opened(file, verify));
  return command;

  function on(name: string, description: string): Command {
    return command.command(name).description(description).argument('<FILE>');
  }
}

/** Sets the exit code by whether `work` has found what it was to find. */
async function opened(file: string, work: (store: StoreFile) => boolean): Promise<void> {
  endWithOutput('store');
  const { StoreFile } = await import('../store/store-file.js');
  try {
    const store = new StoreFile(file);
    try {
      if (!work(store)) process.exitCode = 1;
    } finally {
      store.close();
    }
  } catch (error) {
    complain('store', error, OTHER_ERROR);
  }
}

function list(store: StoreFile, lineOf: (record: ListedRecord) => string): boolean {
  for (const record of store.list()) print(lineOf(record));
  return true;
}

function asRow({ key, queue, status, bytes, at }: ListedRecord): string {
  const age = readableAge(Date.now() / MS_PER_S - at);
  return [status, readableSize(bytes), age, printable(queue), printable(key)].join('\t');
}

function asJson({ key, queue, status, bytes, at }: ListedRecord): string {
  return JSON.stringify({ key, queue, status, bytes, at: new Date(at * MS_PER_S).toISOString() });
}

function show(store: StoreFile, key: string): boolean {
  if (store.recipe(key) === undefined) return missing(key);
  print(inspect(store.value(key), { depth: 8, maxArrayLength: 100, maxStringLength: 10_000 }));
  return true;
}

function why(store: StoreFile, key: string): boolean {
  const recipe = store.recipe(key);
  if (recipe === undefined) return missing(key);
  print(`function\t${printable(recipe.name)}\t${recipe.fn}`);
  for (const [index, arg] of recipe.args.entries()) print(`argument ${index + 1}\t${printable(arg)}`);
  for (const { name, recipe: made } of recipe.dependencies)
    print(`dependency\t${printable(name)}\t${made ?? 'by its result'}`);
  return true;
}

function forget(store: StoreFile, keys: readonly string[]): boolean {
  const absent = keys.filter((key) => !store.forget(key));
  for (const key of absent) missing(key);
  return absent.length === 0;
}

function verify(store: StoreFile): boolean {
  const { records, wrong } = store.verify();
  for (const line of wrong) print(printable(line));
  if (wrong.length === 0) print(`${records} records, all whole`);
  return wrong.length === 0;
}

function missing(key: string): false {
  complain('store', `there is nothing under the key ${printable(key)}`, 1);
  return false;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
