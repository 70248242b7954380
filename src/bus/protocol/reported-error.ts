/** Makes errors sendable. A function can throw anything, so nothing about the value is trusted. */
import { describe } from '../../core/failures.js';

/** Longer messages are cut. */
const MAX_MESSAGE = 1000;

/** Longer names are cut. */
const MAX_NAME = 100;

/** An error as it is sent. @internal */
export interface ReportedError {
  readonly name: string;
  readonly message: string;
}

/** Name and message of any thrown value, shortened. Never throws, even if a getter of the error does. @internal */
export function reportedError(thrown: unknown): ReportedError {
  try {
    const [name, message] = thrown instanceof Error ? [thrown.name, thrown.message] : ['Error', thrown];
    return { name: describe(name).slice(0, MAX_NAME), message: describe(message).slice(0, MAX_MESSAGE) };
  } catch {
    return { name: 'Error', message: 'the thrown value cannot be described' };
  }
}
