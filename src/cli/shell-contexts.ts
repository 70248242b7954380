/**
 * Where in a script of the shell a value is to stand, and how it must be written there to be that value and nothing else. Covers the
 * shells that read scripts as POSIX says: sh, dash, bash, ksh, zsh.
 *
 * Invariant: a value never becomes code. A place of which that is not certain is refused.
 */

/**
 * How the shell reads a place: as code, as code before `<` or `>`, as text in quotes, or as a number in `$((…))`.
 *
 * @internal
 */
export type ShellContext = 'plain' | 'redirected' | 'double' | 'single' | 'arithmetic';

/** A value that means itself wherever it stands. */
const HARMLESS = /^[A-Za-z0-9_./:@%+,-]+$/;

const INTEGER = /^-?\d+$/;

/**
 * Writes a value so that the shell reads exactly that value in the context.
 *
 * @throws Error for a value that is no integer in arithmetic.
 * @internal
 */
export function quotedFor(context: ShellContext, value: string): string {
  switch (context) {
    case 'plain':
      return HARMLESS.test(value) ? value : quotedFor('redirected', value);
    case 'redirected':
      // A bare number would be the descriptor to redirect.
      return `'${quotedFor('single', value)}'`;
    case 'double':
      return value.replaceAll(/["$`\\]/g, '\\$&');
    case 'single':
      return value.replaceAll("'", `'\\''`);
    case 'arithmetic':
      if (INTEGER.test(value)) return value;
      throw new Error(`${JSON.stringify(value)} is no integer, which $((…)) needs`);
  }
}

/** Writes a reference to a variable that holds an integer. @internal */
export function variableFor(context: ShellContext, name: string): string {
  return context === 'single' ? `'\${${name}}'` : `\${${name}}`;
}

/** What has been opened and not closed; `depth` counts the parentheses inside. */
interface Frame {
  readonly kind: ShellContext | 'substitution' | 'parameter';
  depth: number;
}

/** Follows a script from its beginning, and knows the context of the place that it has come to. @internal */
export class ShellReader {
  readonly #frames: Frame[] = [{ kind: 'plain', depth: 0 }];
  /** Why no value may stand from here on. */
  #refusal: string | undefined;
  #read = '';

  /** Reads on. The parts of a script may be cut anywhere but within `$((`. */
  read(part: string): void {
    for (let at = 0; at < part.length; ) at += this.#step(part.slice(at));
  }

  /** @throws Error where a value cannot stand safely. */
  context(): ShellContext {
    if (this.#refusal !== undefined) throw new Error(this.#refusal);
    if (this.#read.endsWith('$')) throw new Error('a value cannot stand after $');
    // Quotes do not change what is around them, but a substitution is a script of its own.
    const kinds = this.#frames.map(({ kind }) => kind);
    const inner = kinds.slice(kinds.lastIndexOf('substitution') + 1);
    if (inner.includes('parameter')) throw new Error('a value cannot stand inside ${…}');
    if (inner.includes('arithmetic')) return 'arithmetic';
    const quotes = inner.at(-1);
    return quotes === 'double' || quotes === 'single' ? quotes : 'plain';
  }

  get #frame(): Frame {
    const last = this.#frames.at(-1);
    if (last === undefined) throw new Error('expected a frame, got none');
    return last;
  }

  /** Takes one character, or several that belong together; returns how many. */
  #step(rest: string): number {
    const frame = this.#frame;
    const taken = frame.kind === 'single' ? this.#single(rest) : this.#other(frame, rest);
    this.#read += rest.slice(0, taken);
    return taken;
  }

  #single(rest: string): number {
    if (rest.startsWith("'")) this.#frames.pop();
    return 1;
  }

  #other(frame: Frame, rest: string): number {
    if (rest.startsWith('\\')) {
      if (rest.length === 1) this.#refuse('a backslash cannot stand before a value');
      return 2;
    }
    if (rest.startsWith('`')) return this.#refuse('a value cannot stand after a backquote: use $(…)');
    if (rest.startsWith('$((')) return this.#open('arithmetic', 3);
    if (rest.startsWith('$(')) return this.#open('substitution', 2);
    if (rest.startsWith('${')) return this.#open('parameter', 2);
    if (rest.startsWith('"')) return frame.kind === 'double' ? this.#close(1) : this.#open('double', 1);
    if (frame.kind === 'double') return 1;
    if (rest.startsWith('$[')) return this.#refuse('a value cannot stand after $[: use $((…))');
    if (rest.startsWith("$'")) return this.#refuse(`a value cannot stand after $'…'`);
    if (rest.startsWith("'")) {
      // Whether these are quotes depends on the shell and on what is around them.
      const isCertain = frame.kind === 'plain' || frame.kind === 'substitution';
      return isCertain ? this.#open('single', 1) : this.#refuse("a value cannot stand after ' inside ${…} or $((…))");
    }
    if (frame.kind === 'parameter') return rest.startsWith('}') ? this.#close(1) : 1;
    if (frame.kind === 'arithmetic') return this.#parenthesis(frame, rest, '))');
    return this.#code(frame, rest);
  }

  #code(frame: Frame, rest: string): number {
    const isWordStart = /(^|[\s;&|()])$/.test(this.#read);
    if (rest.startsWith('<<')) return this.#refuse('a value cannot stand after <<');
    if (rest.startsWith('((')) return this.#open('arithmetic', 2);
    if (rest.startsWith('#') && isWordStart) return this.#refuse('a value cannot stand after a comment');
    // The patterns of a case end in parentheses that were not opened.
    if (frame.kind === 'substitution' && isWordStart && /^case\b/.test(rest)) {
      return this.#refuse('a value cannot stand after a case inside $(…)');
    }
    return frame.kind === 'substitution' ? this.#parenthesis(frame, rest, ')') : 1;
  }

  #parenthesis(frame: Frame, rest: string, end: string): number {
    if (rest.startsWith('(')) frame.depth += 1;
    else if (frame.depth === 0 && rest.startsWith(end)) return this.#close(end.length);
    else if (rest.startsWith(')')) frame.depth -= 1;
    return 1;
  }

  #open(kind: Frame['kind'], length: number): number {
    this.#frames.push({ kind, depth: 0 });
    return length;
  }

  #close(length: number): number {
    this.#frames.pop();
    return length;
  }

  #refuse(why: string): number {
    this.#refusal ??= why;
    return 1;
  }
}
