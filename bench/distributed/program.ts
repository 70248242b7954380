/** Workers of the benchmark, in processes of their own. They say `ready`, answer each line with their processor time, and end when their input does. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** @internal */
export interface Program {
  /** Processor time of the process so far, in microseconds. */
  cpuUs(): Promise<number>;
  /** Resolves when it has ended. */
  end(): Promise<void>;
}

/** Starts a program and waits until it is ready. @internal */
export async function startProgram(module: URL, args: readonly string[]): Promise<Program> {
  const child = spawn(process.execPath, [fileURLToPath(module), ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const next = await lines.next();
    if (next.done === true) throw new Error(`${fileURLToPath(module)} ended unasked`);
    return next.value;
  };
  await line();
  return {
    async cpuUs() {
      child.stdin.write('cpu\n');
      return Number(await line());
    },
    async end() {
      child.stdin.end();
      await exited;
    },
  };
}
