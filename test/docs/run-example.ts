/** Runs an example of the repository as its users do, a Node process of its own without a terminal, but for tsx. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { writeJavaScript } from './javascript.js';

/** Kills a run that hangs; far above what any example takes, and below the bound of a test. */
const TIMEOUT_MS = 500_000;

// Inside the package, because its own name resolves only there.
mkdirSync('.cache', { recursive: true });
const examples = mkdtempSync('.cache/examples-');
afterAll(() => rmSync(examples, { recursive: true, force: true }));
writeJavaScript('examples', examples);

/** What a run has left. */
export interface ExampleOutput {
  readonly stdout: string;
  readonly stderr: string;
  /** The exit code; `null` when a signal ended the process. */
  readonly code: number | null;
}

/** A run under way. */
export interface RunningExample {
  /** The first line of its standard output that contains `text`. Rejects when the process ends without one. */
  lineWith(text: string): Promise<string>;
  /** Asks the process to end, as a service manager does. */
  terminate(): void;
  /** Resolves when the process has ended. */
  readonly ended: Promise<ExampleOutput>;
}

/** Runs `examples/<name>/main.ts` to its end; `args` are separated by blanks. */
export function runExample(name: string, args = ''): Promise<ExampleOutput> {
  return startExample(name, args).ended;
}

/** Starts `examples/<name>/main.ts`. */
export function startExample(name: string, args = ''): RunningExample {
  // What the test runner adds for its own processes is not part of what is tested.
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = spawn(process.execPath, [join(examples, name, 'main.js'), ...args.split(' ').filter(Boolean)], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text;
    });
  }
  const ended = once(child, 'close').then(() => ({ ...output, code: child.exitCode }));

  async function lineWith(text: string): Promise<string> {
    for (;;) {
      // The last piece is a line that has not come to its end.
      const line = output.stdout
        .split('\n')
        .slice(0, -1)
        .find((candidate) => candidate.includes(text));
      if (line !== undefined) return line;
      if (child.stdout.readableEnded) throw new Error(`ended without a line with "${text}":\n${output.stderr}`);
      await Promise.race([once(child.stdout, 'data'), once(child.stdout, 'end')]);
    }
  }

  return { lineWith, terminate: () => child.kill('SIGTERM'), ended };
}
