/**
 * Finds a mistake in a graph that no test run is likely to meet: `park`, which releases the telescope, is submitted only when the
 * exposure is done. If the camera fails, the telescope stays held, and the calibration waits for ever. `explore` visits every order of
 * events and prints the shortest way there, in words and as a Mermaid diagram; then it visits the mended graph.
 */
import { drawViolation, explore, tellExploration } from 'pullgraph/testing';
import { observation } from './observation.js';

const found = explore(observation('done'), { cancels: 0 });
console.log(tellExploration(found));
if (found.violation !== undefined) console.log(drawViolation(found.violation));

console.log('mended:');
console.log(tellExploration(explore(observation('settled'))));
