/** Packages that only some parts of pullgraph need, and that are installed by those who use these parts. */
import { SchedulerError } from './failures.js';

/**
 * What `load` imports, for `user`: a part of pullgraph as a message names it.
 *
 * @throws SchedulerError `MissingPackage` where the package `name` is not installed; whatever else `load` throws.
 * @internal
 */
export async function neededPackage<T>(name: string, user: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if (!isNotFound(cause, name)) throw cause;
    throw new SchedulerError('MissingPackage', `${user} needs the package ${name}: npm install ${name}`, { cause });
  }
}

/** Not found is the package itself, rather than something that it imports. */
function isNotFound(error: unknown, name: string): boolean {
  if (!(error instanceof Error && 'code' in error)) return false;
  return error.code === 'ERR_MODULE_NOT_FOUND' && error.message.includes(`'${name}'`);
}
