/**
 * Whether a process group has members that still run. A process whose parent has ended and that nobody waits for stays a
 * zombie: where the first process of the system does not clear them away, as in many containers, a group would never end.
 */
import { readdirSync, readFileSync } from 'node:fs';

// `pid (name) state ppid pgrp …`, where the name may hold anything.
const STATE_AND_GROUP = /^\d+ \(.*\) (\S) \d+ (\d+) /s;

/**
 * Whether the group exists: the cheap question, which counts zombies.
 *
 * @internal
 */
export function groupExists(pgid: number): boolean {
  try {
    process.kill(-pgid, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether all members of the group, which exists, are zombies. Looks through all processes; only Linux tells.
 *
 * @internal
 */
export function isGroupOfZombies(pgid: number): boolean {
  if (process.platform !== 'linux') return false;
  let zombies = 0;
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const [, state, group] = STATE_AND_GROUP.exec(statOf(entry)) ?? [];
    if (group !== String(pgid)) continue;
    if (state !== 'Z' && state !== 'X') return false;
    zombies += 1;
  }
  return zombies > 0;
}

/** Empty for a process that has ended meanwhile. */
function statOf(entry: string): string {
  try {
    return readFileSync(`/proc/${entry}/stat`, 'utf8');
  } catch {
    return '';
  }
}
