/**
 * Text of others for a terminal: names, values and error messages that come from a bus. Raw, they could move the cursor, change the
 * window's title, or forge lines of the output.
 */

/** Control characters, line separators, halves of surrogate pairs, and the marks that reorder text. */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

const SHORT: ReadonlyMap<string, string> = new Map([
  ['\n', String.raw`\n`],
  ['\r', String.raw`\r`],
  ['\t', String.raw`\t`],
]);

/** The text with every character that a terminal might obey replaced by an escape such as `\u{1b}`: always one line. @internal */
export function printable(text: string): string {
  return text.replaceAll(UNSAFE, (character) => SHORT.get(character) ?? escapeOf(character));
}

function escapeOf(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
