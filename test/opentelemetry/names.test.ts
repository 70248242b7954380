/** docs/opentelemetry.md lists the names that the code uses, and no others, and draws the trace that it links to. */
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { expect, it } from 'vitest';
import { type OtlpTraces, spansOf } from '../../examples/opentelemetry/receiver.js';
import { waterfallOf } from '../../examples/opentelemetry/tree.js';
import { ATTRIBUTE, CURRENT, RECORDED, SPAN, TOTAL } from '../../src/opentelemetry/names.js';
import { traces } from './otlp-schema.js';

const page = readFileSync(new URL('../../docs/opentelemetry.md', import.meta.url), 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('|'));
const named = new Set(
  [...rows.join('\n').matchAll(/`((?:pullgraph|code|process|error)\.[a-z_.]+)`/g)].map(([, name]) => name),
);
const metrics = [...Object.values(RECORDED), ...Object.values(CURRENT), ...Object.values(TOTAL)];

it('the page lists every attribute and every metric, and nothing else', () => {
  expect(named).toEqual(new Set([...Object.values(ATTRIBUTE), ...metrics.map(({ name }) => name)]));
});

it.each(Object.values(SPAN))('the page lists the spans "%s {function}"', (word) => {
  expect(rows.some((row) => row.startsWith(`| \`${word} {function}\` |`))).toBe(true);
});

it.each(metrics)('the page tells the unit of $name', ({ name, unit }) => {
  const row = rows.find((line) => line.startsWith(`| \`${name}\` |`));
  expect(row?.split('|')[3]?.trim()).toBe(`\`${unit}\``);
});

it('the page draws the trace of the main job, which is one and as OTLP has it', () => {
  const file = new URL('../../docs/traces/main-job.json', import.meta.url);
  const trace = JSON.parse(readFileSync(file, 'utf8')) as OtlpTraces;
  v.parse(traces, trace);
  const spans = spansOf(trace);
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  const [, drawn = ''] = /```text waterfall\n([^`]*)\n```/.exec(page) ?? [];
  expect(drawn.split('\n')).toEqual(waterfallOf(spans, 60));
  expect(spans.filter(({ name }) => name.startsWith('task '))).toHaveLength(8);
});
