/**
 * Whether a process group has members that still run. An ended process whose parent does not wait for it stays a zombie: where
 * the first process of the system does not reap orphans, as in many containers, a group would otherwise never end.
 */
import { readdirSync, readFileSync } from 'node:fs';

// `pid (name) state ppid pgrp …`, where the name may hold anything.
const STATE_AND_GROUP = /^\d+ \(.*\) (\S) \d+ (\d+) /s;

/**
 * Whether the group exists, zombies included: the cheap check.
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
 * Whether all members of an existing group are zombies. Looks at all processes of the system; always false except on Linux.
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

/** Empty for a process that has ended in the meantime. */
function statOf(entry: string): string {
  try {
    return readFileSync(`/proc/${entry}/stat`, 'utf8');
  } catch {
    return '';
  }
}
