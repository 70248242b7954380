/**
 * The process groups that this process has started and that have not ended. They are killed when this process exits, or when a
 * signal ends it for which there is no other listener; an application with a listener of its own decides itself. Of other ends,
 * such as SIGKILL, the process does not hear: there group-watcher.ts does it.
 *
 * Invariant: the listeners are installed exactly while there is a living group.
 */

interface Killable {
  kill(): void;
}

const FATAL: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

const living = new Set<Killable>();

/** Marks the listeners of all loaded copies of this file. */
const MARK = Symbol.for('pullgraph.living-groups');

/**
 * Has the group killed when this process ends.
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
 * Forgets a group that has ended.
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

/** Without this listener the signal would end the process, so the listener must do so too; of several copies the last does. */
function dieOf(signal: NodeJS.Signals): void {
  if (process.listeners(signal).some((listener) => !Reflect.has(listener, MARK))) return;
  killAll();
  process.off(signal, dieOf);
  process.kill(process.pid, signal);
}

Object.defineProperty(dieOf, MARK, { value: true });
