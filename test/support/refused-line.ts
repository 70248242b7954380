/** What the command says of a command line that it cannot work with: parsed in this process, because nothing of it may run. */
import { vi } from 'vitest';
import { program } from '../../src/cli/program.js';

/** Ends the parsing as `process.exit` would. */
class Exit extends Error {
  readonly code: unknown;

  constructor(code: unknown) {
    super(`expected the command line to be refused, got an exit with ${String(code)}`);
    this.code = code;
  }
}

/** What is printed on standard error, and the exit code. Rejects for a command line that is not refused. */
export async function refusedLine(
  args: readonly string[],
): Promise<{ readonly stderr: string; readonly code: unknown }> {
  let stderr = '';
  const spies = [
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => (stderr += String(text)) !== ''),
    vi.spyOn(process, 'exit').mockImplementation((code) => {
      throw new Exit(code);
    }),
  ];
  try {
    await program().parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof Exit) return { stderr, code: error.code };
    throw error;
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  throw new Error(`expected ${args.join(' ')} to be refused`);
}
