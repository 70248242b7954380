/**
 * Encodes values as bytes: equal values give equal bytes, in every run and on every version of Node, so that a hash of them is a
 * fingerprint; and `decode` gives the value back. It takes what structured cloning takes, but refuses what that would alter without
 * a word: an object of a class would lose its class.
 *
 * The order of properties and of the members of maps and sets counts. Shared parts and cycles are kept. The stack of an error is kept only
 * where asked for: a fingerprint does not depend on it.
 */
import { CommandResult } from '../../core/command-result.js';
import { SchedulerError, shown } from '../../core/failures.js';
import { ByteWriter } from './byte-writer.js';
import { TAG, VIEWS } from './tags.js';

/** Values may be nested so deep. */
const MAX_DEPTH = 1_000;

/** In a pattern with `u`, a surrogate is one that is not part of a pair. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** A writer that has grown beyond this many bytes is not kept for the next value. */
const MOST_KEPT_BYTES = 2 ** 20;

/** @internal */
export interface Encoded {
  readonly bytes: Uint8Array;
  /** Whether the bytes with and without stacks differ. */
  readonly hasStacks: boolean;
}

/** @internal */
export interface EncodeOptions {
  readonly withStacks?: boolean;
  /** The number that stands for an object; undefined for one that is encoded by its parts. */
  readonly place?: ((value: object) => number | undefined) | undefined;
}

let spare: ByteWriter | undefined = new ByteWriter();

/**
 * The bytes of a value. `what` names it in messages.
 *
 * @throws SchedulerError `NotStorable`, with the path of a part that cannot be kept; or what the value itself throws.
 * @internal
 */
export function encode(value: unknown, what: string, options: EncodeOptions = {}): Encoded {
  // Another value may be encoded meanwhile, by a getter of this one.
  const writer = spare ?? new ByteWriter();
  spare = undefined;
  writer.clear();
  const encoding = new Encoding(writer, what, options);
  encoding.value(value);
  const bytes = writer.taken();
  if (bytes.length <= MOST_KEPT_BYTES) spare = writer;
  return { bytes, hasStacks: encoding.hasStacks };
}

/** One value on its way. */
class Encoding {
  hasStacks = false;
  readonly #to: ByteWriter;
  readonly #what: string;
  readonly #options: EncodeOptions;
  readonly #path: PropertyKey[] = [];
  #numbers: Map<object, number> | undefined = undefined;

  constructor(to: ByteWriter, what: string, options: EncodeOptions) {
    this.#to = to;
    this.#what = what;
    this.#options = options;
  }

  value(value: unknown): void {
    switch (typeof value) {
      case 'undefined':
        this.#to.byte(TAG.undefined);
        return;
      case 'boolean':
        this.#to.byte(value ? TAG.true : TAG.false);
        return;
      case 'number':
        this.#number(value);
        return;
      case 'bigint':
        this.#to.byte(TAG.bigint);
        this.#to.text(value.toString(16));
        return;
      case 'string':
        this.#text(value);
        return;
      case 'object':
        if (value === null) this.#to.byte(TAG.null);
        else this.#object(value);
        return;
      case 'symbol':
      case 'function':
        throw this.#refusal(`is a ${typeof value}`);
    }
  }

