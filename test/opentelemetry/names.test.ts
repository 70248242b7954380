/** docs/opentelemetry.md lists the names that the code uses, and no others. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ATTRIBUTE, CURRENT, RECORDED, SPAN, TOTAL } from '../../src/opentelemetry/names.js';

const page = readFileSync(new URL('../../docs/opentelemetry.md', import.meta.url), 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('|'));
const named = new Set(
  [...rows.join('\n').matchAll(/`((?:pullgraph|code|process|error)\.[a-z_.]+)`/g)].map(([, name]) => name),
);
const metrics = [RECORDED, CURRENT, TOTAL].flatMap((table) => Object.values(table));

it('the page lists every attribute and every metric, and nothing else', () => {
  expect([...named].sort()).toEqual([...Object.values(ATTRIBUTE), ...metrics.map(({ name }) => name)].sort());
});

it.each(Object.values(SPAN))('the page lists the spans "%s {function}"', (word) => {
  expect(rows.some((row) => row.startsWith(`| \`${word} {function}\` |`))).toBe(true);
});

it.each(metrics)('the page tells the unit of $name', ({ name, unit }) => {
  const row = rows.find((line) => line.startsWith(`| \`${name}\` |`));
  expect(row?.split('|')[3]?.trim()).toBe(`\`${unit}\``);
});
