/**
 * A small process that outlives this one by a moment: it ends the process groups that were living when this process ended. It
 * knows of the end by its standard input, a pipe that the system closes however a process ends, by SIGKILL too.
 *
 * One watcher serves all groups of this process. It is a shell, which takes a tenth of the memory of a Node process; it leads a
 * session of its own, so that neither the end of the terminal nor Ctrl-C ends it before this process. It does not keep this
 * process alive, and ends when there has been no group for `REST_MS`.
 *
 * Invariant: as long as a watcher runs, it has been told of every group that is living.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';

/** For how long a watcher without groups is kept for the next. */
const REST_MS = 5_000;

/** Reads `+ GROUP` and `- GROUP`, one a line; at the end of its input it ends the groups that are left: each has a second to clean up. */
const SCRIPT = `
groups=' '
while read -r sign group; do
  case $sign in
    +) groups="$groups$group " ;;
    -) groups="\${groups%%" $group "*} \${groups#*" $group "}" ;;
  esac
done
[ "$groups" = ' ' ] && exit
for group in $groups; do kill -15 "-$group"; done
sleep 1
for group in $groups; do kill -9 "-$group"; done`;

const groups = new Set<number>();
let watcher: ChildProcess | undefined;
let rest: NodeJS.Timeout | undefined;
/** A watcher that ends too early is replaced once for each new group: one that cannot run must not be started for ever. */
let isReplaceable = true;

/** Has the group killed when this process ends, however it does. POSIX only. @internal */
export function watchGroup(pgid: number): void {
  clearTimeout(rest);
  isReplaceable = true;
  groups.add(pgid);
  if (watcher === undefined) watcher = startWatcher();
  else tell(watcher, `+ ${pgid}\n`);
}

/** Forgets a group that has ended. @internal */
export function unwatchGroup(pgid: number): void {
  if (!groups.delete(pgid) || watcher === undefined) return;
  tell(watcher, `- ${pgid}\n`);
  if (groups.size === 0) rest = setTimeout(dismiss, REST_MS).unref();
}

function dismiss(): void {
  watcher?.stdin?.end();
  watcher = undefined;
}

function startWatcher(): ChildProcess {
  const started = spawn('/bin/sh', ['-c', SCRIPT, 'pullgraph-watcher'], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const ended = (): void => {
    if (watcher !== started) return;
    watcher = undefined;
    if (groups.size === 0 || !isReplaceable) return;
    isReplaceable = false;
    watcher = startWatcher();
  };
  started.on('error', ended);
  started.on('exit', ended);
  started.stdin.on('error', ended);
  started.unref();
  if (started.stdin instanceof Socket) started.stdin.unref();
  tell(started, [...groups].map((pgid) => `+ ${pgid}\n`).join(''));
  return started;
}

function tell({ stdin }: ChildProcess, lines: string): void {
  if (stdin?.writable === true) stdin.write(lines);
}
