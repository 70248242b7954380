/** All parts of the benchmark, in the order in which they run. A new one needs a file here and a line below. */
import type { Row } from '../row.js';
import { appendRow } from './append-row.js';
import { coldRow } from './cold-row.js';
import { distributedFleetRow, distributedRow } from './distributed-rows.js';
import { eventLoopRow } from './event-loop-row.js';
import { firstResultRow } from './first-result-row.js';
import { graphRow } from './graph-row.js';
import { growthRow } from './growth-row.js';
import { heapRow } from './heap-row.js';
import { inspectRow } from './inspect-row.js';
import { inspectionRow } from './inspection-row.js';
import { interpreterRow } from './interpreter-row.js';
import { opentelemetryRow } from './opentelemetry-row.js';
import { orderCostRow } from './order-cost-row.js';
import { orderRow } from './order-row.js';
import { SHAPES } from './shapes.js';
import { soakRow } from './soak-row.js';
import { storeRow } from './store-row.js';
import { streamRow } from './stream-row.js';
import { threadsCpuRow, threadsNoopRow, threadsShareRow } from './threads-rows.js';
import { workflowRow } from './workflow-row.js';

/** @internal */
export const ROWS: readonly Row[] = [
  ...SHAPES.map(graphRow),
  coldRow,
  streamRow,
  appendRow,
  growthRow,
  heapRow,
  firstResultRow,
  threadsCpuRow,
  threadsNoopRow,
  threadsShareRow,
  distributedRow,
  distributedFleetRow,
  soakRow,
  eventLoopRow,
  inspectionRow,
  inspectRow,
  opentelemetryRow,
  interpreterRow,
  orderRow,
  orderCostRow,
  workflowRow,
  storeRow,
];
