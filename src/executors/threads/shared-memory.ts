/** Moves typed arrays to memory that all threads share, so that passing them on needs no copy. */

interface ViewClass {
  new (buffer: SharedArrayBuffer): ArrayBufferView;
  readonly prototype: object;
}

const VIEW_CLASSES: readonly ViewClass[] = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
];

/**
 * `value` with its typed arrays and `DataView`s on shared memory: at the top, or nested in arrays and plain objects, even
 * circular ones. A value without any is returned unchanged; otherwise it is copied, since the function that returned it may still
 * use it. A view is copied without the rest of its buffer; one on shared memory is not copied.
 *
 * @internal
 */
export function onSharedMemory(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) return sharedView(value);
  return holdsView(value, new Set()) ? copy(value, new Map()) : value;
}

function sharedView(view: ArrayBufferView): ArrayBufferView {
  if (view.buffer instanceof SharedArrayBuffer) return view;
  // A subclass, such as Buffer, also arrives as its typed array after cloning.
  const viewClass = VIEW_CLASSES.find((candidate) => candidate.prototype.isPrototypeOf(view));
  if (viewClass === undefined) return view;
  const buffer = new SharedArrayBuffer(view.byteLength);
  new Uint8Array(buffer).set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  return new viewClass(buffer);
}

function holdsView(value: object, seen: Set<object>): boolean {
  if (seen.has(value)) return false;
  seen.add(value);
  for (const part of partsOf(value)) {
    if (typeof part !== 'object' || part === null) continue;
    if (ArrayBuffer.isView(part) || holdsView(part, seen)) return true;
  }
  return false;
}

function partsOf(value: object): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isPlain(value) ? Object.values(value) : [];
}

function copy(value: unknown, copies: Map<object, object>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const before = copies.get(value);
  if (before !== undefined) return before;
  if (ArrayBuffer.isView(value)) {
    const view = sharedView(value);
    copies.set(value, view);
    return view;
  }
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    copies.set(value, list);
    for (const part of value) list.push(copy(part, copies));
    return list;
  }
  if (!isPlain(value)) return value;
  const record: Record<string, unknown> = {};
  copies.set(value, record);
  for (const [key, part] of Object.entries(value)) {
    // Assignment would take a key `__proto__` for the prototype.
    Object.defineProperty(record, key, {
      value: copy(part, copies),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return record;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
