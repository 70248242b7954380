/**
 * Keeps src/ and machines/ to XState's public face, which is what lets one build run on a range of its versions. Two ways lead
 * behind it, and both are looked for:
 *
 * - a property that XState's declarations mark `@internal` or begin with an underscore, reached through its own types;
 * - the name of a private field, reached past the types: by a cast to an interface of one's own, or as a string. Which names
 *   those are is read from XState's code, so that a new version brings its own.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import ts from 'typescript';

const XSTATE = resolve('node_modules/xstate/dist');

/**
 * Names that are private in XState and stand here for another reason, by file. A file is held to its names: what it no longer
 * has is a fault as well.
 *
 * @type {Record<string, Record<string, string>>}
 */
const ALLOWED = {
  'src/inspect/export/record-trace.ts': { _clock: 'an option of our own' },
  'src/inspect/stately/actor-feed.ts': { _parent: 'the published type ActorRef has it, of which a part is read' },
  'src/inspect/stately/stately-inspector.ts': {
    _clock: 'an option of our own',
    _parent: 'the published type ActorRef has it, for which a stand-in is made',
  },
  'src/shared-folder/options.ts': { _clock: 'an option of our own' },
  'src/shared-folder/shared-folder.ts': { _clock: 'an option of our own' },
  'src/runtime/statecharts/chart-actor.ts': {
    _parent: 'the published type ActorRef has it, so what implements the type declares it',
    _send: 'a method of our own, which XState calls when a machine sends to our actor',
  },
};

/** Fields that XState keeps to itself: what its code reads of an actor, a system or a mailbox with a leading underscore. */
function privateNames() {
  const code = readdirSync(XSTATE)
    .filter((file) => file.endsWith('.esm.js') && !file.includes('.development.'))
    .map((file) => readFileSync(join(XSTATE, file), 'utf8'))
    .join('\n');
  const names = new Set([...code.matchAll(/\.(_[A-Za-z]\w*)\b/g)].map(([, name = '']) => name));
  // Without the underscore it is told from other mailboxes by what holds it: the class declares it private.
  if (/\bthis\.mailbox\b/.test(code)) names.add('mailbox');
  if (names.size < 10) throw new Error(`expected XState's private fields in ${XSTATE}, got ${[...names].join(', ')}`);
  return names;
}

const { config } = ts.readConfigFile('tsconfig.build.json', (path) => readFileSync(path, 'utf8'));
const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, process.cwd());
const program = ts.createProgram(fileNames, { ...options, noEmit: true });
const checker = program.getTypeChecker();
const names = privateNames();

/** @typedef {{ file: string, line: number, name: string, fault: string }} Finding */

/** @param {ts.SourceFile} file @returns {Finding[]} */
function findingsIn(file) {
  /** @type {Finding[]} */
  const findings = [];
  /** @param {ts.Node} node @param {string} name @param {string} fault */
  const find = (node, name, fault) => {
    const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
    findings.push({ file: relative(process.cwd(), file.fileName), line, name, fault });
  };
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (isPropertyName(node)) {
      const declared = declaredByXState(node);
      if (declared.some((declaration) => isHidden(declaration, node.text)))
        find(node, node.text, 'is internal to XState');
      else if (names.has(node.text) && isForeign(node))
        find(node, node.text, 'is the name of a private field of XState');
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return findings;
}

/** A name or a string by which a property is read, written, declared or reflected on. @param {ts.Node} node @returns {node is ts.Identifier | ts.StringLiteralLike} */
function isPropertyName(node) {
  if (ts.isStringLiteralLike(node)) return !ts.isImportDeclaration(node.parent) && !ts.isExportDeclaration(node.parent);
  return ts.isIdentifier(node);
}

/** The declarations of a property that are XState's own. @param {ts.Identifier | ts.StringLiteralLike} node */
function declaredByXState(node) {
  const symbol = checker.getSymbolAtLocation(node);
  return (symbol?.declarations ?? []).filter((declaration) => declaration.getSourceFile().fileName.startsWith(XSTATE));
}

/** @param {ts.Declaration} declaration @param {string} name */
function isHidden(declaration, name) {
  const tags = ts.getJSDocTags(declaration).map(({ tagName }) => tagName.text);
  return name.startsWith('_') || tags.includes('internal') || tags.includes('private');
}

/**
 * Whether the name may be one of XState's: it is a member of something, and not a variable or parameter of ours, which
 * an underscore marks as unused.
 *
 * @param {ts.Identifier | ts.StringLiteralLike} node
 */
function isForeign(node) {
  if (ts.isStringLiteralLike(node)) return true;
  const { parent } = node;
  if (ts.isBindingElement(parent)) return (parent.propertyName ?? parent.name) === node;
  return (
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    ((ts.isPropertySignature(parent) ||
      ts.isPropertyDeclaration(parent) ||
      ts.isMethodSignature(parent) ||
      ts.isMethodDeclaration(parent) ||
      ts.isAccessor(parent) ||
      ts.isPropertyAssignment(parent) ||
      ts.isShorthandPropertyAssignment(parent)) &&
      parent.name === node)
  );
}

const sources = program.getSourceFiles().filter(({ fileName }) => fileNames.includes(fileName));
const findings = sources.flatMap(findingsIn);
const faults = findings
  .filter(({ file, name }) => ALLOWED[file]?.[name] === undefined)
  .map(({ file, line, name, fault }) => `${file}:${line} ${name} ${fault}`);
for (const [file, allowed] of Object.entries(ALLOWED)) {
  for (const name of Object.keys(allowed)) {
    if (findings.some((finding) => finding.file === file && finding.name === name)) continue;
    faults.push(`${file}: expected ${name}, which it is allowed, got no use of it`);
  }
}
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;
else console.log(`${sources.length} files use XState's public face; ${names.size} private names looked for`);
