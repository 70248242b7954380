/** The contract of executors, held against each of them. */
import { inline, threads } from '../../src/executors/index.js';
import { describeExecutor, MOST_AT_ONCE } from './describe-executor.js';

describeExecutor('inline', () => inline());
describeExecutor('threads', () => threads(new URL('./work.ts', import.meta.url), { size: MOST_AT_ONCE }));
