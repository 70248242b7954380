/**
 * The check of option names, shared by every call that takes options: an unknown name is refused instead of ignored, because a
 * misspelt option would otherwise leave its default in force without a word. The values are the caller's to check.
 *
 * Invariant: a caller's table lists every name of its interface, which the compiler checks through
 * `satisfies Record<keyof Options, true>`.
 */
import { elementAt } from './element-at.js';
import { SchedulerError, shown } from './failures.js';

/** Names that begin with this are for tests: accepted, and mentioned in no message. */
const INTERNAL = '_';

/** A name of at least this length may differ by `FAR` edits from the one it is taken for, a shorter one by `NEAR`. */
const LONG_NAME = 5;
const NEAR = 1;
const FAR = 2;

/**
 * Checks that `options` is an object and that each of its names is in `known`. `owner` is what takes the options, as it reads in
 * a message: `queue`, `a command`. Arrays and functions are no options. Inherited names are not looked at.
 *
 * ```ts
 * const NAMES = { attempts: true, backoffMs: true } satisfies Record<keyof RetryOptions, true>;
 * checkOptionNames('retry', options, NAMES);
 * ```
 *
 * @throws SchedulerError `InvalidOption` with the unknown name, the nearest known one if it looks misspelt, and all known names.
 * @internal
 */
export function checkOptionNames<Name extends string>(
  owner: string,
  options: unknown,
  known: Readonly<Record<Name, true>>,
): asserts options is Readonly<Partial<Record<Name, unknown>>> {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new SchedulerError('InvalidOption', `the options of ${owner} must be an object, got ${shown(options)}`);
  }
  for (const name of Object.keys(options)) if (!Object.hasOwn(known, name)) refuse(owner, name, known);
}

function refuse(owner: string, name: string, known: object): never {
  const names = Object.keys(known).filter((each) => !each.startsWith(INTERNAL));
  throw new SchedulerError(
    'InvalidOption',
    `${owner} has no option ${legible(name)}${hintFor(name, names)} Its options are ${names.join(', ')}`,
  );
}

/**
 * Checks that `name` is one of `names`; `owner` is what has them, `kind` what they are called there.
 *
 * @throws SchedulerError `InvalidArgument` with the name, the nearest known one if it looks misspelt, and all known names.
 * @internal
 */
export function checkName(owner: string, kind: string, name: unknown, names: readonly string[]): void {
  if (typeof name === 'string' && names.includes(name)) return;
  const given = typeof name === 'string' ? `${legible(name)}${hintFor(name, names)}` : `${shown(name)}.`;
  const message = `${owner} has no ${kind} ${given} Its ${kind}s are ${names.join(', ')}`;
  throw new SchedulerError('InvalidArgument', message);
}

function legible(name: string): string {
  return /^[\w$]{1,50}$/.test(name) ? name : shown(name);
}

function hintFor(name: string, names: readonly string[]): string {
  const nearest = nearestName(name, names);
  return nearest === undefined ? '.' : `; did you mean ${nearest}?`;
}

/** The first of the names that take the fewest edits to become `name`, in whatever case; undefined if that is too many. */
function nearestName(name: string, names: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let fewest = (name.length < LONG_NAME ? NEAR : FAR) + 1;
  for (const candidate of names) {
    // Each edit changes the length by at most one. This also keeps a very long name from the table of distances.
    if (Math.abs(candidate.length - name.length) >= fewest) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance >= fewest) continue;
    nearest = candidate;
    fewest = distance;
  }
  return nearest;
}

/**
 * How many letters have to be inserted, removed, replaced or swapped with their neighbour to make `to` of `from` (optimal string
 * alignment: no letter is edited twice).
 */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, length) => length);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      let fewest = Math.min(
        elementAt(last, column) + 1,
        elementAt(current, column - 1) + 1,
        elementAt(last, column - 1) + (isSame ? 0 : 1),
      );
      // In the first row or column one of the letters before is undefined, which no letter equals.
      const isSwapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (isSwapped) fewest = Math.min(fewest, elementAt(beforeLast, column - 2) + 1);
      current.push(fewest);
    }
    beforeLast = last;
    last = current;
  }
  return elementAt(last, to.length);
}
