/**
 * File names for tasks: maps every well-formed Unicode id to a name that is valid on every file system. Different ids get different
 * names, even on case-insensitive file systems.
 */
import { createHash } from 'node:crypto';

/** Longer names are cut and completed with a hash. File systems allow 255 bytes; the rest is for prefix and suffix. */
const MAX_LENGTH = 120;

const KEPT = 80;

/**
 * The name of entry `slot` of the task `id`: `task-<name>.<slot>`. Small letters, digits and hyphens are kept, every other byte is
 * written as `%xx`; a long name is cut and completed with `~` and 128 bits of the id's hash.
 *
 * @internal
 */
export function entryFileName(id: string, slot: number): string {
  return `task-${escaped(id)}.${slot}`;
}

/** The name of a participant's heartbeat file. @internal */
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
