/**
 * Run in a fresh process by the benchmark: `compile.ts <module>` compiles bench/ to JavaScript and prints the path of that
 * module's output, which plain Node runs without a TypeScript loader. Types are stripped file by file and not checked. It
 * has a process of its own because the compiler would stay in the heap of the measurements that follow.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'rolldown/utils';

const SOURCE = fileURLToPath(new URL('./', import.meta.url));
/** Inside the package, so that the output resolves `pullgraph` to this build and the peers to these dependencies. */
const OUTPUT = fileURLToPath(new URL('../.cache/bench/', import.meta.url));

for (const file of readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })) {
  if (!file.endsWith('.ts')) continue;
  const { code } = transformSync(file, readFileSync(join(SOURCE, file), 'utf8'), {
    typescript: { onlyRemoveTypeImports: true },
  });
  mkdirSync(dirname(outputOf(file)), { recursive: true });
  writeFileSync(outputOf(file), code);
}
writeSync(1, outputOf(relative(SOURCE, process.argv[2] ?? '')));

function outputOf(file: string): string {
  return join(OUTPUT, file.replace(/\.ts$/, '.js'));
}
