/** Decodes what `encode` has written. The bytes are known to be whole: their hash was checked before. */
import { CommandResult } from '../../core/command-result.js';
import { elementAt } from '../../core/element-at.js';
import { SchedulerError } from '../../core/failures.js';
import { ERRORS, TAG, VIEWS } from './tags.js';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** @throws SchedulerError `StoreCorrupt` for bytes that `encode` did not write. @internal */
export function decode(bytes: Uint8Array): unknown {
  try {
    return new Decoding(bytes).value();
  } catch (cause) {
    throw new SchedulerError('StoreCorrupt', 'a kept value is not in the format of this version of pullgraph', {
      cause,
    });
  }
}

const HOLE = Symbol('hole');

class Decoding {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #objects: object[] = [];
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  value(): unknown {
    const tag = this.#byte();
    switch (tag) {
      case TAG.undefined:
        return undefined;
      case TAG.null:
        return null;
      case TAG.true:
        return true;
      case TAG.false:
        return false;
      case TAG.integer:
        return this.#count();
      case TAG.double:
        return this.#double();
      case TAG.bigint:
        return bigintOf(this.#plainText());
      case TAG.text:
        return this.#plainText();
      case TAG.utf16:
        return this.#utf16();
      case TAG.array:
        return this.#array();
      case TAG.hole:
        return HOLE;
      case TAG.again:
        return elementAt(this.#objects, this.#count());
      default:
        return this.#object(tag);
    }
  }

  #object(tag: number): unknown {
    switch (tag) {
      case TAG.object:
        return this.#properties(this.#begun({}), this.#count());
      case TAG.bareObject: {
        const bare = {};
        Object.setPrototypeOf(bare, null);
        return this.#properties(this.#begun(bare), this.#count());
      }
      case TAG.map: {
        const map = this.#begun(new Map<unknown, unknown>());
        for (let left = this.#count(); left > 0; left -= 1) map.set(this.value(), this.value());
        return map;
      }
      case TAG.set: {
        const set = this.#begun(new Set<unknown>());
        for (let left = this.#count(); left > 0; left -= 1) set.add(this.value());
        return set;
      }
      case TAG.date:
        return this.#begun(new Date(this.#double()));
      case TAG.regexp:
        return this.#begun(new RegExp(this.#plainText(), this.#plainText()));
      case TAG.error:
        return this.#error();
      case TAG.buffer:
        return this.#begun(bufferOf(this.#raw(this.#count())));
      case TAG.sharedBuffer:
        return this.#begun(sharedBufferOf(this.#raw(this.#count())));
      case TAG.view:
        return this.#viewOf(bufferOf);
      case TAG.sharedView:
        return this.#viewOf(sharedBufferOf);
      case TAG.command:
        return this.#command();
      default:
        throw new RangeError(`there is no value with the tag ${tag}`);
    }
  }

  #array(): unknown[] {
    const length = this.#count();
    if (length > this.#bytes.length)
      throw new RangeError(`expected at most ${this.#bytes.length} items, got ${length}`);
    const items = this.#begun(new Array<unknown>(length));
    for (let index = 0; index < length; index += 1) {
      const item = this.value();
      if (item !== HOLE) items[index] = item;
    }
    return items;
  }

  #properties<T extends object>(into: T, count: number): T {
    for (let left = count; left > 0; left -= 1) {
      const key = this.value() as string;
      // Not an assignment: a key named __proto__ must stay a plain property.
      Object.defineProperty(into, key, { value: this.value(), writable: true, enumerable: true, configurable: true });
    }
    return into;
  }

  #error(): Error {
    const number = this.#objects.length;
    // Its place among the objects is taken before its parts, which may lead back to it.
    this.#objects.push(HOLE as never);
    const name = this.value() as string;
    const message = this.value() as string;
    const type = Object.hasOwn(ERRORS, name) ? ERRORS[name as keyof typeof ERRORS] : Error;
    const error = name === 'AggregateError' ? new AggregateError([], message) : new type(message);
    if (error.name !== name) Object.defineProperty(error, 'name', { value: name, writable: true, configurable: true });
    this.#objects[number] = error;
    const cause = this.value();
    if (this.#byte() === 1) Object.defineProperty(error, 'cause', { value: cause, writable: true, configurable: true });
    this.#properties(error, this.#count());
    if (error instanceof AggregateError) Object.defineProperty(error, 'errors', { enumerable: false });
    const stack = this.value();
    if (typeof stack === 'string') {
      Object.defineProperty(error, 'stack', { value: stack, writable: true, configurable: true });
    }
    return error;
  }

  #viewOf(buffer: (bytes: Uint8Array) => ArrayBufferLike): ArrayBufferView {
    const name = elementAt(VIEWS, this.#count());
    const bytes = buffer(this.#raw(this.#count()));
    const type = (name === 'Buffer' ? Uint8Array : globalThis[name]) as new (
      buffer: ArrayBufferLike,
    ) => ArrayBufferView;
    const view = new type(bytes);
    if (name === 'Buffer') Object.setPrototypeOf(view, Buffer.prototype as object);
    return this.#begun(view);
  }

  #command(): CommandResult {
    const number = this.#objects.length;
    this.#objects.push(HOLE as never);
    const exitCode = this.value() as number | undefined;
    const signal = this.value() as string | undefined;
    const truncated = this.value() as boolean;
    const stdout = this.#raw(this.#count()).slice();
    const stderr = this.#raw(this.#count()).slice();
    const result = new CommandResult({ exitCode, signal, truncated, stdout, stderr });
    this.#objects[number] = result;
    return result;
  }

  #begun<T extends object>(value: T): T {
    this.#objects.push(value);
    return value;
  }

  #utf16(): string {
    let text = '';
    for (let left = this.#count(); left > 0; left -= 1) text += String.fromCharCode(this.#count());
    return text;
  }

  #plainText(): string {
    return decoder.decode(this.#raw(this.#count()));
  }

  #raw(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError(`expected ${length} bytes at ${this.#at}`);
    const raw = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return raw;
  }

  #double(): number {
    const value = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new RangeError(`expected a byte at ${this.#at}`);
    this.#at += 1;
    return byte;
  }

  #count(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }
}

function bigintOf(hex: string): bigint {
  return hex.startsWith('-') ? -BigInt(`0x${hex.slice(1)}`) : BigInt(`0x${hex}`);
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

function sharedBufferOf(bytes: Uint8Array): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(bytes.length);
  new Uint8Array(shared).set(bytes);
  return shared;
}
