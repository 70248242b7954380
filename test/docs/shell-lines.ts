/** Judges the shell lines of the documentation: each is one that works in this repository or in a reader's own. */
import { existsSync } from 'node:fs';
import { program } from '../../src/cli/program.js';

const PLAIN = new Set(['npm ci', 'npm install', 'npm start', 'npm test', 'npm install pullgraph']);
const SCRIPT = /^npm (?:run )?([\w:-]+)(?: -- .+)?$/;
const OWN_COMMAND = /^npx pullgraph (\w+)/;
const OF_THE_SYSTEM = /^(?:touch|cut|cat|ls) /;
const TYPESCRIPT_FILE = /^npx tsx (\S+\.ts)(?: .+)?$/;

/** The commands of a shell block, one by one, without prompts, comments and empty lines. */
export function shellLines(code: string): string[] {
  return code
    .split(/\n|&&/)
    .map((line) =>
      line
        .replace(/^\$ /, '')
        .replace(/(^|\s)#.*$/, '')
        .trim(),
    )
    .filter((line) => line !== '');
}

/** What is wrong with a line, or undefined. `scripts` are the names in package.json; paths count from the root. */
export function shellLineFault(line: string, scripts: ReadonlySet<string>): string | undefined {
  const script = SCRIPT.exec(line)?.[1];
  if (script === 'start' || script === 'test' || line.startsWith('npm run ')) {
    return script !== undefined && scripts.has(script) ? undefined : `no such script: ${line}`;
  }
  if (PLAIN.has(line)) return undefined;
  const subcommand = OWN_COMMAND.exec(line)?.[1];
  if (subcommand !== undefined) {
    const isKnown = program().commands.some((command) => command.name() === subcommand);
    return isKnown ? undefined : `no such subcommand: ${line}`;
  }
  if (OF_THE_SYSTEM.test(line)) return undefined;
  const file = TYPESCRIPT_FILE.exec(line)?.[1];
  if (file !== undefined) return existsSync(file) ? undefined : `no such file: ${line}`;
  return `not a command that this test knows: ${line}`;
}
