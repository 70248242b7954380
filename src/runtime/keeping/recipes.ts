/**
 * Recipes of tasks: what a result is made from. Tasks that are not kept have recipes too, made when a task that is kept depends on them;
 * one that has no fingerprint leaves the recipes of those after it without a `whole`, so that they are looked at again when it is done.
 */
import { CommandPlan, runCommand } from '../../core/command.js';
import { elementAt } from '../../core/element-at.js';
import { WHOLE } from '../../core/order/graph-node.js';
import type { TaskFunction } from '../../core/ports.js';
import type { Recipe, RecipeOfDependency, StoreSession } from '../../core/store-port.js';
import { isInstance, nameOfFunction } from '../../core/user-value.js';
import { Handle } from '../tasks/handle.js';
import type { TaskRecord } from '../tasks/task-record.js';
import { KeptTask } from './kept-task.js';

/** A task, as far as its recipe goes. @internal */
export interface Ingredients {
  readonly fn: TaskFunction;
  readonly version: string | undefined;
  readonly args: readonly unknown[];
  /** Whether it delivers partial results: the same command may be submitted either way. */
  readonly isStream: boolean;
  /** The dependencies in the order of demand, and for each the partial result needed, as in `GraphNode`. */
  readonly nodes: readonly TaskRecord[];
  readonly indices: readonly number[] | undefined;
}

/** A recipe, and the name that follows from it where there is no key. @internal */
export interface NamedRecipe {
  readonly recipe: Recipe;
  /** Computed when it is asked for. */
  readonly name: () => string;
}

/** A task whose recipe cannot be known. */
const UNKNOWN: RecipeOfDependency = { name: '?', recipe: undefined };

/** More dependencies are looked up in a map. */
const FEW = 16;

/** Strings of at most so many characters stand for themselves. */
const SHORT = 16;

/**
 * The recipe of a task in that queue. O(its arguments and dependencies).
 *
 * @throws SchedulerError `NotStorable`, naming the function, or the argument and the path in it.
 * @internal
 */
export function recipeOf(session: StoreSession, queue: string, ingredients: Ingredients): NamedRecipe {
  const { fn, nodes, indices } = ingredients;
  const identity =
    fn === runCommand ? { name: 'command', fingerprint: 'command' } : session.functionOf(fn, ingredients.version);
  const mark = ingredients.isStream ? '*' : '';
  const [name, fingerprint] = [`${identity.name}${mark}`, `${identity.fingerprint}${mark}`];
  const args = argumentsOf(session, name, ingredients);
  const dependencies = nodes.map((node, position) => dependencyOf(node, indices?.[position] ?? WHOLE));
  const recipes = dependencies.map(({ recipe }) => recipe);
  const whole = recipes.includes(undefined) ? undefined : session.digest([fingerprint, ...args, '', ...recipes]);
  return {
    recipe: { name, fn: fingerprint, args, dependencies, whole },
    name() {
      const names = dependencies.map((dependency) => dependency.name);
      return `${queue}/${name}(${session.digest([...args, '', ...names])})`;
    },
  };
}

/** Gives those among `nodes`, and the tasks before them, a recipe that have none and have not settled. Iterative: chains may be long. @internal */
export function giveRecipes(session: StoreSession, nodes: readonly TaskRecord[]): void {
  const left = nodes.filter(lacksRecipe);
  for (let record = left.at(-1); record !== undefined; record = left.at(-1)) {
    const before = lacksRecipe(record) ? record.dependencies.filter(lacksRecipe) : [];
    if (before.length > 0) {
      left.push(...before);
      continue;
    }
    left.pop();
    if (lacksRecipe(record)) record.kept = unkept(session, record.queue.name, ingredientsOf(record));
  }
}

function lacksRecipe(record: TaskRecord): boolean {
  return record.kept === undefined && !record.isSettled;
}

/** The recipe of a task that is not kept, for those that depend on it. @internal */
export function unkept(session: StoreSession, queue: string, ingredients: Ingredients): KeptTask {
  try {
    const { recipe, name } = recipeOf(session, queue, ingredients);
    return new KeptTask(name(), undefined, recipe.whole);
  } catch {
    const name = nameOfFunction(ingredients.fn) || 'anonymous';
    return new KeptTask(`${queue}/${name}(?)`, undefined, undefined);
  }
}

/** Of a task that was submitted without a version. */
function ingredientsOf(record: TaskRecord): Ingredients {
  const { dependencies: nodes, dependencyIndices: indices, fn, isDirect, isStream } = record;
  const args = isDirect ? nodes.map((node, position) => new Handle(node, indices?.[position] ?? WHOLE)) : record.args;
  return { fn, version: undefined, args, isStream, nodes, indices };
}

function dependencyOf({ kept }: TaskRecord, index: number): RecipeOfDependency {
  if (kept === undefined) return UNKNOWN;
  if (index === WHOLE) return { name: kept.name, recipe: kept.whole };
  const { whole } = kept;
  return { name: `${kept.name}#${index}`, recipe: whole === undefined ? undefined : `${whole}#${index}` };
}

function argumentsOf(session: StoreSession, name: string, { fn, args, nodes, indices }: Ingredients): string[] {
  const place = placesOf(nodes, indices);
  return args.map((arg, position) => {
    const value = fn === runCommand && isInstance(arg, CommandPlan) ? plainPlan(arg) : arg;
    if (typeof value === 'string' && value.length <= SHORT) return `s${value}`;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value !== 0) return `n${value}`;
    const dependency = place(value);
    if (dependency !== undefined) return `#${dependency}`;
    return session.fingerprintOf(value, `argument ${position + 1} of ${name}`, place);
  });
}

/** The commands of a recipe differ by these; where their output goes is the run's own business. */
function plainPlan({ command, shell, okExitCodes, maxBytes }: CommandPlan): object {
  return { command, shell, okExitCodes, maxBytes };
}

/** Tells the place of a handle among the dependencies. */
function placesOf(nodes: readonly TaskRecord[], indices: readonly number[] | undefined) {
  const indexAt = (position: number): number => indices?.[position] ?? WHOLE;
  if (nodes.length <= FEW) {
    return (value: unknown): number | undefined => {
      if (!Handle._is(value)) return undefined;
      const { record, index } = Handle._target(value);
      const at = nodes.findIndex((node, position) => node === record && indexAt(position) === index);
      return at < 0 ? undefined : at;
    };
  }
  const places = new Map<TaskRecord, Map<number, number>>();
  for (let position = 0; position < nodes.length; position += 1) {
    const node = elementAt(nodes, position);
    let ofNode = places.get(node);
    if (ofNode === undefined) places.set(node, (ofNode = new Map<number, number>()));
    ofNode.set(indexAt(position), position);
  }
  return (value: unknown): number | undefined => {
    if (!Handle._is(value)) return undefined;
    const { record, index } = Handle._target(value);
    return places.get(record)?.get(index);
  };
}
