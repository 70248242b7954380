/** The exports of `pullgraph/testing/fast-check`, apart from the rest of the kit because their types are made of fast-check's. */
export { type Arbitraries, arbitraries, type Fc } from './arbitraries.js';
export type { CommandedRun } from './commanded-run.js';
export { type CommandOptions, commands, type RunCommand, runCommands } from './commands.js';
export { ALL_FEATURES, type GraphShape, type ScenarioFeatures } from './scenario-features.js';
