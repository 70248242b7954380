/**
 * Encodes messages as frames and decodes them: one frame is one JSON object as text. The socket bounds the size of a frame, this
 * file its nesting, before any code walks the value. Invariant: a decoded value can be encoded again without deep recursion.
 */
import { reportedError } from './reported-error.js';

/** Maximum nesting of arrays and objects in one message. */
const MAX_DEPTH = 64;

/** A decoded value, or the reason why the text is not one. @internal */
export type Decoded = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };

/** Decodes the text of a frame. O(length). @internal */
export function decodeFrame(text: string): Decoded {
  if (depthOf(text) > MAX_DEPTH) return { ok: false, message: `nested deeper than ${MAX_DEPTH} levels` };
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch {
    // The parser's own message may quote the text, which can hold secrets.
    return { ok: false, message: 'not JSON' };
  }
}

/** The text of a frame, or the reason why the message cannot be encoded. @internal */
export type Encoded = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string };

/** Encodes a message, whose values may be anything; `maxBytes` counts UTF-8. @internal */
export function encodeFrame(message: object, maxBytes: number): Encoded {
  let text: string;
  try {
    text = JSON.stringify(message);
  } catch (error) {
    // The error may come from the value's own `toJSON`, so it is not trusted.
    const [why] = reportedError(error).message.split('\n');
    return { ok: false, message: `it cannot be converted to JSON: ${why}` };
  }
  const bytes = Buffer.byteLength(text);
  if (bytes > maxBytes) return { ok: false, message: `${bytes} bytes, but a frame holds at most ${maxBytes}` };
  const depth = depthOf(text);
  if (depth > MAX_DEPTH) return { ok: false, message: `nested deeper than ${MAX_DEPTH} levels` };
  return { ok: true, text };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** With this bit, the codes of `[` and `{` are one, and those of `]` and `}`. */
const CURLY = 0x20;
const OPENING = 0x7b;
const CLOSING = 0x7d;

/** The nesting of brackets outside strings. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isInString) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) isInString = false;
    } else if (code === QUOTE) {
      isInString = true;
    } else if ((code | CURLY) === OPENING) {
      depth += 1;
      deepest = Math.max(deepest, depth);
    } else if ((code | CURLY) === CLOSING) {
      depth -= 1;
    }
  }
  return deepest;
}
