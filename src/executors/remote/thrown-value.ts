/**
 * Thrown values on their way between workers and their scheduler. Cloning drops an error's own properties and most names,
 * and refuses the whole error for one property that it cannot clone; so an error travels as a record of its parts, and
 * is rebuilt as the nearest class that both sides know. Anything else travels unchanged.
 */
import { describe, isInstance } from '../../core/user-value.js';
import { types } from 'node:util';
import * as failures from '../../core/failures.js';
import { type Border, canCross } from './cloneability.js';

type Encoded =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'list'; readonly items: readonly Encoded[] }
  | {
      readonly kind: 'error';
      readonly className: string;
      readonly message: string;
      /** `name`, `stack`, `cause` and all other own properties of the error. */
      readonly fields: readonly Field[];
    };

interface Field {
  readonly key: string;
  readonly value: Encoded;
  readonly enumerable: boolean;
}

/** The classes that both sides know: those of the language, and all of pullgraph's own. */
const CLASSES: readonly { readonly name: string; readonly prototype: object }[] = [
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
  AggregateError,
  DOMException,
  ...Object.values(failures).filter((value) => isInstance(value.prototype, Error)),
];

const NAME_OF_PROTOTYPE = new Map<unknown, string>(CLASSES.map(({ name, prototype }) => [prototype, name]));
const PROTOTYPE_OF_NAME = new Map<unknown, object>(CLASSES.map(({ name, prototype }) => [name, prototype]));

// A longer chain of causes, or a circular one, is cut.
const MAX_DEPTH = 16;

/**
 * Makes any thrown value postable. One that is neither an error nor cloneable is replaced by an error that says so.
 *
 * @internal
 */
export function encodeThrown(border: Border, thrown: unknown): unknown {
  const substitute = (): Error => new TypeError(`thrown: ${Object.prototype.toString.call(thrown)}`);
  return encode(border, thrown, 0) ?? encode(border, substitute(), 0);
}

/**
 * Reverses `encodeThrown`; returns anything else unchanged.
 *
 * @internal
 */
export function decodeThrown(encoded: unknown): unknown {
  return isEncoded(encoded) ? decode(encoded) : encoded;
}

/** Undefined for a value that cannot cross. */
function encode(border: Border, value: unknown, depth: number): Encoded | undefined {
  if (isError(value)) return depth < MAX_DEPTH ? encodeError(border, value, depth) : undefined;
  if (Array.isArray(value) && depth < MAX_DEPTH) {
    const items = value.map((item) => encode(border, item, depth + 1));
    return { kind: 'list', items: items.filter((item) => item !== undefined) };
  }
  return canCross(border, value) ? { kind: 'value', value } : undefined;
}

function encodeError(border: Border, error: Error, depth: number): Encoded {
  const fields: Field[] = [];
  const keys = new Set(['name', 'stack', ...Object.getOwnPropertyNames(error)]);
  keys.delete('message');
  for (const key of keys) {
    const value = encode(border, read(error, key), depth + 1);
    const enumerable = Object.prototype.propertyIsEnumerable.call(error, key);
    if (value !== undefined) fields.push({ key, value, enumerable });
  }
  return { kind: 'error', className: classOf(error), message: describe(read(error, 'message')), fields };
}

function decode(encoded: Encoded): unknown {
  switch (encoded.kind) {
    case 'value':
      return encoded.value;
    case 'list':
      return encoded.items.map(decode);
    case 'error':
      return decodeError(encoded);
  }
}

function decodeError({ className, message, fields }: Encoded & { kind: 'error' }): Error {
  const values = new Map(fields.map((field) => [field.key, decode(field.value)]));
  const prototype = PROTOTYPE_OF_NAME.get(className) ?? Error.prototype;
  // The fields of a DOMException are not its own: only its constructor can set them.
  const isException = prototype === DOMException.prototype;
  const error = isException ? new DOMException(message, describe(values.get('name'))) : new Error(message);
  if (!isException) Object.setPrototypeOf(error, prototype);
  for (const { key, enumerable } of fields) {
    const value = values.get(key);
    if (read(error, key) === value) continue;
    Object.defineProperty(error, key, { value, enumerable, configurable: true, writable: true });
  }
  return error;
}

/** A getter that throws loses only its own property. */
function read(error: Error, key: string): unknown {
  try {
    const value: unknown = Reflect.get(error, key);
    return value;
  } catch {
    return undefined;
  }
}

function classOf(error: Error): string {
  for (let prototype: unknown = Object.getPrototypeOf(error); isObject(prototype); ) {
    const name = NAME_OF_PROTOTYPE.get(prototype);
    if (name !== undefined) return name;
    prototype = Object.getPrototypeOf(prototype);
  }
  return 'Error';
}

function isError(value: unknown): value is Error {
  return types.isNativeError(value) || isInstance(value, Error);
}

function isEncoded(value: unknown): value is Encoded {
  if (!isObject(value) || !('kind' in value)) return false;
  switch (value.kind) {
    case 'value':
      return 'value' in value;
    case 'list':
      return 'items' in value && Array.isArray(value.items) && value.items.every(isEncoded);
    case 'error':
      return (
        'className' in value &&
        'message' in value &&
        typeof value.message === 'string' &&
        'fields' in value &&
        Array.isArray(value.fields) &&
        value.fields.every(isField)
      );
    default:
      return false;
  }
}

function isField(value: unknown): value is Field {
  return (
    isObject(value) && 'key' in value && typeof value.key === 'string' && 'value' in value && isEncoded(value.value)
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
