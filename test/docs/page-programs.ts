/**
 * Makes programs of the code blocks of one page. A `ts` or `js` block is a complete program; `ts continues` is the
 * program before it with this block appended; `ts file=name.ts` is a file which lies beside every later program of the
 * page (and is itself a program that loads it). `text output` is what the program before it prints.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { FencedBlock } from '../support/fenced-blocks.js';
import { javaScriptName, writeJavaScript } from './javascript.js';

/** A block that runs. */
export interface PageProgram {
  readonly kind: 'program';
  readonly block: FencedBlock;
  /** Name of the file that is started. */
  readonly entry: string;
  /** Every file the program needs, by name, the entry among them. */
  readonly files: ReadonlyMap<string, string>;
}

/** A block that states what the program before it prints. */
export interface PageOutput {
  readonly kind: 'output';
  readonly block: FencedBlock;
  readonly of: PageProgram;
}

const CODE = new Set(['ts', 'js']);
const RUN_TIMEOUT_MS = 500_000;

/** Stands between a program and the block that continues it, so that the output of the last block can be told apart. */
const SEAM = '\u0000';
const SEAM_STATEMENT = "process.stdout.write('\\u0000');\n";

/** Programs and outputs of one page, in its order. Throws an `Error` naming the block whose marks make no sense. */
export function pagePrograms(blocks: readonly FencedBlock[]): (PageProgram | PageOutput)[] {
  const parts: (PageProgram | PageOutput)[] = [];
  const beside = new Map<string, string>();
  let previous: PageProgram | undefined;
  for (const block of blocks) {
    const refuse = (reason: string): never => {
      throw new Error(`${block.page}:${block.line}: ${reason}`);
    };
    if (block.language === 'text' && block.marks.includes('output')) {
      const of = previous ?? refuse('output of no program');
      parts.push({ kind: 'output', block, of });
    }
    if (!CODE.has(block.language)) continue;

    const [mark, ...others] = block.marks;
    if (others.length > 0) refuse(`expected one mark, got ${block.marks.join(' ')}`);
    let entry = block.language === 'ts' ? 'main.ts' : 'main.mjs';
    let code = block.code;
    if (mark?.startsWith('file=') === true) {
      entry = mark.slice('file='.length);
      beside.set(entry, code);
    } else if (mark === 'continues') {
      const before = previous?.files.get(entry) ?? refuse('continues no program');
      code = before + SEAM_STATEMENT + code;
    } else if (mark !== undefined) {
      refuse(`unknown mark ${mark}`);
    }
    const program: PageProgram = { kind: 'program', block, entry, files: new Map([...beside, [entry, code]]) };
    if (mark === undefined || mark === 'continues') previous = program;
    parts.push(program);
  }
  return parts;
}

/** Writes the program's files into a folder of its own below `root`, named after its place; returns that folder. */
export function writeProgram(root: string, { block, files }: PageProgram): string {
  const folder = join(root, `${block.page.replaceAll(/[\\/]/g, '-')}-line-${block.line}`);
  mkdirSync(folder, { recursive: true });
  for (const [name, code] of files) writeFileSync(join(folder, name), code);
  return folder;
}

/**
 * Runs the program in `folder` to its end, as a reader of the page would. Resolves with what the block itself printed;
 * rejects when the program fails or has not ended by itself in time.
 */
export async function runProgram(
  folder: string,
  { entry }: PageProgram,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  writeJavaScript(folder, folder);
  const { stdout } = await promisify(execFile)(process.execPath, [javaScriptName(entry)], {
    cwd: folder,
    env: { ...process.env, ...env },
    timeout: RUN_TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  return stdout.slice(stdout.lastIndexOf(SEAM) + 1);
}
