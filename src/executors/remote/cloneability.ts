/**
 * Which values can be sent to a worker and back, and an error that names by path a part that cannot. Nothing is checked before a
 * message is posted: the posting itself is the test, and only after it has failed is the value searched.
 */
import { describe, isInstance } from '../../core/user-value.js';
import { types } from 'node:util';
import { serialize } from 'node:v8';
import { SchedulerError } from '../../core/failures.js';

interface Uncloneable {
  readonly path: string;
  readonly what: string;
}

// A longer path would not be read.
const MAX_DEPTH = 100;

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/**
 * The border between a scheduler and its workers: which values can cross it.
 *
 * @internal
 */
export interface Border {
  /** The name of the far side, for messages: `thread`, `process`. */
  readonly beyond: string;
  /** Copies a value as posting does; throws if it cannot cross. */
  copy(value: unknown): void;
  /** Whether posting failed because of the kind of the value, not because of an error thrown on the way (by a getter, say). */
  isRefusal(error: unknown): boolean;
}

/**
 * Structured cloning, from thread to thread.
 *
 * @internal
 */
export const THREAD: Border = {
  beyond: 'thread',
  copy: (value) => void structuredClone(value),
  isRefusal(error) {
    if (isInstance(error, DOMException)) return error.name === 'DataCloneError';
    return isInstance(error, Error) && 'code' in error && error.code === 'ERR_MISSING_TRANSFERABLE_IN_TRANSFER_LIST';
  },
};

/**
 * V8's serialization, from process to process. It refuses with errors of no class or code of their own.
 *
 * @internal
 */
export const PROCESS: Border = {
  beyond: 'process',
  copy: (value) => void serialize(value),
  isRefusal: (error) =>
    isInstance(error, Error) && /could not be cloned\.$|^Unserializable host object/.test(error.message),
};

/**
 * Whether `value` can cross. Costs a copy of it.
 *
 * @internal
 */
export function canCross(border: Border, value: unknown): boolean {
  try {
    border.copy(value);
    return true;
  } catch {
    return false;
  }
}

/**
 * The error of an attempt at `task` after posting `value`, called `root` in the message, has thrown `cause`: a `SchedulerError`
 * `NotCloneable`, or `cause` itself if the value is not to blame.
 *
 * @internal
 */
export function postingFailure(border: Border, task: string, root: string, value: unknown, cause: unknown): unknown {
  if (!border.isRefusal(cause)) return cause;
  const { path, what } = find(border, value, root, 0, new Set()) ?? { path: root, what: nameOf(value) };
  const message = `task ${task}: ${path} cannot be sent to another ${border.beyond}, it is ${what}`;
  return new SchedulerError('NotCloneable', message, { tasks: [task], cause });
}

function find(
  border: Border,
  value: unknown,
  path: string,
  depth: number,
  seen: Set<unknown>,
): Uncloneable | undefined {
  if (typeof value === 'function' || typeof value === 'symbol') return { path, what: nameOf(value) };
  if (typeof value !== 'object' || value === null || seen.has(value) || depth > MAX_DEPTH) return undefined;
  seen.add(value);
  if (types.isProxy(value)) return { path, what: 'a Proxy' };
  // Arrays and plain objects are as cloneable as their parts; for anything else only a trial tells.
  const transparent = Array.isArray(value) || isPlain(value) || isInstance(value, Map) || isInstance(value, Set);
  if (!transparent && canCross(border, value)) return undefined;
  for (const [step, part] of partsOf(value)) {
    const found = find(border, part, path + step, depth + 1, seen);
    if (found !== undefined) return found;
  }
  return transparent ? undefined : { path, what: nameOf(value) };
}

function* partsOf(value: object): Iterable<[string, unknown]> {
  if (isInstance(value, Map)) {
    let index = 0;
    for (const [key, part] of value) {
      yield [`.keys()[${index++}]`, key];
      yield [`.get(${typeof key === 'string' ? JSON.stringify(key) : nameOf(key)})`, part];
    }
  } else if (isInstance(value, Set)) {
    let index = 0;
    for (const part of value) yield [`.values()[${index++}]`, part];
  } else if (Array.isArray(value)) {
    for (const [index, part] of value.entries()) yield [`[${index}]`, part];
  } else {
    for (const [key, part] of Object.entries(value)) yield [stepTo(key), part];
    if (types.isNativeError(value) && 'cause' in value) yield ['.cause', value.cause];
  }
}

function stepTo(key: string): string {
  return IDENTIFIER.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function nameOf(value: unknown): string {
  if (typeof value === 'function') {
    return value.name === '' ? 'a function without a name' : `the function ${value.name}`;
  }
  if (typeof value === 'symbol') return `the symbol ${value.toString()}`;
  if (typeof value !== 'object' || value === null) return describe(value);
  const name = classNameOf(value);
  return `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`;
}

function classNameOf(value: object): string {
  const constructor: unknown = Reflect.get(value, 'constructor');
  if (typeof constructor === 'function' && constructor !== Object && constructor.name !== '') return constructor.name;
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}