  #number(value: number): void {
    if (Number.isInteger(value) && value >= 0 && value < 2 ** 53 && !Object.is(value, -0)) {
      this.#to.byte(TAG.integer);
      this.#to.count(value);
      return;
    }
    this.#to.byte(TAG.double);
    // Every NaN is the same.
    this.#to.double(Number.isNaN(value) ? Number.NaN : value);
  }

  #text(value: string): void {
    if (!LONE_SURROGATE.test(value)) {
      this.#to.byte(TAG.text);
      this.#to.text(value);
      return;
    }
    this.#to.byte(TAG.utf16);
    this.#to.count(value.length);
    for (let index = 0; index < value.length; index += 1) this.#to.count(value.charCodeAt(index));
  }

  #object(value: object): void {
    const place = this.#options.place?.(value);
    if (place !== undefined) {
      this.#numbered(TAG.dependency, place);
      return;
    }
    const known = this.#numbers?.get(value);
    if (known !== undefined) {
      this.#numbered(TAG.again, known);
      return;
    }
    if (this.#path.length >= MAX_DEPTH) throw this.#refusal(`lies deeper than ${MAX_DEPTH} levels`);
    this.#numbers ??= new Map();
    this.#numbers.set(value, this.#numbers.size);
    if (Array.isArray(value)) this.#array(value);
    else this.#byPrototype(value);
  }

  #byPrototype(value: object): void {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype) this.#properties(TAG.object, value);
    else if (prototype === null) this.#properties(TAG.bareObject, value);
    else if (ArrayBuffer.isView(value)) this.#view(value);
    else if (value instanceof Map) this.#map(value);
    else if (value instanceof Set) this.#set(value);
    else if (value instanceof Date) {
      this.#checkClass(value, Date);
      this.#to.byte(TAG.date);
      this.#to.double(value.getTime());
    } else if (value instanceof RegExp) {
      this.#checkClass(value, RegExp);
      this.#to.byte(TAG.regexp);
      this.#to.text(value.source);
      this.#to.text(value.flags);
    } else if (value instanceof Error) this.#error(value);
    else if (value instanceof ArrayBuffer) this.#buffer(TAG.buffer, new Uint8Array(value));
    else if (value instanceof SharedArrayBuffer) this.#buffer(TAG.sharedBuffer, new Uint8Array(value));
    else if (value instanceof CommandResult) this.#command(value);
    else throw this.#refusal(`is an object of class ${classOf(value)}`);
  }

  #array(items: readonly unknown[]): void {
    if (Object.getPrototypeOf(items) !== Array.prototype) throw this.#refusal(`is an array of class ${classOf(items)}`);
    this.#numbered(TAG.array, items.length);
    for (let index = 0; index < items.length; index += 1) {
      if (index in items) this.#part(index, items[index]);
      else this.#to.byte(TAG.hole);
    }
    // The own keys of an array are its indices and `length`.
    if (Object.keys(items).length > items.length) throw this.#refusal('is an array with keys other than its indices');
  }

  #properties(tag: number, value: object): void {
    const keys = Object.keys(value);
    this.#numbered(tag, keys.length);
    for (const key of keys) {
      this.#text(key);
      this.#part(key, Reflect.get(value, key));
    }
    if (Object.getOwnPropertySymbols(value).length > 0) throw this.#refusal('has properties named by symbols');
  }

  #map(value: Map<unknown, unknown>): void {
    this.#checkClass(value, Map);
    this.#numbered(TAG.map, value.size);
    for (const [key, member] of value) {
      this.#part('key', key);
      this.#part(typeof key === 'string' ? key : 'value', member);
    }
  }

  #set(value: Set<unknown>): void {
    this.#checkClass(value, Set);
    this.#numbered(TAG.set, value.size);
    for (const member of value) this.#part('member', member);
  }

  #view(value: ArrayBufferView): void {
    const name = classOf(value);
    const kind = (VIEWS as readonly string[]).indexOf(name);
    if (kind < 0) throw this.#refusal(`is an object of class ${name}`);
    const isShared = value.buffer instanceof SharedArrayBuffer;
    this.#numbered(isShared ? TAG.sharedView : TAG.view, kind);
    this.#to.count(value.byteLength);
    this.#to.bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  }

  #buffer(tag: number, bytes: Uint8Array): void {
    this.#numbered(tag, bytes.length);
    this.#to.bytes(bytes);
  }

  #error(error: Error): void {
    const { name, message, stack } = error;
    const cause: unknown = error.cause;
    this.#to.byte(TAG.error);
    this.#text(name);
    this.#text(message);
    this.#part('cause', cause);
    this.#to.byte('cause' in error ? 1 : 0);
    const own = Object.keys(error).filter((key) => key !== 'cause' && key !== 'name');
    // The errors of an AggregateError are not enumerable.
    if (Object.hasOwn(error, 'errors') && !own.includes('errors')) own.push('errors');
    this.#to.count(own.length);
    for (const key of own) {
      this.#text(key);
      this.#part(key, Reflect.get(error, key));
    }
    if (typeof stack === 'string') this.hasStacks = true;
    this.value(this.#options.withStacks === true ? stack : undefined);
  }

  #command({ exitCode, signal, stdoutBytes, stderrBytes, truncated }: CommandResult): void {
    this.#to.byte(TAG.command);
    for (const part of [exitCode, signal, truncated]) this.value(part);
    for (const bytes of [stdoutBytes, stderrBytes]) {
      this.#to.count(bytes.length);
      this.#to.bytes(bytes);
    }
  }

  #part(key: PropertyKey, value: unknown): void {
    this.#path.push(key);
    this.value(value);
    this.#path.pop();
  }

  #numbered(tag: number, count: number): void {
    this.#to.byte(tag);
    this.#to.count(count);
  }

  #checkClass(value: object, type: { readonly prototype: object; readonly name: string }): void {
    if (Object.getPrototypeOf(value) !== type.prototype) throw this.#refusal(`is an object of class ${classOf(value)}`);
  }

  #refusal(what: string): SchedulerError {
    const path = this.#path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
    return new SchedulerError('NotStorable', `${this.#what}${path} ${what}, which cannot be kept`);
  }
}

function classOf(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  const made: unknown = typeof prototype === 'object' && prototype !== null ? prototype.constructor : undefined;
  return typeof made === 'function' && made.name !== '' ? made.name : shown(made);
}
