/** Failures as text for people and as data for programs: what, where, and from which cause. */
import { describe } from '../core/user-value.js';
import { DependencyFailed, TasksFailed } from '../core/failures.js';

/** Longer chains of causes are cut. */
const MOST_CAUSES = 8;

/** Places inside of Node and of this package say nothing about the user's code. */
const FOREIGN_PLACE = /[( ]node:|\(<anonymous>\)$|\/node_modules\/commander\//;
const OWN_FOLDER = new URL('.', import.meta.url).href.replace(/(.*\/(?:dist|src)\/).*$/, '$1');

/** The lines that report a failure: of a batch of tasks, each with its own cause; of anything else, with its stack. @internal */
export function failureLines(error: unknown): string[] {
  if (!(error instanceof TasksFailed)) return traceOf(error);
  const { tasks, errors, count } = error;
  const lines = [`${count} ${count === 1 ? 'task' : 'tasks'} failed`];
  for (const [index, each] of errors.entries()) {
    const [first = '', ...rest] = traceOf(each);
    lines.push(`  ${tasks[index] ?? '?'}: ${first}`, ...rest.map((line) => `  ${line}`));
  }
  if (count > errors.length) lines.push(`  and ${count - errors.length} more`);
  return lines;
}

/** The error, its place, and its causes likewise. */
function traceOf(error: unknown): string[] {
  const lines: string[] = [];
  let cause = error;
  for (let depth = 0; depth < MOST_CAUSES && (depth === 0 || cause !== undefined); depth += 1) {
    const [first = '', ...more] = describe(cause).split('\n');
    lines.push(depth === 0 ? first : `  caused by ${first}`, ...more.map((line) => `    ${line}`), ...placesOf(cause));
    // The cause of this one is the failure of another task, which is listed itself.
    if (!(cause instanceof Error) || cause instanceof DependencyFailed) break;
    ({ cause } = cause);
  }
  return lines;
}

function placesOf(error: unknown): string[] {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return [];
  const places = error.stack.split('\n').filter((line) => /^\s+at /.test(line));
  return places.filter((line) => !FOREIGN_PLACE.test(line) && !line.includes(OWN_FOLDER));
}

/** A failure as data. @internal */
export interface FailureRecord {
  readonly name: string;
  readonly message: string;
  readonly code?: unknown;
  readonly stack?: string;
  readonly cause?: FailureRecord;
}

/** Takes any thrown value. @internal */
export function failureRecord(error: unknown, depth = 0): FailureRecord {
  if (!(error instanceof Error)) return { name: 'Error', message: describe(error) };
  const { name, message, stack, cause } = error;
  const code: unknown = Reflect.get(error, 'code');
  return {
    name,
    message,
    ...(code === undefined ? {} : { code }),
    ...(stack === undefined ? {} : { stack }),
    ...(cause === undefined || depth === MOST_CAUSES || error instanceof DependencyFailed
      ? {}
      : { cause: failureRecord(cause, depth + 1) }),
  };
}
