/** The exports of `pullgraph/testing`. */
export { check, type CheckReport, type InvariantReport, type Witness } from './check.js';
export { ALL_FAULTS, type FaultPlan } from './faults.js';
export { type InvariantName, INVARIANTS } from './invariants.js';
export { parseScenario } from './scenario.js';
export type { Scenario, ScenarioControl, ScenarioQueue, ScenarioTask, Simulation } from './scenario-shape.js';
export { type SeededSimulation, simulate, type SimulateOptions } from './simulate.js';
export { parseTrace, type TraceEvent } from './trace.js';
