/**
 * tsx, with which a main program runs as TypeScript, reaches worker threads by the arguments that they inherit; but on
 * a Node without `module.registerHooks` it registers itself on the main thread only, and a thread that loads TypeScript
 * fails with "Unknown file extension". A thread of such a program registers it here.
 */
import module, { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/**
 * Registers tsx in this thread where the main program runs under it and the thread does not; to be called once.
 *
 * @internal
 */
export async function registerTsx(): Promise<void> {
  // A worker that is TypeScript itself was loaded by whatever will load the module too.
  if ('registerHooks' in module || import.meta.url.endsWith('.ts')) return;
  const loader = tsxOf(process.execArgv) ?? tsxOf((process.env['NODE_OPTIONS'] ?? '').split(/\s+/));
  if (loader === undefined) return;
  const base = loader.startsWith('file:') ? loader : pathToFileURL(`${process.cwd()}/`).href;
  // Resolving for `require` finds the CommonJS twin, which does not work here; the ES module stands beside it.
  const twin = pathToFileURL(createRequire(base).resolve('tsx/esm/api'));
  const api: unknown = await import(new URL('./index.mjs', twin).href);
  if (typeof api === 'object' && api !== null && 'register' in api && typeof api.register === 'function') {
    Reflect.apply(api.register, undefined, []);
  }
}

/** What `--import` names, in either of its two forms, if that is tsx. */
function tsxOf(argv: readonly string[]): string | undefined {
  for (const [index, argument] of argv.entries()) {
    const value = argument === '--import' ? argv[index + 1] : /^--import=(.*)$/.exec(argument)?.[1];
    if (value !== undefined && /^tsx(\/|$)|\/tsx\/dist\/(loader|esm\/index)\.mjs$/.test(value)) return value;
  }
  return undefined;
}
