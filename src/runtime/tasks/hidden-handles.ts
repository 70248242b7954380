/**
 * Handles where no search looks for them: as entries of a map or a set, or as properties of another object that is neither an array nor
 * a plain object. Only entries and own data properties are looked at, no getter is called, and at most `MOST` of each object.
 */
import { isInstance } from '../../core/user-value.js';
import { SchedulerError } from '../../core/failures.js';
import { Handle } from './handle.js';

/** How many entries or properties of one object are looked at. */
const MOST = 1_000;

/** @throws SchedulerError `InvalidArgument` with the path of a handle in `value`, which is one of `args` or part of one. @internal */
export function checkHidden(value: object, args: readonly unknown[]): void {
  const place = placeIn(value);
  if (place === undefined) return;
  const path = `${pathTo(value, args)}${place}`;
  const message = `a handle stands at ${path} of the arguments, where it is not replaced by its result: only arrays and plain objects are searched`;
  throw new SchedulerError('InvalidArgument', message);
}

/** Where a handle stands directly in the object, as it reads in a path; undefined if none does. */
function placeIn(value: object): string | undefined {
  if (ArrayBuffer.isView(value)) return undefined;
  if (isInstance(value, Map)) {
    let left = MOST;
    for (const [key, member] of value) {
      if (Handle._is(key)) return ' (a key of a Map)';
      if (Handle._is(member)) return `.get(${typeof key === 'string' ? JSON.stringify(key) : typeof key})`;
      if (--left === 0) return undefined;
    }
  } else if (isInstance(value, Set)) {
    let left = MOST;
    for (const member of value) {
      if (Handle._is(member)) return ' (a member of a Set)';
      if (--left === 0) return undefined;
    }
  }
  for (const key of Object.keys(value).slice(0, MOST)) {
    // Undefined for a getter, which is not called.
    if (Handle._is(Object.getOwnPropertyDescriptor(value, key)?.value)) return `.${key}`;
  }
  return undefined;
}

/** The way from the arguments to `value`: `[0].options.list[2]`. Iterative, as the arguments may be deep. */
function pathTo(value: object, args: readonly unknown[]): string {
  const entered = new Set<unknown>();
  const left: [path: string, value: unknown][] = args.map((arg, index) => [`[${index}]`, arg]);
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [path, found] = next;
    if (found === value) return path;
    if (typeof found !== 'object' || found === null || entered.has(found)) continue;
    entered.add(found);
    for (const [key, member] of Object.entries(found))
      left.push([`${path}${Array.isArray(found) ? `[${key}]` : `.${key}`}`, member]);
  }
  return '';
}
