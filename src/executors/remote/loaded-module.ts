/** The module of a worker, inside the worker: loaded once, and searched for a function by each attempt. */
import { enterContext, leaveContext } from '../../core/task-context.js';
import { inScope } from '../../core/trace-headers.js';
import type { Border } from './cloneability.js';
import { functionNotFound } from './exported-functions.js';
import { importModule } from './module-import.js';
import type { WorkerTaskContext } from './source-values.js';
import { decodeThrown, encodeThrown } from './thrown-value.js';

/**
 * The module, or the error of loading it.
 *
 * @internal
 */
export type LoadedModule =
  | { readonly moduleHref: string; readonly namespace: object }
  | { readonly moduleHref: string; readonly encodedFailure: unknown };

/**
 * An exported function, as a worker calls it.
 *
 * @internal
 */
export type WorkerFunction = (...args: unknown[]) => unknown;

/**
 * Loads the module, after `prepare`. Never rejects: an error is kept, and fails each attempt.
 *
 * @internal
 */
export async function loadModule(
  moduleHref: string,
  border: Border,
  prepare: () => Promise<void>,
): Promise<LoadedModule> {
  try {
    await prepare();
    return { moduleHref, namespace: await importModule(moduleHref) };
  } catch (error) {
    return { moduleHref, encodedFailure: encodeThrown(border, error) };
  }
}

/**
 * Calls the export `name` for the attempt of that `context`.
 *
 * @throws SchedulerError `FunctionNotFound`; the error of loading the module, decoded again for every attempt; or the function's
 * own error.
 * @internal
 */
export function callExport(
  module: LoadedModule,
  name: string,
  args: readonly unknown[],
  context: WorkerTaskContext,
): unknown {
  const previous = enterContext(context);
  try {
    const fn = functionOf(module, name, context.id);
    return inScope(context, () => fn(...args));
  } finally {
    leaveContext(previous);
  }
}

function functionOf(module: LoadedModule, name: string, task: string): WorkerFunction {
  if ('encodedFailure' in module) throw decodeThrown(module.encodedFailure);
  const { moduleHref, namespace } = module;
  const fn: unknown = Reflect.get(namespace, name);
  if (isFunction(fn)) return fn;
  throw functionNotFound(task, `in its worker, ${name}`, moduleHref, Object.keys(namespace));
}

function isFunction(value: unknown): value is WorkerFunction {
  return typeof value === 'function';
}
