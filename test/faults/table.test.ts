/** The table of faults in docs/testing.md names tests that exist. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const page = readFileSync(new URL('../../docs/testing.md', import.meta.url), 'utf8');
const rows = (page.split('| fault | test |')[1] ?? '').split('\n').filter((line) => /^\| [^-]/.test(line));

test('the table has a row for every fault', () => {
  expect(rows.length).toBeGreaterThanOrEqual(23);
});

test.each(rows)('%s', (row) => {
  const cell = row.split('|')[2] ?? '';
  for (const part of cell.split(';')) {
    const [named = '', ...words] = part.split(':');
    // Of two files before one colon both have the test.
    for (const [, file = ''] of named.matchAll(/`([^`]+)`/g)) {
      const source = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
      for (const name of words.join(':').trim().split(', '))
        expect(source.includes(name), `${file}: ${name}`).toBe(true);
    }
  }
});
