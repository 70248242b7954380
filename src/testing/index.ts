/** The exports of `pullgraph/testing`. */
export { parseScenario } from './scenario.js';
export type {
  Scenario,
  ScenarioControl,
  ScenarioQueue,
  ScenarioTask,
  Simulation,
  TraceEvent,
} from './scenario-shape.js';
export { simulate } from './simulate.js';
