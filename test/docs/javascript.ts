/** Makes programs of TypeScript ready to run, once, so that no process and no thread has to load a compiler. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
};

/** A file beside the module that is named as TypeScript: what a worker runs. Imports name files as JavaScript already. */
const SIBLING = /(?<=new URL\('\.{1,2}\/[^']+)\.ts(?=', import\.meta\.url\))/g;

/** Writes the JavaScript of all TypeScript below `from` to the same places below `to`. */
export function writeJavaScript(from: string, to: string): void {
  for (const path of readdirSync(from, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.ts')) continue;
    const target = join(to, javaScriptName(path));
    mkdirSync(dirname(target), { recursive: true });
    const source = readFileSync(join(from, path), 'utf8').replaceAll(SIBLING, '.js');
    writeFileSync(target, ts.transpileModule(source, { compilerOptions: OPTIONS }).outputText);
  }
}

/** The name of a file once it is JavaScript. */
export function javaScriptName(path: string): string {
  return path.replace(/\.ts$/, '.js');
}
