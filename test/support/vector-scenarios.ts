/** The recorded scenarios of test/vectors, each with the trace that is expected of it. */
import { readFileSync, readdirSync } from 'node:fs';
import { parseScenario } from '../../src/testing/scenario.js';
import type { Scenario, Simulation } from '../../src/testing/scenario.js';

export interface VectorScenario {
  readonly name: string;
  readonly scenario: Scenario;
  readonly expected: Simulation;
}

/** All scenarios of all files, in the order of the file names. */
export function vectorScenarios(): readonly VectorScenario[] {
  const folder = new URL('../vectors/', import.meta.url);
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.toSorted().flatMap((file) => {
    const recorded: unknown = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
    if (!Array.isArray(recorded)) throw new Error(`expected ${file} to hold an array of scenarios`);
    return recorded.map((value: unknown) => {
      const { trace, stalled, ...scenario } = parseScenario(value);
      if (scenario.name === undefined || trace === undefined || stalled === undefined) {
        throw new Error(`expected every scenario of ${file} to have a name, a trace and what is stalled`);
      }
      return { name: scenario.name, scenario, expected: { trace, stalled } };
    });
  });
}
