/**
 * Imports the module of an executor, in the process of the scheduler and in its workers. Node does it, or what the program runs
 * under (tsx); only in tests of Vitest, which gives TypeScript to its own loader and to no other, it is done by Vite.
 */
import { describe, isInstance } from '../../core/user-value.js';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { SchedulerError } from '../../core/failures.js';

/** The errors by which Node says that it does not load a TypeScript file as it stands, or what such a file imports. */
const NEEDS_ANOTHER_LOADER = new Set([
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'ERR_MODULE_NOT_FOUND',
  'ERR_UNSUPPORTED_DIR_IMPORT',
]);

/** What TypeScript compiles to each extension from. */
const SOURCES = new Map([
  ['.js', ['.ts', '.tsx']],
  ['.mjs', ['.mts']],
]);

/**
 * The module's namespace. Rejects with the module's own error, or with `ModuleNotLoaded` if it does not exist or is TypeScript that
 * nothing here loads.
 *
 * @internal
 */
export async function importModule(moduleHref: string): Promise<object> {
  // Vite has made the functions of the tests, and they are compared with those of this module.
  const tested = '__vitest_worker__' in globalThis ? typeScriptOf(moduleHref) : undefined;
  if (tested !== undefined) return importByVite(tested, true);
  try {
    return namespaceOf(await import(/* @vite-ignore */ moduleHref));
  } catch (error) {
    const code = isInstance(error, Error) && 'code' in error ? describe(error.code) : '';
    const source = process.env['VITEST'] === undefined ? undefined : typeScriptOf(moduleHref);
    if (source !== undefined && NEEDS_ANOTHER_LOADER.has(code)) return importByVite(source, false);
    throw explained(moduleHref, code, error);
  }
}

/** The path of the TypeScript file that the URL means: its own, or that of the source of the JavaScript file that is not there. */
function typeScriptOf(moduleHref: string): string | undefined {
  if (!moduleHref.startsWith('file:')) return undefined;
  const path = fileURLToPath(new URL(moduleHref));
  const extension = extname(path);
  if (/^\.[cm]?tsx?$/.test(extension)) return path;
  if (existsSync(path)) return undefined;
  const stem = path.slice(0, path.length - extension.length);
  return SOURCES.get(extension)
    ?.map((source) => stem + source)
    .find((source) => existsSync(source));
}

/** `once`: nothing of the module runs later, which may import more. */
async function importByVite(path: string, once: boolean): Promise<object> {
  const options = {
    configFile: false,
    appType: 'custom',
    logLevel: 'error',
    optimizeDeps: { noDiscovery: true },
    server: { middlewareMode: true, watch: null, hmr: false, ws: false },
  };
  const server = await callOf(await import(/* @vite-ignore */ viteNear(path)), 'createServer', options);
  try {
    return namespaceOf(await callOf(server, 'ssrLoadModule', path));
  } finally {
    if (once) await callOf(server, 'close');
  }
}

/** Calls a method of Vite's. */
function callOf(owner: unknown, name: string, ...args: readonly unknown[]): unknown {
  const method: unknown = typeof owner === 'object' && owner !== null ? Reflect.get(owner, name) : undefined;
  if (typeof method === 'function') return Reflect.apply(method, owner, args);
  throw new Error(`expected Vite to have ${name}`);
}

/** The URL of the Vite that the tests use: the project's, or that of its Vitest. */
function viteNear(path: string): string {
  for (const from of [path, `${process.cwd()}/`]) {
    try {
      const { resolve } = createRequire(from);
      return pathToFileURL(createRequire(resolve('vitest')).resolve('vite')).href;
    } catch {
      // Not installed there.
    }
  }
  throw noLoader(path);
}

function noLoader(path: string): SchedulerError {
  const message = `${path} cannot be loaded: it is TypeScript, and the Vite of these tests was not found`;
  return new SchedulerError('ModuleNotLoaded', `${message}: give the URL of a JavaScript file`);
}

/** The error with what to do about it, where it is one of Node's that does not say. */
function explained(moduleHref: string, code: string, error: unknown): unknown {
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION' && typeScriptOf(moduleHref) !== undefined) {
    const message = `${moduleHref} cannot be loaded: this program does not run TypeScript`;
    const advice = 'run it by tsx (node --import tsx), or give the URL of the compiled JavaScript';
    return new SchedulerError('ModuleNotLoaded', `${message}: ${advice}`, { cause: error });
  }
  if (code === 'ERR_MODULE_NOT_FOUND' && moduleHref.startsWith('file:') && !existsSync(new URL(moduleHref))) {
    const message = `${moduleHref} cannot be loaded: there is no such file`;
    const advice = 'if this program is a bundle, build the module as a further entry beside it';
    return new SchedulerError('ModuleNotLoaded', `${message}; ${advice}`, { cause: error });
  }
  return error;
}

function namespaceOf(module: unknown): object {
  return typeof module === 'object' && module !== null ? module : {};
}
