/** The contract of executors, held against each of them. */
import { inline, processes, threads } from '../../src/executors/index.js';
import { describeExecutor, MOST_AT_ONCE } from './describe-executor.js';
import { inFile } from './new-cells.js';

describeExecutor('inline', () => inline());
describeExecutor('threads', () => threads(new URL('./work.ts', import.meta.url), { size: MOST_AT_ONCE }));
describeExecutor('processes', () => processes(new URL('./work.ts', import.meta.url), { size: MOST_AT_ONCE }), inFile);
