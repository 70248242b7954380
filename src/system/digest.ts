/** The hash by which content is named and checked, in stores and among machines. */
import { hash } from 'node:crypto';

/** Characters of a digest: 132 bits of SHA-256 in base64url. */
const DIGEST_LENGTH = 22;

/** @internal */
export function digestOf(data: Uint8Array | string): string {
  return hash('sha256', data, 'base64url').slice(0, DIGEST_LENGTH);
}
