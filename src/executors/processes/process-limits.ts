/**
 * How many more processes and threads Linux would let this process start, as far as it says: by the limit of the user and by that
 * of the control group. A start that succeeds with the last one is a shell that cannot start its command.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A user's limit above this is not checked: counting the processes would cost more than it saves. */
const MOST_COUNTED = 4_096;

interface Limits {
  /** Undefined where the user has none that is worth checking. */
  readonly user: { readonly uid: number; readonly max: number } | undefined;
  /** The folder of the control group; undefined where it has no limit. */
  readonly groupFolder: string | undefined;
}

let found: Limits | undefined;

/** Infinity where there is no limit, or where the system does not say. @internal */
export function processesLeft(): number {
  if (process.platform !== 'linux') return Infinity;
  const { user, groupFolder } = (found ??= limits());
  const leftOfUser = user === undefined ? Infinity : user.max - tasksOf(user.uid);
  if (groupFolder === undefined) return leftOfUser;
  const leftOfGroup = numberIn(join(groupFolder, 'pids.max')) - numberIn(join(groupFolder, 'pids.current'));
  return Number.isNaN(leftOfGroup) ? leftOfUser : Math.min(leftOfUser, leftOfGroup);
}

function limits(): Limits {
  const uid = process.getuid?.() ?? 0;
  const max = Number(/^Max processes +(\d+)/m.exec(textOf('/proc/self/limits'))?.[1] ?? Infinity);
  const group = /^0::(.*)$/m.exec(textOf('/proc/self/cgroup'))?.[1];
  const groupFolder = group === undefined ? '' : join('/sys/fs/cgroup', group);
  return {
    // The limit does not hold for root.
    user: uid === 0 || max > MOST_COUNTED ? undefined : { uid, max },
    groupFolder: Number.isFinite(numberIn(join(groupFolder, 'pids.max'))) ? groupFolder : undefined,
  };
}

/** How many threads the processes of the user have. */
function tasksOf(uid: number): number {
  let tasks = 0;
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const status = textOf(`/proc/${entry}/status`);
    if (Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]) === uid)
      tasks += Number(/^Threads:\s+(\d+)/m.exec(status)?.[1] ?? 1);
  }
  return tasks;
}

/** NaN for a file that is not there or holds no number. */
function numberIn(path: string): number {
  const text = textOf(path).trim();
  return text === '' ? Number.NaN : Number(text);
}

/** Empty for a file that is not there, or is not any more. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
