/**
 * Handles among the arguments: finds them at submission, and puts their values in their place at the start. Looked into
 * are arrays and plain objects, at any depth; other objects (class instances, maps, typed arrays) are passed as they are.
 * Iterative where user data decides the depth.
 */
import { Handle } from './handle.js';

/** As many are told apart by looking through them one by one; more go into a set. */
const FEW = 16;

/** Handles in the order in which they were found, each once. */
class FoundHandles {
  readonly handles: Handle<unknown>[] = [];
  #known: Set<Handle<unknown>> | undefined = undefined;

  add(handle: Handle<unknown>): void {
    if (this.#known === undefined) {
      if (this.handles.includes(handle)) return;
      if (this.handles.length === FEW) this.#known = new Set(this.handles);
    } else if (this.#known.has(handle)) {
      return;
    }
    this.#known?.add(handle);
    this.handles.push(handle);
  }
}

const NO_HANDLES: readonly Handle<unknown>[] = [];

/** All handles among `args`, each once, in the order in which they stand there. @internal */
export function handlesIn(args: readonly unknown[]): readonly Handle<unknown>[] {
  let found: FoundHandles | undefined;
  for (const arg of args) {
    if (typeof arg !== 'object' || arg === null) continue;
    if (arg instanceof Handle) {
      found ??= new FoundHandles();
      found.add(arg);
    } else if (isContainer(arg)) {
      found ??= new FoundHandles();
      search(arg, found);
    }
  }
  return found === undefined ? NO_HANDLES : found.handles;
}

/** Depth first, members in their order; objects that are part of themselves are entered once. */
function search(container: object, found: FoundHandles): void {
  const entered = new Set<object>([container]);
  const stack: unknown[] = membersReversed(container);
  while (stack.length > 0) {
    const value = stack.pop();
    if (typeof value !== 'object' || value === null) continue;
    if (value instanceof Handle) {
      found.add(value);
    } else if (isContainer(value) && !entered.has(value)) {
      entered.add(value);
      for (const member of membersReversed(value)) stack.push(member);
    }
  }
}

/** The members that could be or contain a handle, last first. */
function membersReversed(container: object): unknown[] {
  const members: unknown[] = Array.isArray(container) ? container : Object.values(container);
  return members.filter((member) => typeof member === 'object' && member !== null).toReversed();
}

/**
 * `args` with every handle replaced by what `valueOf` gives for it. Containers with a handle somewhere in them are
 * copied, all others are passed as they are, so that identity and shared structure without handles are kept.
 *
 * @internal
 */
export function withValues(args: readonly unknown[], valueOf: (handle: Handle<unknown>) => unknown): unknown[] {
  if (args.some((arg) => typeof arg === 'object' && arg !== null && isContainer(arg))) return withNested(args, valueOf);
  return args.map((arg) => (arg instanceof Handle ? valueOf(arg) : arg));
}

function withNested(args: readonly unknown[], valueOf: (handle: Handle<unknown>) => unknown): unknown[] {
  const copies = new Map<object, object>();
  const tainted = new Map<object, boolean>();
  const replace = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof Handle) return valueOf(value);
    if (!isContainer(value) || !hasHandle(value, tainted)) return value;
    return copies.get(value) ?? copy(value);
  };
  const pending: { readonly from: object; readonly to: object }[] = [];
  const copy = (value: object): object => {
    const to = Array.isArray(value) ? [] : emptyLike(value);
    copies.set(value, to);
    pending.push({ from: value, to });
    return to;
  };
  const values = args.map(replace);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (Array.isArray(next.to)) {
      for (const member of Object.values(next.from)) next.to.push(replace(member));
      continue;
    }
    for (const [key, member] of Object.entries(next.from)) {
      // Not an assignment: a key named __proto__ must stay a plain property.
      Object.defineProperty(next.to, key, {
        value: replace(member),
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
  }
  return values;
}

function hasHandle(value: object, known: Map<object, boolean>): boolean {
  let answer = known.get(value);
  if (answer === undefined) {
    const found = new FoundHandles();
    search(value, found);
    answer = found.handles.length > 0;
    known.set(value, answer);
  }
  return answer;
}

function isContainer(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A plain object is of one of two prototypes; a copy keeps which. */
function emptyLike(value: object): object {
  const copy = {};
  if (Object.getPrototypeOf(value) === null) Object.setPrototypeOf(copy, null);
  return copy;
}
