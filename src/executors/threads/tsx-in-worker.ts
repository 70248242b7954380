/**
 * Registers tsx in worker threads. Threads inherit the arguments with which a program runs under tsx; but on a Node without
 * `module.registerHooks` tsx registers itself on the main thread only, and a thread that loads TypeScript fails with "Unknown file
 * extension".
 */
import module, { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/**
 * Registers tsx in this thread if the main program runs under it and the thread does not. Must be called only once.
 *
 * @internal
 */
export async function registerTsx(): Promise<void> {
  // If this file is TypeScript, whatever loaded it will load the module too.
  if ('registerHooks' in module || import.meta.url.endsWith('.ts')) return;
  const loader = tsxOf(process.execArgv) ?? tsxOf((process.env['NODE_OPTIONS'] ?? '').split(/\s+/));
  if (loader === undefined) return;
  const base = loader.startsWith('file:') ? loader : pathToFileURL(`${process.cwd()}/`).href;
  // Resolving for `require` finds the CommonJS twin, which does not work here; the ES module is next to it.
  const twin = pathToFileURL(createRequire(base).resolve('tsx/esm/api'));
  const api: unknown = await import(new URL('./index.mjs', twin).href);
  if (typeof api === 'object' && api !== null && 'register' in api && typeof api.register === 'function') {
    Reflect.apply(api.register, undefined, []);
  }
}

/** The value of `--import`, in either of its two forms, if it is tsx. */
function tsxOf(argv: readonly string[]): string | undefined {
  for (const [index, argument] of argv.entries()) {
    const value = argument === '--import' ? argv[index + 1] : /^--import=(.*)$/.exec(argument)?.[1];
    if (value !== undefined && /^tsx(\/|$)|\/tsx\/dist\/(loader|esm\/index)\.mjs$/.test(value)) return value;
  }
  return undefined;
}
