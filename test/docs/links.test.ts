/** Links between the pages lead somewhere: to a file of the repository and, after `#`, to a heading of that page. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';

const PAGES = [
  ...readdirSync('.').filter((path) => path.endsWith('.md')),
  join('examples', 'README.md'),
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .sort()
    .map((path) => join('docs', path)),
];

const withoutCode = (text: string): string => text.replaceAll(/^```.*?^```/gms, '');

/** The anchors that a Markdown renderer gives the headings of a page. */
function anchorsOf(page: string): Set<string> {
  const headings = [...withoutCode(readFileSync(page, 'utf8')).matchAll(/^#+ (.+)$/gm)];
  return new Set(
    headings.map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

function faultOf(page: string, target: string): string | undefined {
  if (/^[a-z]+:/.test(target)) return undefined;
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : normalize(join(dirname(page), path));
  if (!existsSync(file)) return `${target}: no such file`;
  if (anchor !== undefined && !anchorsOf(file).has(anchor)) return `${target}: no such heading`;
  return undefined;
}

describe('links', () => {
  test.each(PAGES)('%s has links that lead somewhere', (page) => {
    const targets = [...withoutCode(readFileSync(page, 'utf8')).matchAll(/\]\(([^)\s]+)\)/g)];
    const faults = targets.map(([, target = '']) => faultOf(page, target));
    expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
  });

  test('every page of docs/ is in the list of pages', () => {
    const list = readFileSync('docs/README.md', 'utf8');
    const listed = PAGES.filter((page) => /^docs\/[^/]+\.md$/.test(page) && page !== 'docs/README.md');
    expect(listed.filter((page) => !list.includes(`(${page.slice('docs/'.length)})`))).toEqual([]);
  });

  test('every decision is in the list of decisions', () => {
    const list = readFileSync('docs/decisions/README.md', 'utf8');
    const decisions = PAGES.filter((page) => /^docs\/decisions\/\d/.test(page));
    expect(decisions.length).toBeGreaterThan(10);
    expect(decisions.filter((page) => !list.includes(`(${page.slice('docs/decisions/'.length)})`))).toEqual([]);
  });
});
