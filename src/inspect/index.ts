/** The exports of `pullgraph/inspect`. */
export { statechartMermaid } from './export/statechart-mermaid.js';
export { type GraphOptions, type GraphTask, mermaidOf } from './export/task-graph-mermaid.js';
export { type TraceEvent, traceEvents } from './export/trace-events.js';
export { type RecordOptions, recordTrace, type RunningRecording } from './export/record-trace.js';
export type {
  AttemptEnd,
  LeftOut,
  TracePeriod,
  TraceRecording,
  TraceRow,
  TraceSample,
} from './export/trace-row.js';
export { traceText } from './export/trace-text.js';
export type { InspectOptions, ShownActor } from './server/inspect-options.js';
export { inspect, Inspector } from './server/inspector.js';
export type { InspectedActor } from './stately/actor-feed.js';
export {
  type StatelyInspector,
  statelyInspector,
  type StatelyMessage,
  type StatelyOptions,
} from './stately/stately-inspector.js';
