/** Lets a module import pullgraph where it is not installed beside it: then it gets the package that the command belongs to. */
import { createRequire, register } from 'node:module';
import { pathToFileURL } from 'node:url';

/** Resolves what the module's own folder does not have from the place of this file, which is in the package. */
const HOOK = `
let own;
export function initialize(place) { own = place; }
export async function resolve(name, context, next) {
  try {
    return await next(name, context);
  } catch (error) {
    if (!/^pullgraph(\\/|$)/.test(name)) throw error;
    return next(name, { ...context, parentURL: own });
  }
}`;

/** Call before the module at `path` is loaded. @internal */
export function offerOwnPackage(path: string): void {
  try {
    createRequire(pathToFileURL(path)).resolve('pullgraph/package.json');
  } catch {
    register(`data:text/javascript,${encodeURIComponent(HOOK)}`, { data: import.meta.url });
  }
}
