/** Why a task that is kept runs all the same: what its recipe has that the recipe of the record in the store has not. */
import { elementAt } from '../../core/element-at.js';
import type { Recipe, StoredRecord } from '../../core/store-port.js';

/**
 * The difference as people say it; undefined where there is none but in what the dependencies were made from, which `upstreamOf` names.
 *
 * @internal
 */
export function differenceOf(recipe: Recipe, kept: Recipe): string | undefined {
  if (recipe.fn !== kept.fn) return 'function changed';
  if (recipe.args.length !== kept.args.length) {
    return `number of arguments changed from ${kept.args.length} to ${recipe.args.length}`;
  }
  const changed = recipe.args.findIndex((arg, position) => arg !== kept.args[position]);
  if (changed >= 0) return `argument ${changed + 1} changed`;
  if (recipe.dependencies.length !== kept.dependencies.length) {
    return `number of dependencies changed from ${kept.dependencies.length} to ${recipe.dependencies.length}`;
  }
  return undefined;
}

/** The dependency that was made from something else. @internal */
export function upstreamOf(recipe: Recipe, kept: Recipe): string {
  const position = recipe.dependencies.findIndex(
    (dependency, place) => dependency.recipe === undefined || dependency.recipe !== kept.dependencies[place]?.recipe,
  );
  return position < 0
    ? 'its recipe cannot be known'
    : `dependency ${elementAt(recipe.dependencies, position).name} changed`;
}

/** Why a record without a result of the same recipe is of no use. @internal */
export function unusable({ status }: StoredRecord): string {
  switch (status) {
    case 'forgotten':
      return 'forgotten';
    case 'running':
      return 'interrupted';
    case 'failed':
      return 'failed before';
    case 'done':
      return 'done';
  }
}
