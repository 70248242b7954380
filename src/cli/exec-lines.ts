/** Opens what `pullgraph exec` reads, and runs or prints its commands. */
import { Batch } from './batch.js';
import { endWithOutput } from './closed-output.js';
import { CommandInput } from './command-lines.js';
import type { ExecOptions } from './exec-options.js';
import { JobOutput } from './job-output.js';
import type { TraceFile } from './trace-file.js';

/** Resolves with the exit code. Rejects if a file cannot be opened. @internal */
export async function execLines(options: ExecOptions): Promise<number> {
  endWithOutput('exec');
  // First of all, so that a missing input file does not empty the joblog.
  const input = await CommandInput.open(options.commands);
  let trace: TraceFile | undefined;
  try {
    // Most runs do not show it.
    const shownBy = options.progress ? (await import('./progress.js')).Progress : undefined;
    trace =
      options.trace === undefined ? undefined : new (await import('./trace-file.js')).TraceFile('exec', options.trace);
    const inspection =
      options.inspect === undefined
        ? undefined
        : new (await import('./inspection.js')).Inspection('exec', options.inspect);
    return await new Batch(options, input, shownBy, trace).run(inspection);
  } finally {
    trace?.end();
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
