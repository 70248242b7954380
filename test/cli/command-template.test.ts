/** The replacement strings of `pullgraph exec`, judged by real shells: a value is that value, wherever it stands. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CommandTemplate } from '../../src/cli/command-template.js';
import { scaledRuns } from '../support/property-runs.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const SHELLS = ['/bin/sh', '/bin/bash'].filter((shell) => existsSync(shell));

function run(shell: string, script: string, folder: string): string {
  const { stdout, stderr } = spawnSync(shell, ['-c', script], { cwd: folder, encoding: 'utf8' });
  return stdout + stderr;
}

/** Places for a value, and what each prints of the value `v`. */
const PLACES: readonly [string, (v: string) => string][] = [
  [`printf '<%s>' {}`, (v) => `<${v}>`],
  [`printf '<%s>' "{}"`, (v) => `<${v}>`],
  [`printf '<%s>' '{}'`, (v) => `<${v}>`],
  [`printf '<%s>' "a {} b"'{}'{}`, (v) => `<a ${v} b${v}${v}>`],
  [`x={}; printf '<%s>' "$x"`, (v) => `<${v}>`],
  [`printf '<%s>' "$(printf '%s.' {})"`, (v) => `<${v}.>`],
  [`printf '<%s>' "$(printf '%s.' "{}")"`, (v) => `<${v}.>`],
  [`(printf '<%s>' {}) && { printf '<%s>' '{}'; }`, (v) => `<${v}><${v}>`],
  [`printf '<%s>' \\"{}\\'`, (v) => `<"${v}'>`],
  [`printf '<%s>' "\\"{}\\$"`, (v) => `<"${v}$>`],
];

describe('a replacement string', () => {
  const evil = fc.constantFrom(
    '$(touch pwned)',
    '`touch pwned`',
    '; touch pwned;',
    "'; touch pwned; '",
    '"; touch pwned; "',
    '\ntouch pwned\n',
    "it's",
    'a b',
    '\\',
    "\\'",
    '\\"',
    '$',
    '#',
    '~',
    '*',
    '-n',
    '',
    '$((1',
    '${x',
    '2',
    '!',
    '&',
    "$'\\''",
  );
  const value = fc.oneof(
    evil,
    fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
  );

  test.each(SHELLS)('is that value and nothing else in %s, for any value and place', (shell) => {
    const folder = temporaryFolder();
    fc.assert(
      fc.property(value, fc.constantFrom(...PLACES), (v, [text, printed]) => {
        const script = new CommandTemplate(text).filled([v], 1);
        expect(run(shell, script, folder)).toBe(printed(v));
        expect(existsSync(join(folder, 'pwned'))).toBe(false);
      }),
      { numRuns: scaledRuns(60) },
    );
  });

  test.each([
    ['$(case x in a) echo "{}";; esac)'],
    ['echo `echo {}`'],
    ['cat <<END\n{}\nEND'],
    ['true # {}'],
    [`echo $'{}'`],
    ['echo ${}'],
    ['echo "${}"'],
    ['echo ${x:-{}}'],
    [`echo "\${x:-'}" {} "'"`],
    ['echo $[{}]'],
    ['echo \\{}'],
  ])('is refused where it could become code: %s', (text) => {
    expect(() => new CommandTemplate(text)).toThrow(/^\{\}: a (value|backslash) cannot stand /);
  });

  test('stands for a number in arithmetic, and is refused there as anything else', () => {
    const template = new CommandTemplate('echo $(({} + {#} * {%})) $(("{}" + 1))');
    expect(template.filled(['-3'], 2)).toBe('echo $((-3 + 2 * ${PARALLEL_JOBSLOT})) $(("-3" + 1))');
    expect(() => template.filled(['a[$(touch pwned)]'], 1)).toThrow('is no integer, which $((…)) needs');
  });

  test.each([
    ['{}', 'a b/c.d.txt', "'a b/c.d.txt'"],
    ['{.}', 'a b/c.d.txt', "'a b/c.d'"],
    ['{/}', 'a b/c.d.txt', 'c.d.txt'],
    ['{//}', 'a b/c.d.txt', "'a b'"],
    ['{/.}', 'a b/c.d.txt', 'c.d'],
    ['{.}', 'a.b/c', 'a.b/c'],
    ['{//}', 'c', '.'],
    ['{//}', '/c', '/'],
    ['{.}', '.hidden', "''"],
    ['{#}', 'x', '7'],
    ["{%} '{%}'", 'x', "${PARALLEL_JOBSLOT} ''${PARALLEL_JOBSLOT}''"],
    ['{}>{}.out', '2', "'2'>2.out"],
    ['gzip', 'a b', "gzip 'a b'"],
    ['gzip', '', "gzip ''"],
  ])('%s of %j is %s, as in GNU parallel', (text, v, expected) => {
    expect(new CommandTemplate(text).filled([v], 7)).toBe(expected);
  });

  test('names the value of a source by its number', () => {
    const template = new CommandTemplate('{2} {1.} "{}" {2/}');
    expect(template.mostSource).toBe(2);
    expect(template.filled(['a.b', 'c/d'], 1)).toBe('c/d a "a.b c/d" d');
  });
});
