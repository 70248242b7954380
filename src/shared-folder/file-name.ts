/**
 * Names of files for tasks: any id that is well-formed Unicode becomes a name that every file system takes, and two of them never
 * the same one, also where capital and small letters are not told apart.
 */
import { createHash } from 'node:crypto';

/** Longer names are cut here and ended by a hash; file systems take 255 bytes, of which the rest is left for what is added. */
const MAX_LENGTH = 120;

const KEPT = 80;

/**
 * The name of entry `slot` of the task `id`: `task-<name>.<slot>`. Small letters, digits and hyphens stay, every other byte
 * is written `%xx`; a long name is cut and ended by `~` and 128 bits of its hash.
 *
 * @internal
 */
export function entryFileName(id: string, slot: number): string {
  return `task-${escaped(id)}.${slot}`;
}

/** The name of the file in which a participant shows that it is alive. @internal */
export function beatFileName(participant: string): string {
  return `beat-${participant}`;
}

function escaped(id: string): string {
  let name = '';
  for (const byte of Buffer.from(id, 'utf8')) {
    const character = String.fromCharCode(byte);
    name += /[a-z0-9-]/.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`;
  }
  if (name.length <= MAX_LENGTH) return name;
  const hash = createHash('sha256').update(id, 'utf8').digest('hex').slice(0, 32);
  return `${name.slice(0, KEPT)}~${hash}`;
}
