/** What was thrown, in words that can be sent. What a function throws may be anything: nothing of it is taken on trust. */
import { describe } from '../../core/failures.js';

/** The longest message of an error that is passed on. */
const MAX_MESSAGE = 1000;

/** The longest name of an error that is passed on. */
const MAX_NAME = 100;

/** An error as messages of the bus have it. @internal */
export interface ReportedError {
  readonly name: string;
  readonly message: string;
}

/** Name and message of whatever was thrown, shortened. Never throws, also where the getters of an error do. @internal */
export function reportedError(thrown: unknown): ReportedError {
  try {
    const [name, message] = thrown instanceof Error ? [thrown.name, thrown.message] : ['Error', thrown];
    return { name: describe(name).slice(0, MAX_NAME), message: describe(message).slice(0, MAX_MESSAGE) };
  } catch {
    return { name: 'Error', message: 'what was thrown cannot be put into words' };
  }
}
