/** Runs the `pullgraph` command as its users do: a process of its own, of the built package. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

/** What a run has left. */
export interface CliOutput {
  readonly stdout: string;
  readonly stderr: string;
  /** The exit code; `null` when a signal ended the process. */
  readonly code: number | null;
}

/** A run under way. */
export interface RunningCli {
  readonly child: ChildProcess;
  /** Resolves when standard output holds `text`; rejects when it ends without. */
  until(text: string, stream?: 'stdout' | 'stderr'): Promise<void>;
  /** Resolves when the process has ended. */
  readonly ended: Promise<CliOutput>;
}

/** The file that `npx pullgraph` starts. */
export const COMMAND = fileURLToPath(new URL(manifest.bin.pullgraph, new URL('../../', import.meta.url)));

/** Runs the command to its end. `input` is all that it reads from standard input. */
export function cli(args: readonly string[], input = ''): Promise<CliOutput> {
  const running = startCli(args);
  running.child.stdin?.end(input);
  return running.ended;
}

/** Starts the command; its standard input is open. Killed with its test where it has not ended by then. */
export function startCli(args: readonly string[], env: NodeJS.ProcessEnv = {}): RunningCli {
  // What the test runner adds for its own processes is not part of what is tested.
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const child = spawn(process.execPath, [COMMAND, ...args], { env: { ...inherited, ...env } });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const output = { stdout: '', stderr: '' };
  let onChange = (): void => {};
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text;
      onChange();
    });
    child[stream].on('end', () => onChange());
  }
  child.stdin.on('error', () => {
    // Who does not read it to its end need not.
  });
  const ended = once(child, 'close').then(() => ({ ...output, code: child.exitCode }));
  const until: RunningCli['until'] = async (text, stream = 'stdout') => {
    while (!output[stream].includes(text)) {
      if (child[stream].readableEnded) throw new Error(`ended without "${text}":\n${output.stdout}\n${output.stderr}`);
      await new Promise<void>((resolve) => {
        onChange = resolve;
      });
    }
  };
  return { child, until, ended };
}
