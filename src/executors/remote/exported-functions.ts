/**
 * Finds the name under which a worker can import a function that the main thread holds: the main thread imports the module too,
 * and compares identities.
 */
import { SchedulerError } from '../../core/failures.js';
import { importModule } from './module-import.js';

/** Part of the name by which Vite's own loader refers to imports. */
const REWRITTEN_BY_VITE = '__vite_ssr_';

/**
 * The functions that a module exports, by identity.
 *
 * @internal
 */
export class ExportedFunctions {
  readonly #moduleHref: string;
  readonly #names = new Map<unknown, string>();
  readonly #twins = new WeakMap<object, string>();

  private constructor(moduleHref: string, namespace: object) {
    this.#moduleHref = moduleHref;
    for (const [name, value] of Object.entries(namespace)) {
      // A function that is exported twice can be imported by either name; the first will do.
      if (typeof value === 'function' && !this.#names.has(value)) this.#names.set(value, name);
    }
  }

  /** Imports the module. Rejects with the module's own error. */
  static async of(moduleHref: string): Promise<ExportedFunctions> {
    return new ExportedFunctions(moduleHref, await importModule(moduleHref));
  }

  /** The name of the export `fn`; undefined if it is none. */
  nameOf(fn: unknown): string | undefined {
    return this.#names.get(fn) ?? this.#twinOf(fn);
  }

  /** The error of an attempt at `task` whose `fn` is no export. */
  notFound(fn: unknown, task: string): SchedulerError {
    const what = typeof fn === 'function' && fn.name !== '' ? `function ${fn.name}` : 'a function without a name';
    return functionNotFound(task, what, this.#moduleHref, this.#names.values());
  }

  /**
   * A module that was loaded twice (by another loader, with another query) has every function twice. The function of the same
   * name and text is taken to be the same. Vite rewrites the text of a function that uses imports: its name has to do.
   */
  #twinOf(fn: unknown): string | undefined {
    if (typeof fn !== 'function') return undefined;
    const known = this.#twins.get(fn);
    if (known !== undefined) return known;
    const text = Function.prototype.toString.call(fn);
    if (text.endsWith('{ [native code] }')) return undefined;
    for (const [other, name] of this.#names) {
      if (typeof other !== 'function' || other.name !== fn.name) continue;
      if (name !== fn.name && name !== 'default') continue;
      if (Function.prototype.toString.call(other) !== text && !text.includes(REWRITTEN_BY_VITE)) continue;
      this.#twins.set(fn, name);
      return name;
    }
    return undefined;
  }
}

/**
 * `FunctionNotFound`: names `fn`, the module and the names that it exports.
 *
 * @internal
 */
export function functionNotFound(
  task: string,
  fn: string,
  moduleHref: string,
  exported: Iterable<string>,
): SchedulerError {
  const names = [...exported].join(', ');
  const what = `task ${task}: ${fn} is not an export of ${moduleHref}`;
  return new SchedulerError('FunctionNotFound', `${what}, which exports ${names || 'no functions'}`, { tasks: [task] });
}
