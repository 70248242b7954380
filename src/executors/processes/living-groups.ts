/**
 * The process groups that this process has started and not seen the end of, so that none outlives it: they are killed
 * when it exits, and when a signal ends it that nobody else listens for. Where the application listens, ending is its
 * own affair. What kills a process without its knowing (SIGKILL) is not to be met here.
 */

interface Killable {
  kill(): void;
}

const FATAL: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

const living = new Set<Killable>();

/** What a listener has that is one of these, of whatever loaded copy of this file. */
const MARK = Symbol.for('pullgraph.living-groups');

/**
 * From now on the group is killed when this process ends.
 *
 * @internal
 */
export function noteGroup(group: Killable): void {
  if (living.size === 0) {
    process.on('exit', killAll);
    for (const signal of FATAL) process.on(signal, dieOf);
  }
  living.add(group);
}

/**
 * The group has ended.
 *
 * @internal
 */
export function forgetGroup(group: Killable): void {
  if (!living.delete(group) || living.size > 0) return;
  process.off('exit', killAll);
  for (const signal of FATAL) process.off(signal, dieOf);
}

function killAll(): void {
  for (const group of living) group.kill();
}

/** Without this listener the signal would end the process, so it has to end it all the same; of several copies the last does. */
function dieOf(signal: NodeJS.Signals): void {
  if (process.listeners(signal).some((listener) => !Reflect.has(listener, MARK))) return;
  killAll();
  process.off(signal, dieOf);
  process.kill(process.pid, signal);
}

Object.defineProperty(dieOf, MARK, { value: true });
