/** What TypeScript says about a wrong call of `submit`: it names what is wrong, not another way of calling. */
import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { expect, test } from 'vitest';

const FILE = 'src/wrong-calls.ts';
const HEAD = `import { Scheduler } from './index.js';
const queue = new Scheduler().queue('q');
const handle = queue.submit(() => 1);
declare function convert(text: string): Date;
declare function convert(n: number, digits?: number): string;
`;

const wrong: readonly (readonly [call: string, message: string])[] = [
  ['queue.submit((text: string) => text, handle);', "Type 'Handle<number>' is not assignable to type 'Arg<string>'"],
  ['queue.submit((n: number) => n, 1, 2);', "Type '2' is not assignable to type '1'"],
  ['queue.submit((n: number) => n);', "Property '0' is missing"],
  [
    'queue.submit((n: number) => n, Promise.resolve(1));',
    "Type 'Promise<number>' is not assignable to type 'Arg<number>'",
  ],
  ['queue.submit(convert, true);', "Type 'boolean' is not assignable to type 'Arg<number>'"],
  ['queue.submit(convert, handle, "2");', "Type '\"2\"' is not assignable to type 'Arg<number | undefined>'"],
  ['queue.from(["a"], (n: number) => n);', "Type 'string' is not assignable to type 'number'"],
  ['queue.submit({ idd: "x" }, () => 1);', "'idd' does not exist"],
];

function messagesOf(calls: readonly string[]): string[] {
  const { config } = ts.readConfigFile('tsconfig.json', (path) => readFileSync(path, 'utf8')) as { config: object };
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, process.cwd());
  const host = ts.createCompilerHost(options);
  const text = HEAD + calls.join('\n');
  const withFile: ts.CompilerHost = {
    ...host,
    fileExists: (path) => path.endsWith(FILE) || host.fileExists(path),
    getSourceFile: (path, version) =>
      path.endsWith(FILE) ? ts.createSourceFile(path, text, version) : host.getSourceFile(path, version),
  };
  const program = ts.createProgram([FILE], { ...options, noEmit: true }, withFile);
  const messages = calls.map(() => '');
  for (const { file, start, messageText } of ts.getPreEmitDiagnostics(program, program.getSourceFile(FILE))) {
    if (file === undefined || start === undefined) continue;
    const line = file.getLineAndCharacterOfPosition(start).line - HEAD.split('\n').length + 1;
    messages[line] += ts.flattenDiagnosticMessageText(messageText, '\n');
  }
  return messages;
}

test('a wrong argument is named, and so is a misspelt option', () => {
  const messages = messagesOf(wrong.map(([call]) => call));
  for (const [index, [call, message]] of wrong.entries()) expect(`${call} ${messages[index]}`).toContain(message);
});
