/** The commands of a batch: the lines of a file, or a template filled in with the values of sources. Read only as they are needed. */
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { CommandTemplate } from './command-template.js';
import { openInput, type RecordEnd, records } from './records.js';

/** A command and its number, starting at 1. @internal */
export interface CommandLine {
  readonly seq: number;
  readonly text: string;
  /** What the template was filled in with; the line itself without one. */
  readonly values: readonly string[];
}

/** Where the values of a template come from: the command line, or the records of a file (`-` is standard input). @internal */
export type Source = { readonly values: readonly string[] } | { readonly file: string };

/** What is to be run. @internal */
export interface Commands {
  /** Without it, the first source gives the commands themselves. */
  readonly template: CommandTemplate | undefined;
  /** At least one. */
  readonly sources: readonly Source[];
  readonly ends: RecordEnd;
}

/** The commands of a batch, with all files open that they come from. @internal */
export class CommandInput {
  readonly #template: CommandTemplate | undefined;
  readonly #first: Source;
  readonly #input: Readable | undefined;
  readonly #others: readonly (readonly string[])[];
  readonly #ends: RecordEnd;

  private constructor({ template, ends }: Commands, first: Source, input: Readable | undefined, others: string[][]) {
    this.#template = template;
    this.#first = first;
    this.#input = input;
    this.#others = others;
    this.#ends = ends;
  }

  /** Opens the first source and reads the others. Rejects if one cannot be read. */
  static async open(commands: Commands): Promise<CommandInput> {
    const [first = { file: '-' }, ...rest] = commands.sources;
    const input = 'file' in first ? await openInput(first.file) : undefined;
    const others: string[][] = [];
    for (const source of rest) others.push(await allOf(source, commands.ends));
    return new CommandInput(commands, first, input, others);
  }

  /**
   * The commands, in the order of the first source; for each of its values, in the order of the second, and so on. Blank lines that
   * would be commands are skipped and not counted. Ends early when `signal` aborts. Throws what `records` throws.
   */
  async *lines(signal: AbortSignal): AsyncGenerator<CommandLine> {
    let seq = 0;
    const values =
      this.#input === undefined ? valuesOf(this.#first, this.#ends) : records(this.#input, this.#ends, signal);
    for await (const first of values) {
      if (this.#template === undefined) {
        if (first.trim() === '') continue;
        seq += 1;
        yield { seq, text: first, values: [first] };
        continue;
      }
      for (const others of combinations(this.#others)) {
        if (signal.aborted) return;
        seq += 1;
        const all = [first, ...others];
        yield { seq, text: this.#template.filled(all, seq), values: all };
      }
    }
  }

  /** How many commands there are; undefined if that is known only when all have been read. */
  async count(): Promise<number | undefined> {
    const each = this.#others.reduce((product, { length }) => product * length, 1);
    if ('values' in this.#first) return this.#first.values.length * each;
    const { file } = this.#first;
    if (file === '-' || !(await stat(file)).isFile()) return undefined;
    let count = 0;
    try {
      for await (const record of records(await openInput(file), this.#ends)) {
        if (this.#template !== undefined || record.trim() !== '') count += 1;
      }
    } catch {
      // Whoever runs the commands comes to that place too, and reports it.
    }
    return count * each;
  }

  close(): void {
    this.#input?.destroy();
  }
}

async function* valuesOf(source: Source, ends: RecordEnd): AsyncGenerator<string> {
  if ('values' in source) yield* source.values;
  else yield* records(await openInput(source.file), ends);
}

async function allOf(source: Source, ends: RecordEnd): Promise<string[]> {
  const all: string[] = [];
  for await (const value of valuesOf(source, ends)) all.push(value);
  return all;
}

/** One of each list, the last varying fastest. */
function* combinations([first, ...rest]: readonly (readonly string[])[]): Generator<string[]> {
  if (first === undefined) {
    yield [];
    return;
  }
  for (const value of first) for (const others of combinations(rest)) yield [value, ...others];
}
