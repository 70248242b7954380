/** Routing: several queues behind one face, and rules that say which of them gets a task. */
import { SchedulerError, shown } from '../core/failures.js';
import type { TaskFunction } from '../core/ports.js';
import { answerOf, isInstance } from '../core/user-value.js';
import { parseSubmission } from './submission/parse-submission.js';
import { Queue } from './queue.js';
import type { SubmitOptions } from './submission/submit-options.js';

/**
 * A task on its way to a queue, as the rules of a route see it.
 *
 * @public
 */
export interface RoutedTask {
  readonly fn: TaskFunction;
  /** The arguments as submitted: handles are handles. */
  readonly args: readonly unknown[];
  /** The options as submitted; empty when none were given. */
  readonly options: SubmitOptions;
}

/**
 * One rule: the queue gets the tasks that it accepts.
 *
 * @public
 */
export interface RouteRule {
  readonly queue: Queue;
  readonly accepts: (task: RoutedTask) => boolean;
}

/**
 * Takes tasks as a queue does and gives each to the queue of the first rule, in the order given, that accepts it. Throws
 * `SchedulerError` `NotAccepted` when none does, else what the queue throws, or a rule; nothing has been submitted then.
 *
 * @public
 */
export type Route = Pick<Queue, 'submit' | 'stream'>;

/** @throws SchedulerError `InvalidOption` for rules that are none. @internal */
export function routeOf(rules: readonly RouteRule[]): Route {
  if (!Array.isArray(rules) || rules.length === 0) {
    throw new SchedulerError('InvalidOption', `route takes an array of rules that is not empty, got ${shown(rules)}`);
  }
  const fixed = rules.map((rule: RouteRule, index) => checked(rule, index));
  const queueFor = (given: readonly unknown[]): Queue => {
    const { options = {}, fn, args } = parseSubmission(given);
    const task: RoutedTask = { fn, args, options };
    const found = fixed.find(({ accepts }) => answerOf('accepts', accepts(task)));
    if (found === undefined) throw notAccepted(task, fixed);
    return found.queue;
  };
  // The overloads are the queue's: what it would take, it takes from here.
  const via =
    (method: 'submit' | 'stream') =>
    (...given: unknown[]): never => {
      const queue = queueFor(given);
      return Reflect.apply(queue[method], queue, given) as never;
    };
  return { submit: via('submit'), stream: via('stream') };
}

function checked(rule: RouteRule, index: number): RouteRule {
  if (isRule(rule)) return { queue: rule.queue, accepts: rule.accepts };
  throw new SchedulerError('InvalidOption', `rule ${index} of a route must have a queue and a function accepts`);
}

/** Whatever was given in its place. */
function isRule(rule: RouteRule): boolean {
  try {
    return isInstance(rule.queue, Queue) && typeof rule.accepts === 'function';
  } catch {
    return false;
  }
}

function notAccepted({ fn, options: { id } }: RoutedTask, rules: readonly RouteRule[]): SchedulerError {
  const what = id === undefined ? `the task (${fn.name || 'a function without a name'})` : `task ${id}`;
  const names = [...new Set(rules.map(({ queue }) => queue.name))].join(', ');
  return new SchedulerError('NotAccepted', `no queue accepts ${what}: asked ${names}`, {
    tasks: id === undefined ? [] : [id],
  });
}
