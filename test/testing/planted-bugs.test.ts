/** Each bug planted into the runtime breaks an invariant; docs/testing.md lists which. */
import { expect, test } from 'vitest';
import { huntingGrounds, hunt } from '../support/hunt.js';
import { PLANTED_BUGS } from '../support/planted-bugs.js';

const grounds = huntingGrounds(1000);

test.each(PLANTED_BUGS)('found: $bug', async (bug) => {
  expect((await hunt(bug, grounds))?.invariants.length ?? 0).toBeGreaterThan(0);
});
