/**
 * Keeps every look at a value of unknown origin behind one guard. A user's value can throw from anything that looks at it: a getter, a
 * trap of a proxy, a proxy that was revoked. So in what runs users' tasks, `instanceof`, `in`, `String()` and a template may be
 * applied to a value of type `unknown`, `any` or `object` only in src/core/user-value.ts, or in a `try` block, whose `catch` makes of
 * what is thrown the failure of that task or the refusal of that call.
 */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import ts from 'typescript';

const GUARD = 'src/core/user-value.ts';
const WHERE = /^src\/(core|runtime|executors)\//;

/**
 * Looks that cannot meet a user's value, or whose caller has the `try`, by file and reason.
 *
 * @type {Record<string, string>}
 */
const ALLOWED = {
  'src/executors/remote/thrown-value.ts': 'looks at the messages that it has made itself',
  'src/executors/threads/messages.ts': 'looks at the messages of our own worker',
  'src/executors/threads/tsx-in-worker.ts': 'looks at the module of a loader',
};

const { config } = ts.readConfigFile('tsconfig.build.json', (path) => readFileSync(path, 'utf8'));
const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, process.cwd());
const program = ts.createProgram(fileNames, { ...options, noEmit: true });
const checker = program.getTypeChecker();
const used = new Set();
let count = 0;

/** @param {ts.Node} node */
function isOfUnknownOrigin(node) {
  const { flags } = checker.getTypeAtLocation(node);
  return (flags & (ts.TypeFlags.Unknown | ts.TypeFlags.Any | ts.TypeFlags.NonPrimitive)) !== 0;
}

/** Whether the node stands in the block of a `try`, within the same function. @param {ts.Node} node */
function isInTry(node) {
  for (let child = node, { parent } = node; parent !== undefined; child = parent, parent = parent.parent) {
    if (ts.isTryStatement(parent) && parent.tryBlock === child && parent.catchClause !== undefined) return true;
    if (ts.isFunctionLike(parent)) return false;
  }
  return false;
}

/** The value that the node looks at, if it does. @param {ts.Node} node */
function lookedAt(node) {
  if (ts.isBinaryExpression(node)) {
    if (node.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword) return node.left;
    // A private name tells without a trap being called.
    if (node.operatorToken.kind === ts.SyntaxKind.InKeyword && !ts.isPrivateIdentifier(node.left)) return node.right;
  }
  if (ts.isCallExpression(node) && node.expression.getText() === 'String') return node.arguments[0];
  if (ts.isTemplateSpan(node)) return node.expression;
  return undefined;
}

for (const file of program.getSourceFiles()) {
  const path = relative(process.cwd(), file.fileName);
  if (!WHERE.test(path) || path === GUARD) continue;
  /** @param {ts.Node} node */
  const visit = (node) => {
    const value = lookedAt(node);
    if (value !== undefined && isOfUnknownOrigin(value) && !isInTry(node)) {
      if (path in ALLOWED) used.add(path);
      else {
        const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
        process.stderr.write(`${path}:${line}: looks at a value of unknown origin: ${node.getText()}\n`);
        count += 1;
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
}
for (const path of Object.keys(ALLOWED)) {
  if (used.has(path)) continue;
  process.stderr.write(`${path}: looks at no such value any more: take it off the list\n`);
  count += 1;
}
if (count > 0) {
  process.stderr.write(`use src/core/user-value.ts, or a try block\n`);
  process.exitCode = 1;
}
