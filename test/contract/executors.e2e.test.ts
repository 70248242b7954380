/** The contract of executors, held against each of them. */
import { inline, processes, threads } from 'pullgraph/executors';
import { describeExecutor, MOST_AT_ONCE } from './describe-executor.js';
import { inFile } from './new-cells.js';

describeExecutor('inline', () => inline());
describeExecutor('threads', () => threads(new URL('./fixtures/work.js', import.meta.url), { size: MOST_AT_ONCE }));
describeExecutor(
  'processes',
  () => processes(new URL('./fixtures/work.js', import.meta.url), { size: MOST_AT_ONCE }),
  inFile,
);
