/** The progress of `pullgraph exec` and `run` as it looks on a terminal, which the test plays. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { JobOutput } from '../../src/cli/job-output.js';
import { type Screen, StatusLine } from '../../src/cli/status-line.js';

/** Stands for the sequence that clears a line. */
const CLEARED = '\u{E000}';

/** A terminal that knows what the status line uses: line ends, carriage returns and the clearing of a line. */
class FakeTerminal {
  readonly columns: number;
  lines: string[] = [''];
  #column = 0;

  constructor(columns: number) {
    this.columns = columns;
  }

  /** A stream of a process whose output is on this terminal. */
  stream(): Screen {
    return {
      isTTY: true,
      columns: this.columns,
      write: (chunk) => {
        this.#show(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
        return true;
      },
    };
  }

  #show(text: string): void {
    for (const piece of text.replaceAll('\u001B[2K', CLEARED)) {
      const row = this.lines.length - 1;
      if (piece === CLEARED) this.lines[row] = '';
      else if (piece === '\r') this.#column = 0;
      else if (piece === '\n') this.#newLine();
      else this.#put(piece, row);
    }
  }

  #put(character: string, row: number): void {
    const line = Array.from(this.lines[row] ?? '');
    while (line.length < this.#column) line.push(' ');
    line[this.#column] = character;
    this.lines[row] = line.join('');
    this.#column += 1;
    if (this.#column === this.columns) this.#newLine();
  }

  #newLine(): void {
    this.lines.push('');
    this.#column = 0;
  }
}

function shown(columns = 80) {
  const terminal = new FakeTerminal(columns);
  const [err, out] = [terminal.stream(), terminal.stream()];
  let text = 'status 1';
  const status = new StatusLine(err, [out], (width) => text.slice(0, width));
  const say = (next: string): void => {
    text = next;
    status.changed();
    vi.advanceTimersByTime(1_000);
  };
  return { terminal, err, out, status, say };
}

describe('the status line', () => {
  beforeEach(() => void vi.useFakeTimers());
  // Other files run in the same process afterwards.
  afterEach(() => void vi.useRealTimers());

  test('is below what is printed, to either stream, and its end is a line of its own', () => {
    const { terminal, err, out, status, say } = shown();
    say('status 1');
    out.write('output\n');
    expect(terminal.lines).toEqual(['output', '']);
    say('status 2');
    err.write(Buffer.from('error\n'));
    say('status 3');
    expect(terminal.lines).toEqual(['output', 'error', 'status 3']);
    status.stop();
    expect(terminal.lines).toEqual(['output', 'error', 'status 3', '']);
    out.write('later\n');
    expect(terminal.lines).toEqual(['output', 'error', 'status 3', 'later', '']);
  });

  test('is not drawn inside an output, which may come in pieces and end without a line end', () => {
    const { terminal, out, status, say } = shown();
    say('status 1');
    status.hold();
    out.write('one pie');
    say('status 2');
    expect(terminal.lines).toEqual(['one pie']);
    out.write('ce');
    status.release();
    expect(terminal.lines).toEqual(['one piece', 'status 2']);
    out.write('a prompt: ');
    say('status 3');
    expect(terminal.lines).toEqual(['one piece', 'a prompt: ']);
    status.stop();
    expect(terminal.lines).toEqual(['one piece', 'a prompt: ', 'status 3', '']);
  });

  test('stays away while an output is printed', async () => {
    const { terminal, status, say } = shown();
    const write = process.stdout.write.bind(process.stdout);
    const pending: (() => void)[] = [];
    process.stdout.write = ((_: unknown, done: () => void) => pending.push(done) > 0) as typeof process.stdout.write;
    try {
      const printed = new JobOutput(false).print(0, { stdout: [Buffer.from('a\n'), Buffer.from('b\n')], stderr: [] });
      await Promise.resolve();
      say('status 2');
      expect(terminal.lines).toEqual(['']);
      while (pending.length > 0) {
        pending.shift()?.();
        await Promise.resolve();
      }
      await printed;
      expect(terminal.lines).toEqual(['status 2']);
    } finally {
      process.stdout.write = write;
      status.stop();
    }
  });

  test.each([40, 60, 100, 200])('never reaches the end of a line of %i columns', (columns) => {
    const { terminal, status, say } = shown(columns);
    for (const length of [10, columns - 2, columns - 1, columns, 500]) say('x'.repeat(length));
    expect(terminal.lines).toHaveLength(1);
    status.stop();
  });
});
