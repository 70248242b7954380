/** A record's recipe and inputs as one text, and back. What is read is checked, because anyone can write to a file. */
import * as v from 'valibot';
import { SchedulerError } from '../core/failures.js';
import type { StoredRecord } from '../core/store-port.js';

const MaybeText = v.nullable(v.string());

const Parts = v.strictObject({
  name: v.string(),
  fn: v.string(),
  args: v.array(v.string()),
  dependencies: v.array(v.strictTuple([v.string(), MaybeText])),
  whole: MaybeText,
  inputs: v.array(MaybeText),
});

/** @internal */
export function partsText({ recipe, inputs }: Pick<StoredRecord, 'recipe' | 'inputs'>): string {
  const { name, fn, args, dependencies, whole } = recipe;
  const pairs = dependencies.map((dependency) => [dependency.name, dependency.recipe ?? null]);
  return JSON.stringify({
    name,
    fn,
    args,
    dependencies: pairs,
    whole: whole ?? null,
    inputs: inputs.map((input) => input ?? null),
  });
}

/** @throws SchedulerError `StoreCorrupt`. @internal */
export function partsOf(key: string, text: unknown): Pick<StoredRecord, 'recipe' | 'inputs'> {
  const parts = v.safeParse(Parts, parsed(text));
  if (!parts.success) {
    throw new SchedulerError('StoreCorrupt', `what the store has under ${key} is no record of this version`);
  }
  const { name, fn, args, dependencies, whole, inputs } = parts.output;
  const pairs = dependencies.map(([dependency, recipe]) => ({ name: dependency, recipe: recipe ?? undefined }));
  return {
    recipe: { name, fn, args, dependencies: pairs, whole: whole ?? undefined },
    inputs: inputs.map((input) => input ?? undefined),
  };
}

function parsed(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
