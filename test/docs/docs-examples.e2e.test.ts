/**
 * Every code block of README.md and docs/ is true: programs run and print what the page says, shell lines exist, data
 * parses. The programs import the built package by its own name, as a reader's would; `npm test` builds it beforehand.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { type FencedBlock, fencedBlocks } from '../support/fenced-blocks.js';
import { redisServer, SKIPS_REDIS } from '../distributed/redis-server.js';
import { type PageOutput, type PageProgram, pagePrograms, runProgram, writeProgram } from './page-programs.js';
import { shellLineFault, shellLines } from './shell-lines.js';

const PAGES = [
  'README.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .sort()
    .map((path) => join('docs', path)),
];

// Inside the package, because its own name resolves only there; outside node_modules, because there it does not.
mkdirSync('.cache', { recursive: true });
const workspace = mkdtempSync('.cache/docs-examples-');
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

const pages = PAGES.map((page) => {
  const blocks = existsSync(page) ? fencedBlocks(page, readFileSync(page, 'utf8')) : [];
  return { page, blocks, parts: pagePrograms(blocks) };
});
const programs = pages.flatMap(({ parts }) => parts.filter((part) => part.kind === 'program'));

const outputs = new Map<PageProgram, Promise<string>>();
function outputOf(program: PageProgram): Promise<string> {
  const output = outputs.get(program) ?? run(program);
  outputs.set(program, output);
  return output;
}

const needsRedis = ({ files, entry }: PageProgram): boolean =>
  files.get(entry)?.includes("'pullgraph/distributed'") === true;

async function run(program: PageProgram): Promise<string> {
  const folder = writeProgram(workspace, program);
  if (!needsRedis(program)) return runProgram(folder, program);
  const redis = await redisServer();
  try {
    return await runProgram(folder, program, { REDIS_URL: redis.url });
  } finally {
    await redis.close();
  }
}

interface Manifest {
  readonly name: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
const scripts = new Set(Object.keys(manifest.scripts));
const installable = new Set([
  manifest.name,
  ...Object.keys(manifest.dependencies ?? {}),
  ...Object.keys(manifest.peerDependencies ?? {}),
]);
const INSTALL = /^npm install ((?:[^\s-]\S*\s?)+)$/;

/** A page may tell to install the package and what it is built on, nothing else. */
function commandFault(line: string): string | undefined {
  const packages = INSTALL.exec(line)?.[1]?.split(' ');
  if (packages === undefined) return shellLineFault(line, scripts);
  const strangers = packages.filter((name) => !installable.has(name));
  return strangers.length === 0 ? undefined : `not a dependency or peer of this package: ${strangers.join(', ')}`;
}

interface Claim {
  readonly claim: string;
  readonly check: () => unknown;
}

function claimOfProgram(part: PageProgram | PageOutput): Claim {
  switch (part.kind) {
    case 'program':
      return { claim: 'runs to its end', check: () => expect(outputOf(part)).resolves.toBeTypeOf('string') };
    case 'output':
      return {
        claim: 'is what the program before it prints',
        check: async () => expect((await outputOf(part.of)).trimEnd()).toBe(part.block.code.trimEnd()),
      };
  }
}

function claimOfBlock({ language, code }: FencedBlock): Claim {
  switch (language) {
    case 'sh': {
      const check = (): void => {
        const faults = shellLines(code).map(commandFault);
        expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
        expect(faults.length).toBeGreaterThan(0);
      };
      return { claim: 'holds commands that exist', check };
    }
    case 'json':
      return { claim: 'parses', check: () => expect(() => JSON.parse(code) as unknown).not.toThrow() };
    case 'text':
    case 'mermaid':
      return { claim: 'is not empty', check: () => expect(code.trim()).not.toBe('') };
    default:
      return { claim: 'is of a known language', check: () => expect.unreachable(`no test for ${language}`) };
  }
}

test('README.md shows at least one program', () => {
  expect(programs.filter(({ block }) => block.page === 'README.md')).not.toEqual([]);
});

test('every TypeScript program of the pages type-checks', async () => {
  const folder = join(workspace, 'types');
  const root = JSON.stringify(join(process.cwd(), 'tsconfig.json'));
  for (const program of programs) writeProgram(folder, program);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'tsconfig.json'),
    `{ "extends": ${root}, "compilerOptions": { "allowJs": false, "checkJs": false }, "include": ["."] }`,
  );
  const compiler = resolve('node_modules/typescript-native/bin/tsc');
  const { stdout } = await promisify(execFile)(process.execPath, [compiler, '-p', folder]).catch((error: unknown) => {
    return { stdout: String((error as { readonly stdout?: string }).stdout ?? error) };
  });
  expect(stdout).toBe('');
});

describe.each(pages.filter(({ blocks }) => blocks.length > 0))('$page', ({ blocks, parts }) => {
  for (const block of blocks) {
    const part = parts.find((candidate) => candidate.block === block);
    const { claim, check } = part === undefined ? claimOfBlock(block) : claimOfProgram(part);
    const program = part?.kind === 'output' ? part.of : part;
    const isSkipped = SKIPS_REDIS && program !== undefined && needsRedis(program);
    test.skipIf(isSkipped)(
      `line ${block.line}: the ${[block.language, ...block.marks].join(' ')} block ${claim}`,
      async () => {
        await check();
      },
    );
  }
});
