/**
 * The config of a statechart of XState 5, as XState 4 takes it.
 *
 * Invariant: every state, transition, guard and action is there under the name that it had; what has no translation is refused, so that
 * nothing is missing without a word.
 */

type Record5 = Readonly<Record<string, unknown>>;

/** A config that `createMachine` of XState 4 takes, after a way through JSON too. */
export type ConfigOfXState4 = Readonly<Record<string, unknown>>;

/** Taken over as they are. Guards and actions are names; context and output are functions of the runtime, which no viewer needs. */
const SAME = new Set(['id', 'description', 'initial', 'type', 'tags', 'history']);
const LEFT_OUT = new Set(['context', 'output', 'types', 'version', 'meta']);

/** @throws Error for a part of the config that has no translation here. */
export function configForXState4(node: Record5): ConfigOfXState4 {
  const translated = Object.entries(node).flatMap(([key, value]): [string, unknown][] => {
    if (value === undefined || LEFT_OUT.has(key)) return [];
    if (SAME.has(key)) return [[key, value]];
    if (key === 'entry' || key === 'exit') return [[key, namesOf(value)]];
    if (key === 'states') return [[key, mapped(value, (state) => configForXState4(state as Record5))]];
    if (key === 'on' || key === 'after') return [[key, mapped(value, transitionsOf)]];
    if (key === 'always') return [[key, transitionsOf(value)]];
    throw new Error(`a statechart's ${key} has no translation to XState 4 here`);
  });
  return Object.fromEntries(translated);
}

function transitionsOf(value: unknown): readonly ConfigOfXState4[] {
  return listOf(value).map((transition) => {
    const { target, guard, actions, description, reenter } = (
      typeof transition === 'string' ? { target: transition } : transition
    ) as Record5;
    return {
      ...(target === undefined ? {} : { target, internal: reenter !== true }),
      ...(guard === undefined ? {} : { cond: nameOf(guard) }),
      ...(actions === undefined ? {} : { actions: namesOf(actions) }),
      ...(description === undefined ? {} : { description }),
    };
  });
}

function namesOf(value: unknown): readonly string[] {
  return listOf(value).map((named) => nameOf(named));
}

function nameOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string')
    return value.type;
  throw new Error('a guard or an action without a name has no translation to XState 4');
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function mapped(value: unknown, translate: (value: unknown) => unknown): Record5 {
  return Object.fromEntries(Object.entries(value ?? {}).map(([key, entry]) => [key, translate(entry)]));
}
