/**
 * What knip leaves open, because it takes `@public` as a promise: every export of the source says `@public` or
 * `@internal`, and what is public is exactly what the entries of the package export.
 */
import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { manifest } from './manifest.mjs';

const ENTRIES = Object.values(manifest.exports).flatMap((target) =>
  typeof target === 'string' ? [] : [target.default.replace(/^\.\/dist\/(.*)\.js$/, '$1.ts')],
);

const { config } = ts.readConfigFile('tsconfig.build.json', (path) => readFileSync(path, 'utf8'));
const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, process.cwd());
const program = ts.createProgram(fileNames, { ...options, noEmit: true });
const checker = program.getTypeChecker();

/** The exports of a file, each as the symbol that declares it. @param {ts.SourceFile} file */
function exportsOf(file) {
  const module = checker.getSymbolAtLocation(file);
  const symbols = module === undefined ? [] : checker.getExportsOfModule(module);
  return symbols.map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol));
}

/** @param {ts.Symbol} symbol */
const tagsOf = (symbol) =>
  new Set(
    symbol
      .getJsDocTags(checker)
      .map((tag) => tag.name)
      .filter((name) => name === 'public' || name === 'internal'),
  );

/** @param {ts.Symbol} symbol */
function placeOf(symbol) {
  const node = symbol.declarations?.[0];
  if (node === undefined) return symbol.name;
  const file = node.getSourceFile();
  const path = file.fileName.slice(process.cwd().length + 1);
  return `${path}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${symbol.name}`;
}

const entries = ENTRIES.map((entry) => program.getSourceFile(entry)).filter((file) => file !== undefined);
const reachable = new Set(entries.flatMap(exportsOf));
const own = program.getSourceFiles().filter((file) => fileNames.includes(file.fileName));
const faults = [...new Set(own.flatMap(exportsOf))]
  // The place keeps out what is only passed on from a package.
  .filter((symbol) => fileNames.includes(symbol.declarations?.[0]?.getSourceFile().fileName ?? ''))
  .flatMap((symbol) => {
    const tags = tagsOf(symbol);
    if (tags.size !== 1)
      return [`${placeOf(symbol)}: expected one of @public and @internal, got ${[...tags].join(' and ') || 'none'}`];
    if (tags.has('public') && !reachable.has(symbol)) return [`${placeOf(symbol)}: @public, but no entry exports it`];
    if (tags.has('internal') && reachable.has(symbol))
      return [`${placeOf(symbol)}: @internal, but an entry exports it`];
    return [];
  });

for (const missing of ENTRIES.filter((entry) => program.getSourceFile(entry) === undefined)) {
  faults.push(`${missing}: expected an entry of the package, got no file`);
}
if (faults.length > 0) {
  console.error(`${faults.sort().join('\n')}\n${faults.length} exports are not what they say`);
  process.exitCode = 1;
} else {
  console.log(`${reachable.size} public exports, all tagged`);
}
