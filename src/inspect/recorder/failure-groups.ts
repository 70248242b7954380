/**
 * The failures of a recording by their cause: the first failure of each comes first. Those of tasks that failed for another count to the
 * cause of that one.
 *
 * Bounds: so many causes are told apart, further ones are counted; errors themselves are not kept.
 */
import { DependencyFailed } from '../../core/failures.js';
import { describe, isInstance, stackOf } from '../../core/user-value.js';
import type { FailureGroup } from '../protocol/messages.js';

const MOST_CAUSES = 100;
const MOST_TASKS = 100;
const MOST_TEXT = 500;
const MOST_STACK = 4_000;

type Group = { -readonly [Key in keyof FailureGroup]: FailureGroup[Key] } & { tasks: number[] };

/** @internal */
export class FailureGroups {
  /** Raised by each change. */
  version = 0;
  /** Failures of causes beyond the bound. */
  otherCauses = 0;
  readonly #groups = new Map<string, Group>();
  readonly #groupOfError = new WeakMap<object, Group>();

  get all(): readonly FailureGroup[] {
    return [...this.#groups.values()];
  }

  /** The task failed with `error`. */
  add(task: number, error: unknown, at: number): void {
    this.version += 1;
    const isDependent = isInstance(error, DependencyFailed);
    const group = this.#groupOf(isDependent ? rootOf(error) : error, at);
    if (group === undefined) {
      this.otherCauses += 1;
      return;
    }
    group.lastAt = at;
    if (isDependent) {
      group.dependents += 1;
      return;
    }
    group.count += 1;
    if (group.tasks.length < MOST_TASKS) group.tasks.push(task);
  }

  #groupOf(cause: unknown, at: number): Group | undefined {
    // Many tasks fail for the same one: its error is described once.
    const known = typeof cause === 'object' && cause !== null ? this.#groupOfError.get(cause) : undefined;
    if (known !== undefined) return known;
    const example = describe(cause).slice(0, MOST_TEXT);
    const key = example.replaceAll(/\d+/g, '…');
    let group = this.#groups.get(key);
    if (group === undefined) {
      if (this.#groups.size >= MOST_CAUSES) return undefined;
      group = {
        cause: key,
        example,
        stack: stackOf(cause)?.slice(0, MOST_STACK),
        count: 0,
        dependents: 0,
        firstAt: at,
        lastAt: at,
        tasks: [],
      };
      this.#groups.set(key, group);
    }
    if (typeof cause === 'object' && cause !== null) this.#groupOfError.set(cause, group);
    return group;
  }
}

/** What the task that it depended on failed with. Never throws. */
function rootOf(error: DependencyFailed): unknown {
  try {
    return error.root;
  } catch {
    return undefined;
  }
}
