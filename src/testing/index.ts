/** The exports of `pullgraph/testing`. */
export { check, type CheckReport, type InvariantReport, type Witness } from './check.js';
export { ALL_FAULTS, type FaultPlan } from './faults.js';
export { type InvariantName, INVARIANTS } from './invariants.js';
export type { ExploreBounds, Granularity } from './explore/bounds.js';
export { type Exploration, explore, type ExploredViolation } from './explore/explore.js';
export { checkGraph, type ExploredGraph, type ExploredTask } from './explore/graph.js';
export type { ExploredInvariant } from './explore/invariants.js';
export type { ExploredStep } from './explore/story.js';
export { type Monitor, monitor, type Violation } from './monitor.js';
export { drawViolation, tellExploration } from './explore/telling.js';
export { reportText } from './report-text.js';
export { parseScenario } from './scenario.js';
export type {
  Scenario,
  ScenarioControl,
  ScenarioQueue,
  ScenarioRate,
  ScenarioTask,
  Simulation,
} from './scenario-shape.js';
export { simulate } from './simulate.js';
export type { SeededSimulation, SimulateOptions } from './simulate-options.js';
export { parseTrace, type TraceEvent } from './trace.js';
