/** One attempt in a worker, from the call of its function to the report of its end. It never throws: errors are reported. */
import { isThenable } from '../../core/user-value.js';
import { type Border, postingFailure } from './cloneability.js';
import { callExport, type LoadedModule } from './loaded-module.js';
import { deliverAll, type WorkerTaskContext } from './source-values.js';

/**
 * Receives the reports of attempts in a worker. `partial` and `returned` throw if the value cannot be sent.
 *
 * @internal
 */
export interface AttemptReports<Context extends WorkerTaskContext> {
  readonly border: Border;
  /** The next value is read after the returned promise has resolved; at once if there is none. */
  partial(context: Context, value: unknown): Promise<void> | void;
  returned(context: Context, value: unknown): void;
  /** The function has delivered all its values, `count` of them. */
  streamEnded(context: Context, count: number): void;
  threw(context: Context, error: unknown): void;
}

/**
 * An exported function to call, with its arguments.
 *
 * @internal
 */
export interface ExportCall {
  readonly module: LoadedModule;
  readonly name: string;
  readonly args: readonly unknown[];
  /** Whether it returns an iterable whose values are partial results. */
  readonly isStream: boolean;
}

/**
 * Makes the attempt, and reports exactly one of `returned`, `streamEnded` and `threw`.
 *
 * @internal
 */
export function makeAttempt<Context extends WorkerTaskContext>(
  { module, name, args, isStream }: ExportCall,
  context: Context,
  reports: AttemptReports<Context>,
): void {
  let value: unknown;
  try {
    value = callExport(module, name, args, context);
  } catch (error) {
    reports.threw(context, error);
    return;
  }
  if (isStream) void stream(context, value, reports);
  else if (isThenable(value)) void settle(context, value, reports);
  else returned(context, value, reports);
}

async function settle<Context extends WorkerTaskContext>(
  context: Context,
  value: PromiseLike<unknown>,
  reports: AttemptReports<Context>,
): Promise<void> {
  let result: unknown;
  try {
    result = await value;
  } catch (error) {
    reports.threw(context, error);
    return;
  }
  returned(context, result, reports);
}

async function stream<Context extends WorkerTaskContext>(
  context: Context,
  source: unknown,
  reports: AttemptReports<Context>,
): Promise<void> {
  let count = 0;
  const deliver = (value: unknown): Promise<void> | void => {
    try {
      const delivered = reports.partial(context, value);
      count += 1;
      return delivered;
    } catch (error) {
      throw postingFailure(reports.border, context.id, `result[${count}]`, value, error);
    }
  };
  try {
    await deliverAll(source, context, deliver);
  } catch (error) {
    reports.threw(context, error);
    return;
  }
  reports.streamEnded(context, count);
}

function returned<Context extends WorkerTaskContext>(
  context: Context,
  value: unknown,
  reports: AttemptReports<Context>,
): void {
  try {
    reports.returned(context, value);
  } catch (error) {
    reports.threw(context, postingFailure(reports.border, context.id, 'result', value, error));
  }
}
