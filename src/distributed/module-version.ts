/** The version of a module, where the user states none: a fingerprint of its file. What it imports is not part of it. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** The fingerprint; the empty text for a module that is no file, or cannot be read. @internal */
export async function moduleVersion(moduleHref: string): Promise<string> {
  try {
    const text = await readFile(new URL(moduleHref));
    return createHash('sha256').update(text).digest('hex').slice(0, 16);
  } catch {
    return '';
  }
}
