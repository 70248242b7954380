/** Every planted bug is caught by an exploration. */
import { expect, it } from 'vitest';
import { caught } from './catching.js';
import { MUTANTS } from './mutants.js';

it.for(MUTANTS.map((mutant) => [mutant.name, mutant] as const))('an exploration notices when %s', ([, mutant]) => {
  expect(caught(mutant)).toBeDefined();
});
