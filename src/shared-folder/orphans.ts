/**
 * Commands whose participant has died. A command carries a mark in its environment, which the processes that it starts inherit; so
 * whoever takes over its task on the same computer finds what is left of it. Works on Linux, for processes of the same user.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

/** The variable that holds the mark. @internal */
export const MARK_VARIABLE = 'PULLGRAPH_SHARED_TASK';

const LOOK_MS = 20;

/** How often what is left is looked at, about a second long, before SIGTERM is followed by SIGKILL. */
const LOOKS_OF_GRACE = 50;

/** The mark of a task's command that a participant runs. @internal */
export function markOf(participant: string, id: string): string {
  return `${participant}:${createHash('sha256').update(id).digest('hex').slice(0, 32)}`;
}

/**
 * Ends the processes with the mark: by SIGTERM, and after about a second by SIGKILL. Resolves when there are none any more or `isWanted`
 * returns false.
 *
 * @internal
 */
export async function endMarked(mark: string, isWanted: () => boolean): Promise<void> {
  if (process.platform !== 'linux') return;
  const told = new Set<number>();
  let pids = marked(mark);
  for (let looks = 0; pids.length > 0 && isWanted(); looks += 1) {
    for (const pid of pids) {
      if (looks >= LOOKS_OF_GRACE) signal(pid, 'SIGKILL');
      else if (!told.has(pid)) signal(pid, 'SIGTERM');
      told.add(pid);
    }
    await wait(LOOK_MS);
    pids = marked(mark);
  }
}

function marked(mark: string): number[] {
  const entry = `\0${MARK_VARIABLE}=${mark}\0`;
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => `\0${environmentOf(pid)}`.includes(entry)).map(Number);
}

/** Empty for a process that has ended, or belongs to another user. */
function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}
