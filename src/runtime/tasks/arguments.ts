/**
 * Handles among the arguments: found at submission, replaced by their values at the start. The search enters arrays and
 * plain objects, at any depth; other objects (class instances, maps, typed arrays) are passed as they are. It is
 * iterative, because user data decides the depth. A handle that stands directly in another object would reach the function as a
 * handle; it is refused.
 */
import { valueAt } from '../../core/element-at.js';
import { Handle } from './handle.js';
import { checkHidden } from './hidden-handles.js';

/** So many are compared with one another; more go the way of all arguments. */
const FEW = 16;

/** @internal */
export const NO_HANDLES: readonly Handle<unknown>[] = [];

/** All handles among `args`, in the order in which they stand there, some more than once. @internal */
export function handlesIn(args: readonly unknown[]): readonly Handle<unknown>[] {
  if (areHandles(args)) return args;
  const found: Handle<unknown>[] = [];
  for (const arg of args) {
    if (typeof arg !== 'object' || arg === null) continue;
    if (Handle._is(arg)) found.push(arg);
    else if (isContainer(arg)) search(arg, found, args);
    else checkHidden(arg, args);
  }
  return found;
}

/** Whether the arguments are nothing but a few handles, each once: most of those that have any are. */
function areHandles(args: readonly unknown[]): args is readonly Handle<unknown>[] {
  if (args.length > FEW) return false;
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index];
    if (!Handle._is(arg) || args.indexOf(arg) < index) return false;
  }
  return true;
}

/** Depth first, members in their order; objects that are part of themselves are entered once. */
function search(container: object, found: Handle<unknown>[], args: readonly unknown[]): void {
  const entered = new Set<object>();
  const stack = [container];
  for (let value = stack.pop(); value !== undefined; value = stack.pop()) {
    if (Handle._is(value)) {
      found.push(value);
    } else if (!isContainer(value)) {
      checkHidden(value, args);
    } else if (!entered.has(value)) {
      entered.add(value);
      for (const member of membersReversed(value)) stack.push(member);
    }
  }
}

/** The members that could be or contain a handle, last first. */
function membersReversed(container: object): object[] {
  const members: unknown[] = Array.isArray(container) ? container : Object.values(container);
  return members.filter((member): member is object => typeof member === 'object' && member !== null).toReversed();
}

/**
 * `args` with every handle replaced by what `valueOf` gives for it. Containers with a handle somewhere in them are
 * copied, all others are passed as they are, so that identity and shared structure without handles are kept.
 *
 * @internal
 */
export function withValues(args: readonly unknown[], valueOf: (handle: Handle<unknown>) => unknown): unknown[] {
  const values = new Array<unknown>(args.length);
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index];
    if (Handle._is(arg)) values[index] = valueOf(arg);
    else if (isContainer(arg)) return withNested(args, valueOf);
    else values[index] = arg;
  }
  return values;
}

function withNested(args: readonly unknown[], valueOf: (handle: Handle<unknown>) => unknown): unknown[] {
  const copied = [...containersOfHandles(args)].map((from) => [from, emptyLike(from)] as const);
  const copies = new Map<unknown, object>(copied);
  const replace = (value: unknown): unknown => (Handle._is(value) ? valueOf(value) : (copies.get(value) ?? value));
  for (const [from, to] of copied) {
    if (Array.isArray(from) && Array.isArray(to)) {
      to.length = from.length;
      for (let index = 0; index < from.length; index += 1) if (index in from) to[index] = replace(from[index]);
      continue;
    }
    for (const key of Reflect.ownKeys(from)) {
      const value = replace(Reflect.get(from, key));
      const enumerable = Object.prototype.propertyIsEnumerable.call(from, key);
      // Not an assignment: a key named __proto__ must stay a plain property.
      Object.defineProperty(to, key, { value, writable: true, enumerable, configurable: true });
    }
  }
  return args.map(replace);
}

/** The containers that have a handle somewhere in them. O(members of all containers), however deep they lie. */
function containersOfHandles(args: readonly unknown[]): Set<object> {
  const containedIn = new Map<object, object[]>();
  const tainted = new Set<object>();
  const pending: object[] = [];
  const enter = (value: unknown, container: object | undefined): void => {
    if (!isContainer(value)) return;
    const present = containedIn.get(value);
    if (present === undefined) {
      containedIn.set(value, container === undefined ? [] : [container]);
      pending.push(value);
    } else if (container !== undefined) {
      present.push(container);
    }
  };
  const direct: object[] = [];
  for (const arg of args) enter(arg, undefined);
  for (let container = pending.pop(); container !== undefined; container = pending.pop()) {
    const members = membersReversed(container);
    if (members.some((member) => Handle._is(member))) direct.push(container);
    for (const member of members) enter(member, container);
  }
  for (let container = direct.pop(); container !== undefined; container = direct.pop()) {
    if (tainted.has(container)) continue;
    tainted.add(container);
    direct.push(...valueAt(containedIn, container));
  }
  return tainted;
}

function isContainer(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A plain object is of one of two prototypes; a copy keeps which. */
function emptyLike(value: object): object {
  if (Array.isArray(value)) return [];
  const copy = {};
  if (Object.getPrototypeOf(value) === null) Object.setPrototypeOf(copy, null);
  return copy;
}
