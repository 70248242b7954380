/** Writes into docs/testing.md, between its markers, which invariants find the bugs that are planted into the runtime. */
import { readFileSync, writeFileSync } from 'node:fs';
import { hunt, huntingGrounds } from '../test/support/hunt.js';
import { PLANTED_BUGS } from '../test/support/planted-bugs.js';

const PAGE = new URL('../docs/testing.md', import.meta.url);
const BEGIN = '<!-- planted bugs in the runtime: npm run planted-bugs -->';
const END = '<!-- end of planted bugs in the runtime -->';

const grounds = huntingGrounds(1_500);
const lines: string[] = [];
for (const bug of PLANTED_BUGS) {
  const found = await hunt(bug, grounds);
  if (found === undefined) throw new Error(`nothing finds: ${bug.bug}`);
  const { invariants, simulations, events } = found;
  console.log(`${bug.bug} ${invariants.join(', ')} ${simulations}`);
  lines.push(`| ${bug.bug} | ${invariants.map((name) => `\`${name}\``).join(' ')} | ${simulations} | ${events} |`);
}
const table = [
  '| planted bug | found by | simulations | events of the shortest witness |',
  '|---|---|---:|---:|',
  ...lines,
].join('\n');
const page = readFileSync(PAGE, 'utf8');
const [before, rest] = page.split(BEGIN);
const after = rest?.split(END)[1];
if (before === undefined || after === undefined) throw new Error(`expected ${BEGIN} and ${END} in docs/testing.md`);
writeFileSync(PAGE, `${before}${BEGIN}\n\n${table}\n\n${END}${after}`);
