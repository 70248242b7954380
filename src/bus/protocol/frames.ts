/**
 * One frame is one message: a JSON object as text. Owns the way between the two and the bounds of what is read: a frame's size is
 * bounded before it gets here, its depth here, before anything walks the value. Invariant: what `decodeFrame` returns can be
 * encoded again without a deep recursion.
 */
import { reportedError } from './reported-error.js';

/** How deep arrays and objects of one message may lie in each other. */
const MAX_DEPTH = 64;

/** What a frame's text is: a value, or the reason why it is none. @internal */
export type Decoded = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };

/** Reads the text of a frame. O(length). @internal */
export function decodeFrame(text: string): Decoded {
  if (depthOf(text) > MAX_DEPTH) return { ok: false, message: `nested deeper than ${MAX_DEPTH} levels` };
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch {
    // What the parser says of it may quote the text, and with it what is nobody else's business.
    return { ok: false, message: 'not JSON' };
  }
}

/** What a message is as the text of a frame, or why it cannot be one. @internal */
export type Encoded = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string };

/** Makes a frame's text of a message whose values may be anything; `maxBytes` counts UTF-8. @internal */
export function encodeFrame(message: object, maxBytes: number): Encoded {
  let text: string;
  try {
    text = JSON.stringify(message);
  } catch (error) {
    // What says why may be of the value's own making.
    const [why] = reportedError(error).message.split('\n');
    return { ok: false, message: `it cannot be turned into JSON: ${why}` };
  }
  const bytes = Buffer.byteLength(text);
  if (bytes > maxBytes) return { ok: false, message: `${bytes} bytes, and a frame has at most ${maxBytes}` };
  const depth = depthOf(text);
  if (depth > MAX_DEPTH) return { ok: false, message: `nested deeper than ${MAX_DEPTH} levels` };
  return { ok: true, text };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/** How deep brackets are nested, those within strings left out. */
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
    } else if (OPENING.has(code)) {
      depth += 1;
      deepest = Math.max(deepest, depth);
    } else if (CLOSING.has(code)) {
      depth -= 1;
    }
  }
  return deepest;
}
