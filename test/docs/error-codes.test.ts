import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const source = readFileSync(new URL('../../src/core/scheduler-error.ts', import.meta.url), 'utf8');
const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
const union = /export type ErrorCode =([^;]+);/.exec(source)?.[1] ?? '';
const codes = [...union.matchAll(/'(\w+)'/g)].map(([, code]) => code ?? '');

describe('docs/errors.md', () => {
  test('there are codes to look for', () => {
    expect(codes.length).toBeGreaterThan(15);
  });

  test.each(codes)('explains %s', (code) => {
    expect(page).toContain(`\`${code}\``);
  });

  test('explains no code that does not exist', () => {
    const named = [...page.matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, code]) => code),
    );
    expect(named.length).toBeGreaterThan(15);
    for (const code of named) expect(codes).toContain(code);
  });
});
