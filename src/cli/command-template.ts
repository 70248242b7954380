/**
 * A command with replacement strings, in the notation of GNU parallel: `{}` the value, `{.}` without its extension, `{/}` without its
 * folder, `{//}` its folder, `{/.}` both, `{#}` the number of the command, `{%}` the number of its slot; `{2}`, `{2.}` and so on for
 * the value of the second source. Values are quoted for the place where they stand.
 */
import { quotedFor, type ShellContext, ShellReader, variableFor } from './shell-contexts.js';

/** The variables of a command, as GNU parallel sets them: its number, and the number of its slot. @internal */
export const SEQ_VARIABLE = 'PARALLEL_SEQ';
/** @internal */
export const SLOT_VARIABLE = 'PARALLEL_JOBSLOT';

const REPLACEMENT = /\{(\d*)(\.|\/\/|\/\.|\/)?\}|\{([#%])\}/g;

/** What the marks make of a value. */
const FORMS: Readonly<Record<string, (value: string) => string>> = {
  '': (value) => value,
  '.': withoutExtension,
  '/': baseName,
  '//': folderOf,
  '/.': (value) => withoutExtension(baseName(value)),
};

type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'seq'; readonly context: ShellContext }
  | { readonly kind: 'slot'; readonly context: ShellContext }
  | {
      readonly kind: 'value';
      readonly context: ShellContext;
      /** Of which source, from 1; 0 for all. */
      readonly source: number;
      readonly form: (value: string) => string;
    };

/** Whether the text has a replacement string. @internal */
export function hasReplacement(text: string): boolean {
  return text.search(REPLACEMENT) >= 0;
}

/** A command to fill in. @internal */
export class CommandTemplate {
  readonly #parts: readonly Part[];
  /** The highest number of a source that it names; 0 if none. */
  readonly mostSource: number;

  /**
   * Without a replacement string, the values are the last arguments.
   *
   * @throws Error if a replacement string stands where a value could become code.
   */
  constructor(text: string) {
    this.#parts = partsOf(hasReplacement(text) ? text : `${text} {}`);
    this.mostSource = Math.max(0, ...this.#parts.map((part) => (part.kind === 'value' ? part.source : 0)));
  }

  /** Whether it names the slot, which is known only when a command starts. */
  get namesSlot(): boolean {
    return this.#parts.some(({ kind }) => kind === 'slot');
  }

  /** The command for the values, one of each source. */
  filled(values: readonly string[], seq: number): string {
    return this.#parts.map((part) => written(part, values, seq)).join('');
  }
}

function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  const reader = new ShellReader();
  let end = 0;
  for (const found of text.matchAll(REPLACEMENT)) {
    const before = text.slice(end, found.index);
    reader.read(before);
    end = found.index + found[0].length;
    const isRedirected = /^[<>]/.test(text.slice(end));
    parts.push({ kind: 'text', text: before }, replacementOf(found, reader, isRedirected));
    // To the shell the value is some word: what follows does not begin one.
    reader.read('x');
  }
  parts.push({ kind: 'text', text: text.slice(end) });
  return parts;
}

function replacementOf(
  [all, source = '', form = '', other]: RegExpMatchArray,
  reader: ShellReader,
  isRedirected: boolean,
): Part {
  let context: ShellContext;
  try {
    context = reader.context();
    if (context === 'plain' && isRedirected) context = 'redirected';
  } catch (error) {
    throw new Error(`${all}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  if (other !== undefined) return { kind: other === '#' ? 'seq' : 'slot', context };
  return { kind: 'value', context, source: Number(source), form: FORMS[form] ?? String };
}

function written(part: Part, values: readonly string[], seq: number): string {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'seq':
      return quotedFor(part.context, String(seq));
    case 'slot':
      return variableFor(part.context, SLOT_VARIABLE);
    case 'value': {
      const { context, source, form } = part;
      const chosen = source === 0 ? values : values.slice(source - 1, source);
      return chosen.map((value) => quotedFor(context, form(value))).join(' ');
    }
  }
}

/** `a/b.tar.gz` is `a/b.tar`; a dot in a folder's name begins no extension. */
function withoutExtension(value: string): string {
  return value.replace(/\.[^/.]*$/, '');
}

function baseName(value: string): string {
  return value.slice(value.lastIndexOf('/') + 1);
}

function folderOf(value: string): string {
  const end = value.lastIndexOf('/');
  if (end < 0) return '.';
  return end === 0 ? '/' : value.slice(0, end);
}
