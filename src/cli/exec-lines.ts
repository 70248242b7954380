/** Opens what `pullgraph exec` reads, and runs or prints its commands. */
import { Batch } from './batch.js';
import { endWithOutput } from './closed-output.js';
import { CommandInput } from './command-lines.js';
import type { ExecOptions } from './exec-options.js';
import { JobOutput } from './job-output.js';
import type { Progress } from './progress.js';

/** Resolves with the exit code. Rejects if a file cannot be opened. @internal */
export async function execLines(options: ExecOptions): Promise<number> {
  endWithOutput('exec');
  // First of all, so that a missing input file does not empty the joblog.
  const input = await CommandInput.open(options.commands);
  try {
    const startProgress = options.progress ? await progressStarter() : undefined;
    const batch = new Batch(options, input, startProgress);
    return await batch.run();
  } finally {
    input.close();
  }
}

/** Prints the commands in place of running them. @internal */
export async function printLines(options: ExecOptions): Promise<number> {
  endWithOutput('exec');
  const input = await CommandInput.open(options.commands);
  const output = new JobOutput(false);
  for await (const { text } of input.lines(new AbortController().signal)) {
    await output.print(0, { stdout: [Buffer.from(`${text}\n`)], stderr: [] });
  }
  return 0;
}

/** Loads the progress bar, which most runs do not show. */
async function progressStarter(): Promise<() => Progress> {
  const progress = await import('./progress.js');
  return () => new progress.Progress(true);
}
