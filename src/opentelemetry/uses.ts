/**
 * The names that tasks are grouped by: queue and function, with all that is made of them once.
 *
 * Bounds: `MOST_USES` pairs, `MOST_QUEUES` queues and `MOST_ERRORS` types of errors are told apart; all further ones are called `_OTHER`. With
 * eight outcomes that is what the SDK keeps of one metric by default, 2,000 series.
 */
import type { Attributes } from '@opentelemetry/api';
import { nameOfWork, runCommand } from '../core/command.js';
import { typeOfError } from '../core/user-value.js';
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

  /** `isProgram`: `fn` is the name of a command's program. */
  constructor(queue: string, fn: string, isProgram: boolean) {
    this.queue = queue;
    this.fn = fn;
    this.taskSpan = `${SPAN.task} ${fn}`;
    this.attemptSpan = `${SPAN.attempt} ${fn}`;
    this.attributes = { [ATTRIBUTE.queue]: queue, [isProgram ? ATTRIBUTE.program : ATTRIBUTE.function]: fn };
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
  /** By queue, functions and programs apart, then by name. */
  readonly #functions = new Map<string, Map<string, Use>>();
  readonly #programs = new Map<string, Map<string, Use>>();
  readonly #errors = new Set<string>();
  #count = 0;

  /** To be asked while the task has its function. */
  of(task: TaskRecord): Use {
    const isProgram = task.fn === runCommand;
    const queue = this.told(task.queue.name);
    const byQueue = isProgram ? this.#programs : this.#functions;
    const known = byQueue.get(queue) ?? new Map<string, Use>();
    byQueue.set(queue, known);
    const called = nameOfWork(task).slice(0, MOST_NAME) || '(anonymous)';
    const use = known.get(called) ?? (this.#count < MOST_USES ? undefined : known.get(OTHER));
    if (use !== undefined) return use;
    const made = new Use(queue, this.#count < MOST_USES ? called : OTHER, isProgram);
    known.set(made.fn, made);
    this.#count += 1;
    return made;
  }

  told(name: string): string {
    return bounded(this.#queues, name, MOST_QUEUES);
  }

  errorType(error: unknown): string {
    return bounded(this.#errors, typeOfError(error), MOST_ERRORS);
  }
}

function bounded(known: Set<string>, name: string, most: number): string {
  const told = name.slice(0, MOST_NAME);
  if (known.has(told)) return told;
  if (known.size >= most) return OTHER;
  known.add(told);
  return told;
}
