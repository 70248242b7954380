/** What `pullgraph check` does: reads the two files, checks, prints the report. */
import { readFileSync } from 'node:fs';
import { describe, SchedulerError } from '../core/failures.js';
import { check, parseScenario, parseTrace, reportText } from '../testing/index.js';
import { messageOf } from '../core/user-value.js';
import { OTHER_ERROR } from './exit-codes.js';
import { say } from './say.js';

/** Returns the exit code. @internal */
export function checkFiles(
  traceFile: string,
  graphFile: string,
  { json, isComplete }: { readonly json: boolean; readonly isComplete: boolean },
): number {
  try {
    const given = read(traceFile);
    const trace = parseTrace(typeof given === 'object' && given !== null && 'trace' in given ? given.trace : given);
    const report = check(trace, parseScenario(read(graphFile)), { isComplete });
    process.stdout.write(`${json ? JSON.stringify(report) : reportText(report)}\n`);
    return report.holds ? 0 : 1;
  } catch (error) {
    say('check', messageOf(error));
    return OTHER_ERROR;
  }
}

function read(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new SchedulerError('InvalidArgument', `${file}: ${describe(error)}`, { cause: error });
  }
}
