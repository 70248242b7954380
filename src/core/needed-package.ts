/** Optional packages, which only some parts of pullgraph need. Users of those parts install them. */
import { isInstance } from './user-value.js';
import { SchedulerError } from './failures.js';

/**
 * Imports a package by `load`. `user` is the part of pullgraph that needs it, for the message.
 *
 * @throws SchedulerError `MissingPackage` if the package `name` is not installed; any other error of `load`.
 * @internal
 */
export async function neededPackage<T>(name: string, user: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw isNotFound(cause, name) ? missing(name, user, cause) : cause;
  }
}

/** As `neededPackage`, at once: `load` requires the package. @internal */
export function requiredPackage<T>(name: string, user: string, load: () => T): T {
  try {
    return load();
  } catch (cause) {
    throw isNotFound(cause, name) ? missing(name, user, cause) : cause;
  }
}

function missing(name: string, user: string, cause: unknown): SchedulerError {
  return new SchedulerError('MissingPackage', `${user} needs the package ${name}: npm install ${name}`, { cause });
}

/** Whether the package itself is missing, rather than one that it imports. */
function isNotFound(error: unknown, name: string): boolean {
  if (!(isInstance(error, Error) && 'code' in error)) return false;
  const { code } = error;
  return (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') && error.message.includes(`'${name}'`);
}
