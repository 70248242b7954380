/**
 * The names that tasks are grouped by: queue and function, with all that is made of them once.
 *
 * Bounds: `MOST_USES` pairs, `MOST_QUEUES` queues and `MOST_ERRORS` types of errors are told apart; all further ones are called `_OTHER`. With
 * eight outcomes that is what the SDK keeps of one metric by default, 2,000 series.
 */
import type { Attributes } from '@opentelemetry/api';
import { nameOfCommand, runCommand } from '../core/command.js';
import { nameOfFunction, typeOfError } from '../core/user-value.js';
import type { TaskRecord } from '../runtime/tasks/task-record.js';
import { ATTRIBUTE, OTHER, SPAN } from './names.js';

const MOST_USES = 200;
const MOST_QUEUES = 50;
const MOST_ERRORS = 100;
const MOST_NAME = 128;

/** One function on one queue. @internal */
export class Use {
  readonly queue: string;
  readonly fn: string;
  readonly taskSpan: string;
  readonly attemptSpan: string;
  readonly attributes: Attributes;
  readonly #byOutcome = new Map<string, Attributes>();

  constructor(queue: string, fn: string) {
    this.queue = queue;
    this.fn = fn;
    this.taskSpan = `${SPAN.task} ${fn}`;
    this.attemptSpan = `${SPAN.attempt} ${fn}`;
    this.attributes = { [ATTRIBUTE.queue]: queue, [ATTRIBUTE.function]: fn };
  }

  /** The attributes of a metric by outcome; `name` is that of the outcome's attribute. */
  with(name: string, outcome: string): Attributes {
    const key = `${name}=${outcome}`;
    const known = this.#byOutcome.get(key);
    if (known !== undefined) return known;
    const attributes = { ...this.attributes, [name]: outcome };
    this.#byOutcome.set(key, attributes);
    return attributes;
  }
}

/** The names of one scheduler. Finding the use of a task is O(1). @internal */
export class Uses {
  readonly #queues = new Set<string>();
  readonly #uses = new Map<string, Map<string, Use>>();
  readonly #errors = new Set<string>();
  #count = 0;

  /** To be asked while the task has its function. */
  of({ queue: { name }, fn, args }: TaskRecord): Use {
    // One function stands for all commands.
    const given = fn === runCommand ? nameOfCommand(args) : nameOfFunction(fn);
    const queue = this.told(name);
    const ofQueue = this.#uses.get(queue) ?? new Map<string, Use>();
    this.#uses.set(queue, ofQueue);
    const called = given.slice(0, MOST_NAME) || '(anonymous)';
    const known = ofQueue.get(called);
    if (known !== undefined) return known;
    const isTold = this.#count < MOST_USES;
    return isTold ? this.#add(ofQueue, queue, called) : (ofQueue.get(OTHER) ?? this.#add(ofQueue, queue, OTHER));
  }

  told(name: string): string {
    return bounded(this.#queues, name, MOST_QUEUES);
  }

  errorType(error: unknown): string {
    return bounded(this.#errors, typeOfError(error), MOST_ERRORS);
  }

  #add(ofQueue: Map<string, Use>, queue: string, fn: string): Use {
    const use = new Use(queue, fn);
    ofQueue.set(fn, use);
    this.#count += 1;
    return use;
  }
}

function bounded(known: Set<string>, name: string, most: number): string {
  const told = name.slice(0, MOST_NAME);
  if (known.has(told)) return told;
  if (known.size >= most) return OTHER;
  known.add(told);
  return told;
}
