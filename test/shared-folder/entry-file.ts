/** The content of an entry's file with a right checksum, whatever it says. */
import { createHash } from 'node:crypto';

export function entryFile(header: object, body = ''): string {
  const first = `${JSON.stringify(header)}\n`;
  return `${first}${createHash('sha256').update(first).update(body).digest('hex')}\n${body}`;
}
